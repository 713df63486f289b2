import { UserError } from '../../src-preload/shared/domain/errors';
import { voxelCount, type Grid } from '../../src-preload/shared/domain/grid';
import { invertAffine, multiplyAffines, VOXEL_TOLERANCE } from './affine';
import type { RawVolume } from './nifti/data-types';

/** How values between voxel centres are found. */
export type Interpolation = 'linear' | 'nearest';

/** What `ResamplingPlan.apply` may be told. */
export interface ApplyOptions {
  /** Memory for the result, of the plan's length; allocated when left out. */
  into?: Float32Array;
  /** value = slope · stored + intercept, applied before interpolation; 1 and 0 by default. */
  slope?: number;
  intercept?: number;
}

/**
 * Where each target voxel finds its value in a source volume; made once, applied to every volume.
 * Outside the centres of the source's outermost voxels the value is 0, as with NiBabel's
 * resample_from_to(order=1, mode='constant', cval=0). A non-finite source voxel makes a value non-finite only where its
 * weight is not 0.
 */
export class ResamplingPlan {
  /** Target voxels outside the source. */
  readonly outside: number;

  /**
   * @param source voxels along i, j, k of the source
   * @param base index of the lower corner in the source per target voxel; −1 outside
   * @param fractions three per target voxel, the way to the next voxel along i, j, k; none where all of them are 0
   */
  constructor(
    private readonly source: Grid['shape'],
    private readonly base: Int32Array,
    private readonly fractions: Float32Array | undefined,
  ) {
    this.outside = base.reduce((count, corner) => count + (corner < 0 ? 1 : 0), 0);
  }

  /** Number of target voxels. */
  get length(): number {
    return this.base.length;
  }

  /** @param volume source values, i fastest @returns one value per target voxel */
  apply(volume: RawVolume, { into = new Float32Array(this.length), slope = 1, intercept = 0 }: ApplyOptions = {}): Float32Array {
    if (this.fractions) interpolate(volume, this.source, this.base, this.fractions, into, slope, intercept);
    else gather(volume, this.base, into, slope, intercept);
    return into;
  }
}

/**
 * Plans the resampling of volumes on one grid to another.
 * @param voxels which target voxels are wanted, as indices with i fastest; all by default
 * @throws UserError where the source's affine has no inverse
 */
export function planResampling(
  source: Grid,
  target: Grid,
  voxels?: Int32Array,
  interpolation: Interpolation = 'linear',
): ResamplingPlan {
  const toSource = invertAffine(source.affine);
  if (!toSource) {
    throw new UserError({
      code: 'file-content',
      what: 'the affine of the image has no inverse',
      found: source.affine.slice(0, 12).join(' '),
    });
  }
  const matrix = multiplyAffines(toSource, target.affine);
  const length = voxels?.length ?? voxelCount(target);
  const base = new Int32Array(length);
  const fractions = new Float32Array(length * 3);
  const [nx, ny] = target.shape;
  let between = false;
  for (let n = 0; n < length; n++) {
    const voxel = voxels ? voxels[n]! : n;
    const i = voxel % nx;
    const j = Math.floor(voxel / nx) % ny;
    const k = Math.floor(voxel / (nx * ny));
    base[n] = locate(matrix, i, j, k, source.shape, interpolation, fractions, n * 3);
    between ||= fractions[n * 3]! + fractions[n * 3 + 1]! + fractions[n * 3 + 2]! > 0;
  }
  return new ResamplingPlan(source.shape, base, between ? fractions : undefined);
}

/** Index of the lower corner of voxel (i, j, k), or −1 outside; its fractions are written at `at`. */
function locate(
  matrix: readonly number[],
  i: number,
  j: number,
  k: number,
  shape: Grid['shape'],
  interpolation: Interpolation,
  fractions: Float32Array,
  at: number,
): number {
  let index = 0;
  let stride = 1;
  for (let axis = 0; axis < 3; axis++) {
    const row = axis * 4;
    const exact = matrix[row]! * i + matrix[row + 1]! * j + matrix[row + 2]! * k + matrix[row + 3]!;
    const nearest = Math.round(exact);
    const snapped = interpolation === 'nearest' || Math.abs(exact - nearest) < VOXEL_TOLERANCE ? nearest : exact;
    const size = shape[axis]!;
    if (!(snapped >= 0 && snapped <= size - 1)) {
      fractions.fill(0, at, at + 3);
      return -1;
    }
    const corner = Math.floor(snapped);
    fractions[at + axis] = snapped - corner;
    index += corner * stride;
    stride *= size;
  }
  return index;
}

function gather(volume: RawVolume, base: Int32Array, into: Float32Array, slope: number, intercept: number): void {
  for (let n = 0; n < base.length; n++) {
    const at = base[n]!;
    into[n] = at < 0 ? 0 : volume[at]! * slope + intercept;
  }
}

function interpolate(
  volume: RawVolume,
  [nx, ny]: Grid['shape'],
  base: Int32Array,
  fractions: Float32Array,
  into: Float32Array,
  slope: number,
  intercept: number,
): void {
  for (let n = 0; n < base.length; n++) {
    const at = base[n]!;
    if (at < 0) {
      into[n] = 0;
      continue;
    }
    const x = fractions[3 * n]!;
    const y = fractions[3 * n + 1]!;
    const z = fractions[3 * n + 2]!;
    // A corner of weight 0 is replaced by its neighbour of weight 1: it may be outside the volume, or not finite.
    const dx = x > 0 ? 1 : 0;
    const dy = y > 0 ? nx : 0;
    const dz = z > 0 ? nx * ny : 0;
    const near =
      (volume[at]! * (1 - x) + volume[at + dx]! * x) * (1 - y) + (volume[at + dy]! * (1 - x) + volume[at + dy + dx]! * x) * y;
    const back = at + dz;
    const far =
      (volume[back]! * (1 - x) + volume[back + dx]! * x) * (1 - y) +
      (volume[back + dy]! * (1 - x) + volume[back + dy + dx]! * x) * y;
    into[n] = (near * (1 - z) + far * z) * slope + intercept;
  }
}
