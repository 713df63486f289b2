import { expect, test } from 'vitest';
import { Generator } from '../../../../src-main/embedding/generator';
import { concentrationOf } from '../../../../src-main/embedding/quality/concentration';
import type { Grid } from '../../../../src-preload/shared/domain/grid';

const n = 20;
const grid: Grid = { shape: [n, n, n], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
const voxels = Int32Array.from({ length: n ** 3 }, (_, i) => i);
const at = (x: number, y: number, z: number) => x + n * (y + n * z);

function withBlock(map: Float32Array, from: readonly [number, number, number], size: number, value: number): Float32Array {
  for (let x = 0; x < size; x++)
    for (let y = 0; y < size; y++) for (let z = 0; z < size; z++) map[at(from[0] + x, from[1] + y, from[2] + z)] = value;
  return map;
}

test('blocks are clusters; opposite signs are apart, and what touches at a corner is one', () => {
  const map = withBlock(new Float32Array(n ** 3), [1, 1, 1], 3, 5);
  withBlock(map, [4, 1, 1], 3, -5);
  withBlock(map, [10, 10, 10], 3, 5);
  withBlock(map, [13, 13, 13], 3, 5);
  withBlock(map, [18, 1, 1], 2, 5);
  expect(concentrationOf(map, voxels, grid)).toEqual({
    topShare: 1,
    clusters: 3,
    largestCluster: 54,
    clusteredShare: 108 / 116,
  });
});

test('a cluster does not go on across the edge of the volume, nor outside the mask', () => {
  const map = withBlock(new Float32Array(n ** 3), [n - 3, 4, 4], 3, 5);
  withBlock(map, [0, 5, 4], 3, 5);
  expect(concentrationOf(map, voxels, grid)).toMatchObject({ clusters: 2, largestCluster: 27 });
  const half = voxels.filter((voxel) => voxel % n >= n / 2);
  expect(
    concentrationOf(
      Float32Array.from(half, (v) => map[v]!),
      half,
      grid,
    ),
  ).toMatchObject({ clusters: 1, largestCluster: 27 });
});

test('a flat map, noise, and missing voxels', () => {
  const flat = new Float32Array(n ** 3).map((_, i) => (i % 2 === 0 ? 1 : -1));
  expect(concentrationOf(flat, voxels, grid)).toEqual({ topShare: 0.05, clusters: 0, largestCluster: 0, clusteredShare: NaN });
  const generator = Generator.fromSeed(1);
  // The sum of twelve uniform numbers is as good as normal here.
  const normal = () => Array.from({ length: 12 }, () => generator.nextSymmetric()).reduce((sum, value) => sum + value, 0) / 2;
  const noise = new Float32Array(n ** 3).map(normal);
  expect(concentrationOf(noise, voxels, grid).topShare).toBeCloseTo(0.28, 1);
  const missing = noise.map((value, i) => (i % 7 === 0 ? NaN : value));
  expect(concentrationOf(missing, voxels, grid).topShare).toBeCloseTo(0.28, 1);
});
