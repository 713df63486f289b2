import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderAccess } from '../../../src-main/api/path-access';
import { Workstation } from '../../../src-main/api/workstation';
import type { SavedFigure } from '../../../src-preload/shared/contract/figures';
import { makeSmallCoupling } from './small-coupling';

let folder: string;
let workstation: Workstation;
const told: unknown[] = [];

beforeEach(async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'syncact-figures-')));
  folder = makeSmallCoupling(root).folder;
  const paths = new FolderAccess([root], 'choose another');
  workstation = new Workstation({ host: 'browser', program: 'a test', stateFile: join(root, 'recent.json'), paths });
  await workstation.answer('app.open', { folder });
  told.length = 0;
  workstation.listen((event, detail) => told.push([event, detail]));
});
afterEach(() => workstation.close());

const list = async () => {
  const reply = await workstation.answer('figures.list', {});
  return reply.ok ? (reply.data as SavedFigure[]) : [];
};

test('a figure is saved as the file that the command takes, listed, written over and removed', async () => {
  expect(await list()).toEqual([]);
  const name = 'Figure 4 (best)';
  expect(await workstation.answer('figures.save', { name, spec: { kind: 'matrix', widthMm: 89 } })).toMatchObject({ ok: true });
  const file = join(folder, 'figures', `${name}.json`);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ kind: 'matrix', widthMm: 89, direction: 'fbn-to-filter' });
  await workstation.answer('figures.save', { name, spec: { kind: 'matrix', widthMm: 183 } });
  expect(await list()).toMatchObject([{ name, spec: { widthMm: 183 }, problem: null }]);
  expect(told.at(-1)).toEqual(['project.changed', { topics: ['figures'] }]);
  expect(await workstation.answer('figures.remove', { name })).toMatchObject({ ok: true });
  expect(existsSync(file)).toBe(false);
  expect(await workstation.answer('figures.remove', { name })).toMatchObject({ ok: false });
});

test('a saved file that is no figure is listed with what is wrong, and does not hide the others', async () => {
  await workstation.answer('figures.save', { name: 'good', spec: { kind: 'regression' } });
  mkdirSync(join(folder, 'figures'), { recursive: true });
  writeFileSync(join(folder, 'figures/broken.json'), '{');
  writeFileSync(join(folder, 'figures/wide.json'), '{"kind":"matrix","widthMm":4000}');
  const found = await list();
  expect(found.map(({ name, spec }) => [name, spec?.kind ?? null])).toEqual([
    ['broken', null],
    ['good', 'regression'],
    ['wide', null],
  ]);
  expect(found[0]!.problem).toContain('not JSON');
  expect(found[2]!.problem).toContain('widthMm');
});

test('names that leave the folder, and templates outside the roots, are refused', async () => {
  for (const name of ['../stolen', 'a/b', '.hidden', '', 'x'.repeat(81)])
    expect(await workstation.answer('figures.save', { name, spec: { kind: 'matrix' } }), name).toMatchObject({ ok: false });
  expect(existsSync(join(folder, 'figures'))).toBe(false);
  const specs = [
    { kind: 'atlas', template: '/etc/passwd' },
    { kind: 'calibration', study: '/etc/passwd' },
  ];
  for (const spec of specs)
    expect(await workstation.answer('figures.draw', { spec, format: 'svg' })).toMatchObject({
      ok: false,
      error: { details: { what: 'this path is not allowed' } },
    });
});

test('a figure that was not drawn, or is gone, is not there', async () => {
  const id = '0'.repeat(8) + '-0000-0000-0000-' + '0'.repeat(12);
  const answer = await workstation.resource(new Request(`http://x/resource/figures/${id}.svg`));
  expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('draw it again')]);
});
