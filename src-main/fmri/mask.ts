import { UserError } from '../../src-preload/shared/domain/errors';
import { voxelCount, type Grid } from '../../src-preload/shared/domain/grid';
import { hashBytes } from '../files/hash';
import { sameGrid } from './affine';
import { readSingleVolume } from './nifti/read';
import { writeNifti, type SpaceCode } from './nifti/write';
import { planResampling } from './resample';

/** The voxels of a grid that belong to the brain, in the order in which matrices hold them. */
export interface Mask {
  grid: Grid;
  /** Indices into the grid (i fastest), ascending. */
  voxels: Int32Array;
  /** SHA-256 of grid and voxels: two runs can be used together where it is the same. */
  hash: string;
}

/** The mask of all voxels for which `included` holds. */
export function createMask(grid: Grid, included: (voxel: number) => boolean): Mask {
  const voxels: number[] = [];
  for (let voxel = 0; voxel < voxelCount(grid); voxel++) if (included(voxel)) voxels.push(voxel);
  return maskOfVoxels(grid, Int32Array.from(voxels));
}

/** @param voxels ascending indices into the grid, i fastest */
export function maskOfVoxels(grid: Grid, voxels: Int32Array): Mask {
  // In float32, so that a mask keeps its hash on its way through a NIfTI file.
  const place = Buffer.from(JSON.stringify([grid.shape, grid.affine.map(Math.fround)]));
  return {
    grid,
    voxels,
    hash: hashBytes(Buffer.concat([place, new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength)])),
  };
}

/**
 * Reads a mask and brings it to a grid. Values above 0 are inside (nearest voxel); where there are values between 0 and 1 it is
 * a probability map, and inside is what lies above 0.5 (trilinear).
 * @param grid the target; the image's own grid by default
 * @throws UserError where the image has several volumes, nothing is inside, or it does not overlap the grid
 */
export async function readMask(path: string, grid?: Grid): Promise<Mask> {
  const { header, values } = await readSingleVolume(path);
  const target = grid ?? header.grid;
  const isProbability = values.some((value) => value > 0 && value < 1) && values.every((value) => !(value > 1));
  const threshold = isProbability ? 0.5 : 0;
  if (!values.some((value) => value > threshold)) {
    throw new UserError({
      code: 'too-little-data',
      what: 'the mask is empty',
      file: path,
      expected: `voxels above ${threshold}`,
      found: 'none',
      remedy: 'give another mask',
    });
  }
  const plan = planResampling(header.grid, target, undefined, isProbability ? 'linear' : 'nearest');
  const resampled = sameGrid(header.grid, target) ? values : plan.apply(values);
  const mask = createMask(target, (voxel) => resampled[voxel]! > threshold);
  if (mask.voxels.length === 0) {
    const found = plan.outside === plan.length ? 'an image elsewhere in space' : 'none of its voxels inside';
    throw new UserError({
      code: 'does-not-fit',
      what: 'the mask does not overlap the target grid',
      file: path,
      found,
      remedy: 'give a mask in the same space',
    });
  }
  return mask;
}

/** The voxels that all masks share. @throws UserError where the grids differ or nothing is shared */
export function intersectMasks(masks: readonly Mask[]): Mask {
  const [first] = masks;
  if (!first) throw new RangeError('no masks');
  const counts = new Uint32Array(voxelCount(first.grid));
  for (const { grid, voxels } of masks) {
    if (!sameGrid(grid, first.grid))
      throw new UserError({
        code: 'does-not-fit',
        what: 'the masks are on different grids',
        remedy: 'resample them to one grid',
      });
    for (const voxel of voxels) counts[voxel]!++;
  }
  const shared = createMask(first.grid, (voxel) => counts[voxel] === masks.length);
  if (shared.voxels.length > 0) return shared;
  const found = `none in all of ${masks.length} masks`;
  throw new UserError({
    code: 'does-not-fit',
    what: 'the masks share no voxel',
    expected: 'common voxels',
    found,
    remedy: 'give one mask for all runs',
  });
}

/**
 * Puts values per mask voxel back into a volume.
 * @param values one per mask voxel
 * @param fill value of all other voxels
 * @returns [i fastest, j, k] of the mask's grid
 */
export function unmask(values: ArrayLike<number>, mask: Mask, fill = 0): Float32Array {
  if (values.length !== mask.voxels.length) throw new RangeError(`${values.length} values for ${mask.voxels.length} voxels`);
  const volume = new Float32Array(voxelCount(mask.grid)).fill(fill);
  for (let n = 0; n < values.length; n++) volume[mask.voxels[n]!] = values[n]!;
  return volume;
}

/** Writes a mask as a NIfTI image of zeros and ones. */
export async function writeMask(path: string, mask: Mask, spaceCode: SpaceCode): Promise<void> {
  const volume = unmask(new Uint8Array(mask.voxels.length).fill(1), mask);
  await writeNifti(path, { grid: mask.grid, volumes: [volume], count: 1, dataType: 'uint8', spaceCode });
}
