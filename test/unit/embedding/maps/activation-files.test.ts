import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fbnsByTime, orientation, readActivationTables } from '../../../../src-main/embedding/maps/activation-files';
import { writeNpy } from '../../../../src-main/files/npy';
import { writeNpz } from '../../../../src-main/files/npz';
import { newFolder } from '../problem';

const values = [1, 2, 3, 4, 5, -6.5];
const table = { rows: 3, columns: 2, data: Float32Array.from(values) };

/** Reads a file with this content. */
async function read(name: string, content: string) {
  const file = join(await newFolder(), name);
  await writeFile(file, content);
  return readActivationTables(file);
}

test.each([
  ['melodic_mix', '  1  2  \n3 4\n 5 -6.5e0\n'],
  ['a.txt', '\uFEFF1 2\r\n3 4\r\n5 -6.5\r\n'],
  ['a.tsv', 'FBN 0\tFBN 1\n1\t2\n3\t4\n5\t-6.5\n'],
  ['a.csv', '1,2\n3,4\n5,-6.5'],
  ['a.csv', ',0,1\n0,1,2\n1,3,4\n2,5,-6.5\n'],
  ['a.txt', '# time × FBNs\n1 2\n\n3 4 # second\n5 -6.5\n'],
])('%s is read as numbers: %j', async (name, content) => {
  expect(await read(name, content)).toEqual([{ array: null, values: table }]);
});

test('arrays are read, of an archive with their names', async () => {
  const folder = await newFolder();
  await writeNpy(join(folder, 'a.npy'), { shape: [3, 2], data: Float64Array.from(values) });
  expect(await readActivationTables(join(folder, 'a.npy'))).toEqual([{ array: null, values: table }]);
  const content = { shape: [3, 2], data: Int32Array.of(1, 2, 3, 4, 5, 6) };
  await writeNpz(join(folder, 'a.npz'), [
    ['sub-01_run-1', content],
    ['sub-01_run-2', { shape: [3, 2], data: table.data }],
  ]);
  const [first, second] = await readActivationTables(join(folder, 'a.npz'));
  expect([first!.array, second!.array]).toEqual(['sub-01_run-1', 'sub-01_run-2']);
  expect(second!.values).toEqual(table);
});

test.each([
  ['a.txt', '1 2\n3\n', /row 2 differs.*expected 2 numbers, found 1/],
  ['a.tsv', 'x\ty\n1\t2\n3\tfour\n', /row 2 below the names.*found "four"/],
  ['a.txt', '\n', /found none/],
  ['a.csv', 'x,y\n', /found none/],
])('%s is refused with what is wrong: %j', async (name, content, error) => {
  await expect(read(name, content)).rejects.toThrow(error);
});

test('an array of another dimension is refused', async () => {
  const file = join(await newFolder(), 'a.npy');
  await writeNpy(file, { shape: [6], data: table.data });
  await expect(readActivationTables(file)).rejects.toThrow(/expected a two-dimensional array.*found \[6\]/);
});

test('a table may lie either way round', () => {
  expect(orientation({ rows: 900, columns: 20 }, 20)).toEqual({ time: 900, isTransposed: false });
  expect(orientation({ rows: 20, columns: 900 }, 20)).toEqual({ time: 900, isTransposed: true });
  expect(orientation({ rows: 20, columns: 20 }, 20)).toEqual({ time: 20, isTransposed: false });
  expect(orientation({ rows: 900, columns: 21 }, 20)).toBeUndefined();
  expect(fbnsByTime(table, false)).toEqual({ rows: 2, columns: 3, data: Float32Array.of(1, 3, 5, 2, 4, -6.5) });
  expect(fbnsByTime(table, true)).toBe(table);
});
