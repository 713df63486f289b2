import { expect, test } from 'vitest';
import { z } from 'zod';
import { jobInputs } from '../../../src-preload/shared/contract/job-inputs';
import { path, pathsIn, schemasIn } from '../../../src-preload/shared/contract/paths';
import { routeInputs } from '../../../src-preload/shared/contract/routes';

const inputs: [string, z.ZodType][] = [...Object.entries(routeInputs), ...Object.entries(jobInputs)];

test('paths are found in objects, lists, unions, tuples and behind defaults', () => {
  const schema = z.strictObject({
    one: path.optional(),
    many: z.array(path).default([]),
    either: z.union([z.strictObject({ inside: path }), z.strictObject({ name: z.string() })]).nullable(),
    both: z.tuple([path, z.number()]),
    text: z.string(),
  });
  const value = { one: '/1', many: ['/2', '/3'], either: { inside: '/4' }, both: ['/5', 1], text: '/no' };
  expect(pathsIn(schema, schema.parse(value))).toEqual(['/1', '/2', '/3', '/4', '/5']);
  expect(pathsIn(schema, schema.parse({ either: null, both: ['/5', 1], text: '/no' }))).toEqual(['/5']);
  expect(pathsIn(schema, schema.parse({ either: { name: '/no' }, both: ['/5', 1], text: '' }))).toEqual(['/5']);
});

test('a kind of schema that the walk does not know is an error, not passed over', () => {
  expect(() => pathsIn(z.strictObject({ a: z.record(z.string(), path) }), { a: { b: '/etc' } })).toThrow(/type "record"/);
  expect(() => path.parse('/data\0/etc')).toThrow(/NUL/);
});

test('the schema of every route and job can be walked, and lets nothing pass unseen but settings of jobs', () => {
  const unknown = inputs.filter(([, schema]) => schemasIn(schema).some((one) => one.def.type === 'unknown'));
  expect(unknown.map(([name]) => name)).toEqual(['jobs.start']);
});

/** Names of settings that are paths, and the settings of that name that are none. */
const PATH_NAMES = /^(file|files|folder|path|mask|like|video|bids|template|table|database|nimare|maps|names)$/;
const NO_PATHS = ['app.forgetRecent folder'];

test('a setting that is called like a path is one', () => {
  const plain = inputs.flatMap(([name, schema]) =>
    schemasIn(schema).flatMap((one) =>
      Object.entries((one.def as { shape?: Record<string, z.ZodType> }).shape ?? {})
        .filter(([setting, part]) => PATH_NAMES.test(setting) && holdsText(part))
        .map(([setting]) => `${name} ${setting}`),
    ),
  );
  expect(plain).toEqual(NO_PATHS);
});

function holdsText(schema: z.ZodType): boolean {
  return schemasIn(schema).some((one) => one.def.type === 'string' && (one as unknown) !== path);
}
