import type { Grid } from '../../../src-preload/shared/domain/grid';
import { invertAffine } from '../../fmri/affine';

/** Values of a whole grid, i fastest; NaN where there are none. */
export interface Volume {
  grid: Grid;
  values: Float32Array;
}

/** A point in mm: left to right, back to front, down to up. */
export type Point = readonly [x: number, y: number, z: number];

/** A box along the axes of the world, in mm. */
export interface Box {
  low: Point;
  high: Point;
}

/**
 * Reads a volume at any point by trilinear interpolation over the neighbours that have a value; NaN where they make up less than
 * half of the weight, so that a mask keeps its edge and nothing outside bleeds in.
 */
export function sampler({ grid, values }: Volume): (x: number, y: number, z: number) => number {
  const inverse = invertAffine(grid.affine);
  if (!inverse) throw new RangeError('the grid has no inverse');
  const [nx, ny, nz] = grid.shape;
  const [a, b, c, d, e, f, g, h, i, j, k, l] = inverse as [
    ...[number, number, number, number, number, number, number, number, number, number, number, number],
    ...number[],
  ];
  // A figure reads millions of points: no arrays in here.
  return (x, y, z) => {
    const u = a * x + b * y + c * z + d;
    const v = e * x + f * y + g * z + h;
    const w = i * x + j * y + k * z + l;
    if (u <= -1 || v <= -1 || w <= -1 || u >= nx || v >= ny || w >= nz) return NaN;
    const u0 = Math.floor(u);
    const v0 = Math.floor(v);
    const w0 = Math.floor(w);
    let sum = 0;
    let weights = 0;
    for (let pw = w0; pw <= w0 + 1; pw++) {
      const alongW = 1 - Math.abs(w - pw);
      if (alongW === 0 || pw < 0 || pw >= nz) continue;
      for (let pv = v0; pv <= v0 + 1; pv++) {
        const alongV = alongW * (1 - Math.abs(v - pv));
        if (alongV === 0 || pv < 0 || pv >= ny) continue;
        const row = nx * (pv + ny * pw);
        for (let pu = u0; pu <= u0 + 1; pu++) {
          if (pu < 0 || pu >= nx) continue;
          const value = values[row + pu]!;
          // NaN is not itself.
          if (value !== value) continue;
          const weight = alongV * (1 - Math.abs(u - pu));
          sum += weight * value;
          weights += weight;
        }
      }
    }
    return weights < 0.5 ? NaN : sum / weights;
  };
}

/** The point in mm of a voxel. */
export function pointOf({ shape, affine }: Grid, voxel: number): [number, number, number] {
  const index = [voxel % shape[0], Math.floor(voxel / shape[0]) % shape[1], Math.floor(voxel / (shape[0] * shape[1]))];
  const along = (row: number) => affine[row * 4 + 3]! + index.reduce((sum, at, axis) => sum + at * affine[row * 4 + axis]!, 0);
  return [along(0), along(1), along(2)];
}

/** The box around all voxels of a mask, half a centimetre wider. @param voxels indices into the grid, at least one */
export function boxAround(grid: Grid, voxels: ArrayLike<number>): Box {
  const margin = 5;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let n = 0; n < voxels.length; n++) {
    const point = pointOf(grid, voxels[n]!);
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis]!, point[axis]! - margin);
      high[axis] = Math.max(high[axis]!, point[axis]! + margin);
    }
  }
  return { low: low as unknown as Point, high: high as unknown as Point };
}

/** Where a map is largest in size, in mm; the centre of the mask's box where it has no value. */
export function peakOf(map: ArrayLike<number>, voxels: ArrayLike<number>, grid: Grid): Point {
  let best = -1;
  for (let n = 0; n < map.length; n++) {
    const size = Math.abs(map[n]!);
    if (size > (best < 0 ? -1 : Math.abs(map[best]!))) best = n;
  }
  if (best >= 0) return pointOf(grid, voxels[best]!);
  const { low, high } = boxAround(grid, voxels);
  return [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
}

/** A percentile of |map| over its finite values, in [0, 1]; 0 where there is none. */
export function sizePercentile(map: ArrayLike<number>, share: number): number {
  const sizes = Float32Array.from(map, Math.abs).filter(Number.isFinite).sort();
  return sizes[Math.floor(share * (sizes.length - 1))] ?? 0;
}
