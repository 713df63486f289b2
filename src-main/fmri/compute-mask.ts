import { basename } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import { voxelCount, type Grid } from '../../src-preload/shared/domain/grid';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { createMask, intersectMasks, type Mask } from './mask';
import { readNiftiHeader, readVolumes } from './nifti/read';
import { planResampling } from './resample';

/** Volumes of each run that are averaged. */
const VOLUMES = 20;
/** Raw scans have no negative voxels, and interpolated ones few; with more than this share the mean was removed. */
const NEGATIVE_SHARE = 0.1;
/** Share of the median brain value below which a voxel is background; AFNI's default. */
const CLIP_FRACTION = 0.5;

/**
 * A brain mask from runs where none is given: per run the mean of its first 20 volumes on the grid, above AFNI's clip level
 * (3dClipLevel, as used by 3dAutomask), largest connected component; then what all runs share. Of runs whose mean was removed
 * all voxels with a signal are taken, with a warning.
 * @param runs 4D images
 * @throws UserError where a run does not overlap the grid or shows no brain, or the runs share nothing
 */
export async function computeMask(runs: readonly string[], grid: Grid, context: WorkContext): Promise<Mask> {
  const masks: Mask[] = [];
  for (const [index, run] of runs.entries()) {
    context.progress({ stage: `finding the brain in ${basename(run)}`, done: index, total: runs.length, unit: 'runs' });
    const mean = await meanOfFirstVolumes(run, grid, context.signal);
    const centred = isCentred(mean);
    if (centred) context.warn(`${basename(run)}: the mean was removed from this run; its mask is where there is any signal`);
    const threshold = centred ? 0 : clipLevel(mean);
    const inside = largestComponent(grid, (voxel) => (centred ? Math.abs(mean[voxel]!) : mean[voxel]!) > threshold);
    if (inside.size === 0) {
      const remedy = 'give a mask with --mask';
      throw new UserError({
        code: 'too-little-data',
        what: 'no brain found in this run',
        file: run,
        expected: 'voxels of positive signal',
        remedy,
      });
    }
    masks.push(createMask(grid, (voxel) => inside.has(voxel)));
  }
  return intersectMasks(masks);
}

function isCentred(mean: Float64Array): boolean {
  const positive = mean.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  const negative = mean.reduce((count, value) => count + (value < 0 ? 1 : 0), 0);
  return positive > 0 && negative > NEGATIVE_SHARE * (positive + negative);
}

async function meanOfFirstVolumes(run: string, grid: Grid, signal: AbortSignal): Promise<Float64Array> {
  const header = await readNiftiHeader(run);
  const plan = planResampling(header.grid, grid);
  const sum = new Float64Array(voxelCount(grid));
  const count = Math.min(VOLUMES, header.volumes);
  let done = 0;
  for await (const volume of readVolumes(run, header, { signal })) {
    const resampled = plan.apply(volume);
    for (let voxel = 0; voxel < sum.length; voxel++) sum[voxel]! += resampled[voxel]! / count;
    if (++done === count) break;
  }
  return sum;
}

/**
 * AFNI's THD_cliplevel: half the median of the values above the level itself, iterated from the level that the largest 65 %
 * of the positive values exceed (at least half their root mean square).
 * @returns a level above 0; Infinity where nothing is positive
 */
export function clipLevel(values: Float64Array): number {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value)).sort();
  if (positive.length === 0) return Infinity;
  const rms = Math.sqrt(positive.reduce((sum, value) => sum + value * value, 0) / positive.length);
  let level = Math.max(CLIP_FRACTION * rms, positive[Math.floor(0.35 * positive.length)]!);
  for (let iteration = 0; iteration < 66; iteration++) {
    const begin = firstAtLeast(positive, level);
    const next = CLIP_FRACTION * positive[Math.floor((begin + positive.length - 1) / 2)]!;
    if (next === level) break;
    level = next;
  }
  return level;
}

function firstAtLeast(sorted: Float64Array, level: number): number {
  const index = sorted.findIndex((value) => value >= level);
  return index < 0 ? sorted.length - 1 : index;
}

/** The largest set of included voxels that touch face to face. */
export function largestComponent(grid: Grid, included: (voxel: number) => boolean): Set<number> {
  const [nx, ny] = grid.shape;
  const seen = new Uint8Array(voxelCount(grid));
  let largest: number[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || !included(start)) continue;
    seen[start] = 1;
    const component = [start];
    for (let next = 0; next < component.length; next++) {
      const voxel = component[next]!;
      const i = voxel % nx;
      const j = Math.floor(voxel / nx) % ny;
      const neighbours = [
        i > 0 ? voxel - 1 : -1,
        i < nx - 1 ? voxel + 1 : -1,
        j > 0 ? voxel - nx : -1,
        j < ny - 1 ? voxel + nx : -1,
        voxel - nx * ny,
        voxel + nx * ny,
      ];
      for (const neighbour of neighbours) {
        if (neighbour < 0 || neighbour >= seen.length || seen[neighbour] || !included(neighbour)) continue;
        seen[neighbour] = 1;
        component.push(neighbour);
      }
    }
    if (component.length > largest.length) largest = component;
  }
  return new Set(largest);
}
