import type { Affine } from '../../../src-preload/shared/domain/grid';
import { affineDeterminant, voxelSizes } from '../affine';

/** The fields of a header that place voxels in the world. */
export interface OrientationFields {
  qformCode: number;
  sformCode: number;
  /** Quaternion b, c, d, then offsets x, y, z in mm. */
  quaternion: readonly number[];
  /** Three rows of four. */
  sformRows: readonly number[];
  /** pixdim[0] (the handedness of the qform) and the three voxel sizes. */
  pixdim: readonly number[];
  /** Voxels along each axis. */
  shape: readonly number[];
}

/** The sform where it has a code, else the qform where it has one, else voxel sizes around the centre, x flipped (as NiBabel). */
export function chooseAffine(fields: OrientationFields): { affine: Affine; from: 'sform' | 'qform' | 'voxel sizes' } {
  if (fields.sformCode > 0) return { affine: [...fields.sformRows, 0, 0, 0, 1], from: 'sform' };
  if (fields.qformCode > 0) return { affine: affineFromQform(fields), from: 'qform' };
  return { affine: affineFromVoxelSizes(fields), from: 'voxel sizes' };
}

/** Method 2 of nifti1.h; a quaternion slightly longer than 1 counts as a half turn. */
function affineFromQform({ quaternion, pixdim }: OrientationFields): Affine {
  const [b, c, d, x, y, z] = quaternion as number[];
  const rest = 1 - (b! * b! + c! * c! + d! * d!);
  // More than rounding above 1: no rotation at all.
  const a = rest < -1e-5 ? NaN : Math.sqrt(Math.max(0, rest));
  const rotation = rotationOfQuaternion(a, b!, c!, d!);
  const [sign, ...sizes] = pixdim as number[];
  sizes[2]! *= sign === -1 ? -1 : 1;
  const rows = [0, 1, 2].map((row) => sizes.map((size, column) => rotation[row * 3 + column]! * size));
  return [...rows[0]!, x!, ...rows[1]!, y!, ...rows[2]!, z!, 0, 0, 0, 1];
}

function affineFromVoxelSizes({ pixdim, shape }: OrientationFields): Affine {
  const steps = [-pixdim[1]!, pixdim[2]!, pixdim[3]!].map((step, axis) => (axis < shape.length ? step : 1));
  const offsets = steps.map((step, axis) => -step * (((shape[axis] ?? 1) - 1) / 2));
  return [steps[0]!, 0, 0, offsets[0]!, 0, steps[1]!, 0, offsets[1]!, 0, 0, steps[2]!, offsets[2]!, 0, 0, 0, 1];
}

function rotationOfQuaternion(a: number, b: number, c: number, d: number): number[] {
  // Normalised, so that rounding in the stored quaternion does not stretch voxels.
  const norm = Math.hypot(a, b, c, d);
  [a, b, c, d] = [a / norm, b / norm, c / norm, d / norm];
  return [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ].flat();
}

/**
 * The qform that says the same as an affine, or undefined where the affine shears (a qform can only rotate and scale).
 * @returns quaternion b, c, d and pixdim[0]
 */
export function qformOfAffine(affine: Affine): { quaternion: [number, number, number]; handedness: 1 | -1 } | undefined {
  const sizes = voxelSizes(affine);
  const handedness = affineDeterminant(affine) < 0 ? -1 : 1;
  const entry = (row: number, column: number) => (affine[row * 4 + column]! / sizes[column]!) * (column === 2 ? handedness : 1);
  for (const [p, q] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const cosine = [0, 1, 2].reduce((sum, row) => sum + entry(row, p) * entry(row, q), 0);
    if (!(Math.abs(cosine) < 1e-5)) return undefined;
  }
  return { quaternion: quaternionOfRotation(entry), handedness };
}

/** b, c, d with a ≥ 0, dividing by the largest component so that half turns stay exact. */
function quaternionOfRotation(r: (row: number, column: number) => number): [number, number, number] {
  const squares = [
    1 + r(0, 0) + r(1, 1) + r(2, 2),
    1 + r(0, 0) - r(1, 1) - r(2, 2),
    1 + r(1, 1) - r(0, 0) - r(2, 2),
    1 + r(2, 2) - r(0, 0) - r(1, 1),
  ].map((square) => Math.sqrt(Math.max(0, square)) / 2);
  const largest = squares.indexOf(Math.max(...squares));
  const scale = 1 / (4 * squares[largest]!);
  const spin = [r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1)].map((difference) => difference * scale);
  if (largest === 0) return spin as [number, number, number];
  const axis = largest - 1;
  const sign = spin[axis]! < 0 ? -1 : 1;
  const vector = [0, 1, 2].map((other) => (other === axis ? squares[largest]! : (r(axis, other) + r(other, axis)) * scale));
  return vector.map((component) => component * sign) as [number, number, number];
}
