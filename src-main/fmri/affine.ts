import type { Affine, Grid } from '../../src-preload/shared/domain/grid';

/** Voxel indices this close to a whole number are that number: below it lies only the rounding of float32 affines. */
export const VOXEL_TOLERANCE = 1e-5;

/** a · b for 4 × 4 matrices in row-major order. */
export function multiplyAffines(a: Affine, b: Affine): number[] {
  const product = new Array<number>(16).fill(0);
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      for (let k = 0; k < 4; k++) product[row * 4 + column]! += a[row * 4 + k]! * b[k * 4 + column]!;
    }
  }
  return product;
}

/** Determinant of the 3 × 3 part: mm³ per voxel, negative where the voxel axes are left-handed. */
export function affineDeterminant(affine: Affine): number {
  const [a, b, c, , d, e, f, , g, h, i] = affine as number[];
  return a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
}

/** The inverse of a voxel-to-world matrix, or undefined where it has none. */
export function invertAffine(affine: Affine): number[] | undefined {
  const [a, b, c, x, d, e, f, y, g, h, i, z] = affine as number[];
  const determinant = affineDeterminant(affine);
  if (!Number.isFinite(1 / determinant)) return undefined;
  const rows = [
    [e! * i! - f! * h!, c! * h! - b! * i!, b! * f! - c! * e!],
    [f! * g! - d! * i!, a! * i! - c! * g!, c! * d! - a! * f!],
    [d! * h! - e! * g!, b! * g! - a! * h!, a! * e! - b! * d!],
  ].map((row) => row.map((cofactor) => cofactor / determinant));
  return [...rows.flatMap(([u, v, w]) => [u!, v!, w!, -(u! * x! + v! * y! + w! * z!)]), 0, 0, 0, 1];
}

/** Edge lengths of a voxel in mm along i, j, k. */
export function voxelSizes(affine: Affine): [number, number, number] {
  const size = (axis: number) => Math.hypot(affine[axis]!, affine[4 + axis]!, affine[8 + axis]!);
  return [size(0), size(1), size(2)];
}

/** Whether two grids have the same voxels, up to the rounding of float32 affines. */
export function sameGrid(a: Grid, b: Grid): boolean {
  if (a.shape.some((size, axis) => size !== b.shape[axis])) return false;
  const inverse = invertAffine(a.affine);
  if (!inverse) return false;
  const difference = multiplyAffines(inverse, b.affine).map((entry, i) => entry - (i % 5 === 0 ? 1 : 0));
  const reach = Math.max(...a.shape);
  return difference.every((entry, i) => Math.abs(entry) * (i % 4 === 3 ? 1 : reach) < 1e-3);
}

/** "45 × 54 × 45". */
export function describeShape(shape: readonly number[]): string {
  return shape.join(' × ');
}
