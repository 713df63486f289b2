import type { Grid } from '../../src-preload/shared/domain/grid';
import { voxelSizes } from './affine';
import type { RawVolume } from './nifti/data-types';

/**
 * Gaussian smoothing of source volumes before resampling: none, only what a coarser target needs against aliasing, or a
 * full width at half maximum in mm.
 */
export type Smoothing = 'none' | 'anti-alias' | number;

const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.log(2));
/** Kernels reach this many sigmas, as SciPy's. */
const REACH = 4;
/** Narrower kernels than this many voxels change nothing visible. */
const NARROWEST_SIGMA = 0.1;

/**
 * Full width at half maximum in mm along each source axis: √(max(0, target² − source²)) of the voxel sizes for anti-aliasing,
 * the target's axis being the one that points most nearly the same way.
 */
export function smoothingWidths(smoothing: Smoothing, source: Grid, target: Grid): [number, number, number] {
  if (smoothing === 'none') return [0, 0, 0];
  if (typeof smoothing === 'number') return [smoothing, smoothing, smoothing];
  const sizes = voxelSizes(source.affine);
  const targetSizes = voxelSizes(target.affine);
  const widths = sizes.map((size, axis) => {
    const cosines = targetSizes.map((targetSize, other) => {
      const product = [0, 4, 8].reduce((sum, row) => sum + source.affine[row + axis]! * target.affine[row + other]!, 0);
      return Math.abs(product / (size * targetSize));
    });
    const wanted = targetSizes[cosines.indexOf(Math.max(...cosines))]!;
    return Math.sqrt(Math.max(0, wanted ** 2 - size ** 2));
  });
  return widths as [number, number, number];
}

/**
 * A separable Gaussian filter for volumes of one grid; undefined where it would change nothing. At the borders the kernel is
 * cut and rescaled, so that a constant stays constant; non-finite voxels spread as far as the kernel reaches.
 * @param widths full width at half maximum in mm along i, j, k
 * @returns a function from a volume to its smoothed values, in memory that is used again by the next call
 */
export function createSmoother(
  grid: Grid,
  widths: readonly [number, number, number],
): ((volume: RawVolume) => Float32Array) | undefined {
  const sizes = voxelSizes(grid.affine);
  const kernels = widths.map((width, axis) => gaussianKernel(width / FWHM_PER_SIGMA / sizes[axis]!));
  const axes = [0, 1, 2].filter((axis) => kernels[axis]!.length > 1 && grid.shape[axis]! > 1);
  if (axes.length === 0) return undefined;
  const voxels = grid.shape[0] * grid.shape[1] * grid.shape[2];
  let current = new Float32Array(voxels);
  let next = new Float32Array(voxels);
  return (volume) => {
    current.set(volume);
    for (const axis of axes) {
      const stride = grid.shape.slice(0, axis).reduce((product, size) => product * size, 1);
      filterAxis(current, next, grid.shape[axis]!, stride, kernels[axis]!);
      [current, next] = [next, current];
    }
    return current;
  };
}

/** Weights at 0, ±1, ±2, … voxels (one side), not normalised. */
function gaussianKernel(sigma: number): Float64Array {
  if (sigma < NARROWEST_SIGMA) return Float64Array.of(1);
  return Float64Array.from({ length: Math.ceil(REACH * sigma) + 1 }, (_, distance) => Math.exp(-0.5 * (distance / sigma) ** 2));
}

/** Filters every line of `size` voxels that lie `stride` apart; whole runs of `stride` neighbours are summed at a time. */
function filterAxis(from: Float32Array, to: Float32Array, size: number, stride: number, kernel: Float64Array): void {
  const reach = kernel.length - 1;
  for (let block = 0; block < from.length; block += size * stride) {
    for (let i = 0; i < size; i++) {
      const first = Math.max(0, i - reach);
      const last = Math.min(size - 1, i + reach);
      let total = 0;
      for (let j = first; j <= last; j++) total += kernel[Math.abs(i - j)]!;
      const out = block + i * stride;
      if (stride === 1) {
        let sum = 0;
        for (let j = first; j <= last; j++) sum += kernel[Math.abs(i - j)]! * from[block + j]!;
        to[out] = sum / total;
        continue;
      }
      to.fill(0, out, out + stride);
      for (let j = first; j <= last; j++) addScaled(from, block + j * stride, to, out, stride, kernel[Math.abs(i - j)]! / total);
    }
  }
}

function addScaled(from: Float32Array, at: number, to: Float32Array, out: number, length: number, weight: number): void {
  for (let c = 0; c < length; c++) to[out + c]! += weight * from[at + c]!;
}
