import { basename } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import { MNI_4MM, type Grid } from '../../src-preload/shared/domain/grid';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { headerTrSeconds, type NiftiHeader } from './nifti/header';
import { readNiftiHeader, readRawVolumes } from './nifti/read';
import { writeNifti, type SpaceCode } from './nifti/write';
import { planResampling } from './resample';
import { createSmoother, smoothingWidths, type Smoothing } from './smooth';

/** A grid, that of another image, or the MNI152 grid at a voxel size. */
export type ResamplingTarget = Grid | { like: string } | { voxelMm: number };

/** The grid that is meant. @throws UserError for an unreadable image or an impossible size */
export async function resolveTarget(target: ResamplingTarget): Promise<Grid> {
  if ('shape' in target) return target;
  return 'like' in target ? (await readNiftiHeader(target.like)).grid : mniGrid(target.voxelMm);
}

/**
 * The MNI152 box at another voxel size: from the same first voxel centre, (−90, −126, −72) mm, on which all common MNI152 grids
 * begin, as many voxels as fill the box of MNI_4MM. 3 mm gives 60 × 72 × 60.
 * @throws UserError outside 0.5 to 20 mm
 */
export function mniGrid(voxelMm: number): Grid {
  if (!(voxelMm >= 0.5 && voxelMm <= 20)) {
    throw new UserError({
      code: 'setting-invalid',
      what: 'the voxel size is not usable',
      expected: '0.5 to 20 mm',
      found: `${voxelMm}`,
      remedy: 'pass --voxel-mm 4',
    });
  }
  const [nx, ny, nz] = MNI_4MM.shape.map((size) => Math.round((size * 4) / voxelMm)) as [number, number, number];
  return { shape: [nx, ny, nz], affine: MNI_4MM.affine.map((entry) => (entry === 4 ? voxelMm : entry)) };
}

export interface ResampleFileOptions {
  source: string;
  /** .nii or .nii.gz by its name. */
  output: string;
  target: ResamplingTarget;
  /** Off by default. */
  smoothing?: Smoothing;
}

/** What was written. */
export interface ResampledFile {
  output: string;
  /** Sizes along i, j, k and, where there are several volumes, time. */
  shape: number[];
  /** Target voxels outside the source; 0 in the output. */
  outsideVoxels: number;
}

/**
 * Resamples an image, volume by volume, to float32 on another grid (trilinear).
 * @throws UserError where image and grid do not overlap
 */
export async function resampleFile(options: ResampleFileOptions, context: WorkContext): Promise<ResampledFile> {
  const { source, output, smoothing = 'none' } = options;
  const header = await readNiftiHeader(source);
  const grid = await resolveTarget(options.target);
  const plan = planResampling(header.grid, grid);
  if (plan.outside === plan.length) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the image does not overlap the target grid',
      file: source,
      remedy: 'check that both are in the same space',
    });
  }
  const smooth = createSmoother(header.grid, smoothingWidths(smoothing, header.grid, grid));
  const { slope, intercept, volumes: count } = header;
  async function* resampled(): AsyncGenerator<Float32Array> {
    let done = 0;
    for await (const volume of readRawVolumes(source, header, { signal: context.signal })) {
      throwIfCancelled(context.signal);
      yield plan.apply(smooth ? smooth(volume) : volume, { slope, intercept });
      context.progress({ stage: `resampling ${basename(source)}`, done: ++done, total: count, unit: 'volumes' });
    }
  }
  const trSeconds = headerTrSeconds(header);
  await writeNifti(output, {
    grid,
    volumes: resampled(),
    count,
    ...(trSeconds !== null && { trSeconds }),
    dataType: 'float32',
    spaceCode: spaceOf(header),
  });
  return { output, shape: count === 1 ? [...grid.shape] : [...grid.shape, count], outsideVoxels: plan.outside };
}

/** Resampling does not change what world coordinates mean; 2 (aligned to something) where the source does not say. */
function spaceOf({ sformCode, qformCode }: NiftiHeader): SpaceCode {
  const code = sformCode > 0 ? sformCode : qformCode;
  return code >= 1 && code <= 4 ? (code as SpaceCode) : 2;
}
