import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clipLevel, computeMask, largestComponent } from '../../../src-main/fmri/compute-mask';
import { createMask, intersectMasks, maskOfVoxels, readMask, unmask, writeMask } from '../../../src-main/fmri/mask';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { exampleFolder, exampleGrid, noise, recordingContext, userErrorOf, writeExample } from './example';

const folder = await exampleFolder();
const grid = exampleGrid([6, 5, 4]);

test('a mask comes back from its file with the same hash, and hashes tell grids and voxels apart', async () => {
  const mask = createMask(grid, (voxel) => voxel % 7 === 0);
  const path = join(folder, 'mask.nii.gz');
  await writeMask(path, mask, 4);
  expect(await readMask(path)).toEqual(mask);
  const uneven = createMask(exampleGrid([6, 5, 4], [0.1, 0.2, 0.3], 1.6), (voxel) => voxel % 5 === 0);
  await writeMask(path, uneven, 4);
  expect((await readMask(path)).hash).toBe(uneven.hash);
  expect(createMask(grid, (voxel) => voxel % 6 === 0).hash).not.toBe(mask.hash);
  expect(maskOfVoxels(exampleGrid([6, 5, 4], [1, 0, 0]), mask.voxels).hash).not.toBe(mask.hash);
});

test('values above 0 are inside; in a probability map those above 0.5', async () => {
  const labels = await writeExample(join(folder, 'labels.nii'), (voxel) => [0, 1, 5, -1][voxel % 4]!, { grid });
  expect([...(await readMask(labels)).voxels.slice(0, 4)]).toEqual([1, 2, 5, 6]);
  const probability = await writeExample(join(folder, 'probability.nii'), (voxel) => [0, 0.4, 0.6, 1][voxel % 4]!, { grid });
  expect([...(await readMask(probability)).voxels.slice(0, 4)]).toEqual([2, 3, 6, 7]);
});

test('a mask is brought to a coarser grid', async () => {
  const path = await writeExample(join(folder, 'left.nii'), (voxel) => (voxel % 6 < 3 ? 1 : 0), { grid });
  const coarse = exampleGrid([3, 2, 2], [0, 0, 0], 4);
  expect([...(await readMask(path, coarse)).voxels]).toEqual([0, 1, 3, 4, 6, 7, 9, 10]);
});

test('empty, four-dimensional and distant masks are refused', async () => {
  const empty = await writeExample(join(folder, 'empty.nii'), () => 0, { grid });
  expect(await userErrorOf(readMask(empty))).toContain('empty');
  const several = await writeExample(join(folder, 'several.nii'), () => 1, { grid, count: 3 });
  expect(await userErrorOf(readMask(several))).toContain('several volumes');
  const one = await writeExample(join(folder, 'one.nii'), () => 1, { grid });
  expect(await userErrorOf(readMask(one, exampleGrid([4, 4, 4], [100, 0, 0])))).toContain('does not overlap');
});

test('the intersection holds what all masks share', () => {
  const even = createMask(grid, (voxel) => voxel % 2 === 0);
  const third = createMask(grid, (voxel) => voxel % 3 === 0);
  expect(intersectMasks([even, third])).toEqual(createMask(grid, (voxel) => voxel % 6 === 0));
  expect(() => intersectMasks([even, createMask(grid, (voxel) => voxel % 2 === 1)])).toThrow('share no voxel');
  expect(() => intersectMasks([even, createMask(exampleGrid([6, 5, 4], [2, 0, 0]), () => true)])).toThrow('different grids');
});

test('masked values go back to their voxels', () => {
  const mask = createMask(exampleGrid([2, 2, 1]), (voxel) => voxel !== 1);
  expect([...unmask([7, 8, 9], mask, NaN)]).toEqual([7, NaN, 8, 9]);
  expect(() => unmask([7, 8], mask)).toThrow(RangeError);
});

test('the clip level lies between noise and brain', () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => (i < 300 ? 1000 + 100 * noise(i) : 50 + 50 * noise(i)));
  expect(clipLevel(values)).toBeGreaterThan(80);
  expect(clipLevel(values)).toBeLessThan(900);
  expect(clipLevel(new Float64Array(5))).toBe(Infinity);
});

test('the largest component is taken, joined through faces only', () => {
  const line = exampleGrid([5, 2, 1]);
  const inside = new Set([0, 1, 7, 4, 9]);
  expect(largestComponent(line, (voxel) => inside.has(voxel)).size).toBe(2);
  expect([...largestComponent(line, (voxel) => voxel !== 2 && voxel !== 7 && voxel !== 8)]).toEqual([0, 1, 5, 6]);
});

test('a computed mask finds the ball that all runs show, and not specks or noise', async () => {
  const large = exampleGrid([20, 20, 20]);
  const distance = (voxel: number, shift: number) =>
    Math.hypot((voxel % 20) - 10 - shift, (Math.floor(voxel / 20) % 20) - 10, Math.floor(voxel / 400) - 10);
  const scan = (shift: number) => (voxel: number, t: number) =>
    (distance(voxel, shift) < 6 || voxel === 21 ? 1000 : 30) * (1 + 0.2 * noise(voxel, t));
  const runs = await Promise.all(
    [0, 2].map((shift) => writeExample(join(folder, `ball${shift}.nii.gz`), scan(shift), { grid: large, count: 25 })),
  );
  const expected = createMask(large, (voxel) => distance(voxel, 0) < 6 && distance(voxel, 2) < 6);
  expect(await computeMask(runs, large, quietContext())).toEqual(expected);
  const dark = await writeExample(join(folder, 'dark.nii.gz'), () => -1, { grid: large, count: 5 });
  expect(await userErrorOf(computeMask([dark], large, quietContext()))).toContain('--mask');
});

test('a run whose mean was removed is taken wherever it has a signal, with a warning', async () => {
  const context = recordingContext();
  const value = (voxel: number, t: number) => (voxel % 6 < 4 ? noise(voxel, t) : 0);
  const run = await writeExample(join(folder, 'centred.nii.gz'), value, { grid, count: 10 });
  expect(await computeMask([run], grid, context)).toEqual(createMask(grid, (voxel) => voxel % 6 < 4));
  expect(context.warnings.join()).toContain('the mean was removed');
});
