import type { Grid } from '../../../src-preload/shared/domain/grid';

/** The 99th percentile of |map|: where the colours of a map end unless somebody says otherwise. NaN does not count. */
export function mapLimit(map: Float32Array): number {
  const magnitudes = map
    .filter((value) => !Number.isNaN(value))
    .map(Math.abs)
    .sort();
  return magnitudes[Math.floor(0.99 * (magnitudes.length - 1))] || 1;
}

/**
 * Where a map is largest in size, in mm.
 * @param voxels indices into the grid, x fastest
 */
export function peakMm(map: Float32Array, voxels: Int32Array, { shape, affine }: Grid): [number, number, number] {
  let best = 0;
  for (let n = 0; n < map.length; n++) if (Math.abs(map[n]!) > Math.abs(map[best]!) || Number.isNaN(map[best]!)) best = n;
  const index = voxels[best]!;
  const ijk = [index % shape[0], Math.floor(index / shape[0]) % shape[1], Math.floor(index / (shape[0] * shape[1]))];
  const one = (row: number) => ijk.reduce((sum, at, axis) => sum + at * affine[row * 4 + axis]!, affine[row * 4 + 3]!);
  return [one(0), one(1), one(2)];
}
