import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_CONFOUNDS, readConfounds } from '../../../src-main/fmri/confounds';
import { exampleFolder, userErrorOf } from './example';

const folder = await exampleFolder();

async function writeTable(name: string, columns: Record<string, (string | number)[]>): Promise<string> {
  const path = join(folder, name);
  const rows = Object.values(columns)[0]!.map((_, t) =>
    Object.values(columns)
      .map((column) => column[t])
      .join('\t'),
  );
  await writeFile(path, [Object.keys(columns).join('\t'), ...rows, ''].join('\n'));
  return path;
}

test('the default columns are found wherever they stand', async () => {
  const columns = Object.fromEntries([...DEFAULT_CONFOUNDS].reverse().map((name, i) => [name, [i, i + 1, i + 2]]));
  const found = await readConfounds(await writeTable('default.tsv', { global_signal: [9, 9, 9], ...columns }), 3);
  expect(found.names).toEqual(DEFAULT_CONFOUNDS);
  expect(found.columns.map((column) => [...column])).toEqual([7, 6, 5, 4, 3, 2, 1, 0].map((i) => [i, i + 1, i + 2]));
});

test('the first rows of a derivative may be n/a and count as 0; others may not', async () => {
  const file = await writeTable('derivative.tsv', {
    speed: ['n/a', 'n/a', 0.5, -1e-3],
    gap: [1, 2, 'n/a', 4],
    none: ['n/a', 'n/a', 'n/a', 'n/a'],
  });
  expect([...(await readConfounds(file, 4, ['speed'])).columns[0]!]).toEqual([0, 0, 0.5, -1e-3]);
  expect(await userErrorOf(readConfounds(file, 4, ['gap']))).toContain('row 3');
  expect(await userErrorOf(readConfounds(file, 4, ['none']))).toContain('no numbers');
});

test('a wrong number of rows and an unknown column are named', async () => {
  const file = await writeTable('short.tsv', { csf: [1, 2, 3] });
  const message = await userErrorOf(readConfounds(file, 5, ['csf']));
  expect(message).toContain('5 rows');
  expect(message).toContain('3 rows');
  expect(await userErrorOf(readConfounds(file, 3, ['trans_x']))).toMatch(/"trans_x".*found csf/);
});
