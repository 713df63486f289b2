import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planResampling } from '../../../src-main/fmri/resample';
import { mniGrid, resampleFile } from '../../../src-main/fmri/resample-file';
import { readNiftiHeader, readVolumes } from '../../../src-main/fmri/nifti/read';
import { createSmoother, smoothingWidths } from '../../../src-main/fmri/smooth';
import { MNI_4MM, type Grid } from '../../../src-preload/shared/domain/grid';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { exampleFolder, exampleGrid, noise, userErrorOf, writeExample } from './example';

const folder = await exampleFolder();

/** A field that trilinear interpolation reproduces, in world coordinates. */
const field = (x: number, y: number, z: number) => 5 + 2 * x - 3 * y + 0.5 * z;

function sample({ shape, affine }: Grid, value: (x: number, y: number, z: number) => number): Float32Array {
  const [nx, ny, nz] = shape;
  return Float32Array.from({ length: nx * ny * nz }, (_, voxel) => {
    const index = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny)), 1];
    const at = (row: number) => index.reduce((sum, i, column) => sum + affine[row * 4 + column]! * i, 0);
    return value(at(0), at(1), at(2));
  });
}

test('the same grid gives the same values, also when its affine went through float32', () => {
  const grid = exampleGrid([7, 6, 5], [0.1, 0.2, 0.3], 1.6);
  const values = sample(grid, (x, y, z) => noise(x, y) + z);
  const rounded = { ...grid, affine: grid.affine.map(Math.fround) };
  expect(planResampling(rounded, grid).apply(values)).toEqual(values);
});

test('a linear field is reproduced on any grid inside, and 0 outside', () => {
  const source = exampleGrid([10, 11, 12], [-9, -10, -11]);
  const property = fc.property(
    fc.float({ min: 0, max: 3, noNaN: true }),
    fc.float({ min: 0.5, max: 3, noNaN: true }),
    (shift, size) => {
      const target = exampleGrid([6, 6, 6], [shift - 7, shift - 6, shift - 5], size);
      const found = planResampling(source, target).apply(sample(source, field));
      sample(target, (x, y, z) => (x <= 9 && y <= 10 && z <= 11 ? field(x, y, z) : NaN)).forEach((value, i) => {
        if (Number.isNaN(value)) expect(found[i]).toBe(0);
        else expect(found[i]).toBeCloseTo(value, 3);
      });
    },
  );
  fc.assert(property, { numRuns: 50 });
});

test('slope and intercept apply inside only, and a list of voxels picks some', () => {
  const source = exampleGrid([4, 1, 1]);
  const target = exampleGrid([4, 1, 1], [4, 0, 0]);
  const plan = planResampling(source, target, Int32Array.of(1, 3));
  expect(plan.outside).toBe(1);
  expect([...plan.apply(Int16Array.of(1, 2, 3, 4), { slope: 10, intercept: 5 })]).toEqual([45, 0]);
});

test('a voxel that is not finite spoils only what it has weight in', () => {
  const source = exampleGrid([4, 2, 2]);
  const values = new Float32Array(16).fill(1);
  values[2] = NaN;
  const halfway = planResampling(source, exampleGrid([3, 1, 1], [1, 0, 0])).apply(values);
  expect([...halfway]).toEqual([1, NaN, NaN]);
  const between = planResampling(source, exampleGrid([4, 1, 1], [0, 1, 1])).apply(values);
  expect([...between]).toEqual([1, 1, NaN, 1]);
});

test('nearest takes the closest voxel', () => {
  const plan = planResampling(exampleGrid([4, 1, 1]), exampleGrid([4, 1, 1], [0.9, 0, 0]), undefined, 'nearest');
  expect([...plan.apply(Float32Array.of(1, 2, 3, 4))]).toEqual([1, 2, 3, 4]);
});

test('anti-alias widths follow the axes of the target', () => {
  const source: Grid = { shape: [5, 5, 5], affine: [0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] };
  const target: Grid = { shape: [5, 5, 5], affine: [4, 0, 0, 0, 0, 6, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] };
  const widths = smoothingWidths('anti-alias', source, target);
  [Math.sqrt(27), Math.sqrt(12), 0].forEach((width, axis) => expect(widths[axis]).toBeCloseTo(width, 12));
});

test('smoothing keeps constants, spreads a point as a Gaussian, and is nothing at width 0', () => {
  const grid = exampleGrid([21, 21, 21]);
  expect(createSmoother(grid, [0, 0, 0])).toBeUndefined();
  const smooth = createSmoother(grid, [6, 6, 6])!;
  for (const value of smooth(new Float32Array(21 ** 3).fill(7))) expect(value).toBeCloseTo(7, 4);
  const point = new Float32Array(21 ** 3);
  const centre = 10 + 21 * (10 + 21 * 10);
  point[centre] = 1000;
  const spread = smooth(point);
  expect(spread.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1000, 0);
  // Half the width at half maximum, 3 mm, is 1.5 voxels: between the first and second neighbour on any axis.
  for (const stride of [1, 21, 441]) {
    const at = (distance: number) => spread[centre + distance * stride]! / spread[centre]!;
    expect(at(1)).toBeCloseTo(0.5 ** ((2 / 3) ** 2), 4);
    expect(at(-2)).toBeCloseTo(0.5 ** ((4 / 3) ** 2), 4);
  }
});

test('the MNI grid at other sizes starts at the same voxel', () => {
  expect(mniGrid(4)).toEqual(MNI_4MM);
  expect(mniGrid(3)).toMatchObject({ shape: [60, 72, 60], affine: [3, 0, 0, -90, 0, 3, 0, -126, 0, 0, 3, -72, 0, 0, 0, 1] });
  expect(mniGrid(2).shape).toEqual([90, 108, 90]);
  expect(() => mniGrid(0)).toThrow('--voxel-mm');
});

test('a whole file is resampled, like another and to a voxel size', async () => {
  const grid = exampleGrid([20, 20, 20], [-20, -20, -20]);
  const source = await writeExample(join(folder, 'source.nii.gz'), (voxel, t) => sampleAt(voxel) + t, { grid, count: 3 });
  const like = await writeExample(join(folder, 'like.nii'), () => 0, { grid: exampleGrid([5, 5, 5], [-8, -8, -8], 4) });
  const output = join(folder, 'resampled.nii.gz');
  const result = await resampleFile({ source, output, target: { like } }, quietContext());
  expect(result).toEqual({ output, shape: [5, 5, 5, 3], outsideVoxels: 0 });
  const header = await readNiftiHeader(output);
  expect(header).toMatchObject({ grid: exampleGrid([5, 5, 5], [-8, -8, -8], 4), sformCode: 4, zooms: [4, 4, 4, 1.5] });
  const volumes = await Array.fromAsync(readVolumes(output, header));
  volumes.forEach((volume, t) => expect(volume[0]).toBe(sampleAt(6 + 20 * (6 + 20 * 6)) + t));
  expect((await resampleFile({ source, output, target: { voxelMm: 4 }, smoothing: 'anti-alias' }, quietContext())).shape).toEqual(
    [45, 54, 45, 3],
  );
  const far = exampleGrid([5, 5, 5], [500, 0, 0]);
  expect(await userErrorOf(resampleFile({ source, output, target: far }, quietContext()))).toContain('does not overlap');
});

function sampleAt(voxel: number): number {
  return Math.round(noise(voxel) * 1000);
}
