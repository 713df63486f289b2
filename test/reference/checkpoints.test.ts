import { existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src-main/files/open-checkpoint';
import { valuesOf } from '../../src-main/files/torch/tensor-types';
import { UserError } from '../../src-preload/shared/domain/errors';
import { referenceJson, referencePath } from './reference-folder';

type Expected = Record<string, { dtype: string; shape: number[]; values: number[] }>;

const files = readdirSync(referencePath('checkpoints'));
const refused = files.filter((name) => /^(hostile|truncated)/.test(name));
const whole = files.filter((name) => !name.endsWith('.json') && !refused.includes(name));
const expected = referenceJson<Expected>('checkpoints', 'tiny_expected.json');

describe.each(whole)('%s', (name) => {
  test('every tensor, exactly', async () => {
    const checkpoint = await openCheckpoint(referencePath('checkpoints', name));
    const prefix = [...checkpoint.tensors.keys()].every((key) => key.startsWith('module.')) ? 'module.' : '';
    expect(new Set(checkpoint.tensors.keys())).toEqual(new Set(Object.keys(expected).map((key) => prefix + key)));
    for (const [key, { dtype, shape, values }] of Object.entries(expected)) {
      const { type, shape: found } = checkpoint.tensors.get(prefix + key)!;
      expect({ type, shape: [...found] }, key).toEqual({ type: dtype, shape });
      const read = valuesOf(type, await checkpoint.readBytes(prefix + key));
      expect(Array.from(read as ArrayLike<number | bigint>, Number), key).toEqual(values);
    }
    await checkpoint.close();
  });

  test('cut at any place it is refused with a clear error', async () => {
    const bytes = readFileSync(referencePath('checkpoints', name));
    const path = join(mkdtempSync(join(tmpdir(), 'syncact-cut-')), name);
    for (let length = bytes.length - 1; length > 20; length -= 97) {
      writeFileSync(path, bytes);
      truncateSync(path, length);
      await expect(openCheckpoint(path), `${length} bytes`).rejects.toThrow(UserError);
    }
  });
});

describe.each(refused)('%s', (name) => {
  test('is refused by what it asks for, without a side effect', async () => {
    const path = referencePath('checkpoints', name);
    const before = process.memoryUsage().rss;
    const started = performance.now();
    const caught: unknown = await openCheckpoint(path).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(caught).toBeInstanceOf(UserError);
    const { file, found, what } = (caught as UserError).details;
    expect(file).toBe(path);
    expect(`${what} ${found}`).toMatch(/posix\.system|__builtin__\.eval|nested|cut short|header|offset|–|bytes/);
    expect(existsSync('/tmp/pwned')).toBe(false);
    // Nothing is unpacked or reserved for what a file claims; generous, for a test machine under load.
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
