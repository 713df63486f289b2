import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { writeRunFile, type RunHeader } from '../files/run-file';
import { describeShape } from './affine';
import { readConfounds } from './confounds';
import type { Mask } from './mask';
import type { NiftiHeader } from './nifti/header';
import { readNiftiHeader, readRawVolumes } from './nifti/read';
import { orthonormalDesign, RowStandardizer } from './regression';
import { planResampling, type ResamplingPlan } from './resample';
import { ScratchMatrix } from './scratch';
import { createSmoother, smoothingWidths, type Smoothing } from './smooth';

/** Share of invalid voxels above which the user is warned. */
const MANY_INVALID = 0.05;

export interface ImportRunOptions {
  /** The 4D image. */
  source: string;
  /** The run file to write. */
  output: string;
  /** Which voxels of which grid; the run is resampled to it. */
  mask: Mask;
  /** As resolveTr found it. */
  trSeconds: number;
  /** Remove a straight line from every voxel. */
  detrend: boolean;
  /** Columns of a confounds table to regress out; DEFAULT_CONFOUNDS where no columns are named. */
  confounds?: { file: string; columns?: readonly string[] };
  /** Off by default. */
  smoothing?: Smoothing;
  /** float16 by default: z-scores are rounded by at most 1/2048 of their size. */
  dataType?: 'float16' | 'float32';
}

/** What an import made. */
export interface RunSummary {
  output: string;
  header: RunHeader;
  /** Mean over time per mask voxel, in the source's units; NaN where not finite. */
  meanMap: Float32Array;
  constantVoxels: number;
  nonFiniteVoxels: number;
  /** Mask voxels outside the source's field of view; they count as constant too. */
  outsideVoxels: number;
}

/**
 * Imports a run: resampled to the mask's grid, masked, detrended and cleaned of confounds, z-scored per voxel (population
 * standard deviation). Memory does not grow with the number of volumes: rows pass through a scratch file beside the output,
 * since reading that back is much faster than inflating the source twice. Constant and non-finite voxels are stored as 0 and
 * listed in the header.
 * @throws UserError where the image is no run, nothing is left in the mask, or the confounds do not fit
 */
export async function importRun(options: ImportRunOptions, context: WorkContext): Promise<RunSummary> {
  const { source, output, mask } = options;
  const header = await readNiftiHeader(source);
  checkIsRun(header, source);
  const time = header.volumes;
  const confounds = options.confounds && (await readConfounds(options.confounds.file, time, options.confounds.columns));
  const design = orthonormalDesign(time, options.detrend, confounds?.columns);
  if (design.length + 1 > time) {
    throw new UserError({
      code: 'too-little-data',
      what: 'too few volumes to standardise',
      file: source,
      expected: `more than ${design.length}`,
      found: `${time}`,
    });
  }
  const plan = planResampling(header.grid, mask.grid, mask.voxels);
  if (plan.outside === plan.length) throw noOverlap(source);
  const scratch = await ScratchMatrix.create(output, plan.length);
  try {
    const standardizer = new RowStandardizer(design, plan.length);
    const sourceHash = await readRows(options, header, plan, scratch, standardizer, context);
    const { mean, constant, nonFinite } = standardizer.finish();
    const invalidVoxels = [...constant, ...nonFinite].sort((a, b) => a - b);
    reportInvalid(invalidVoxels.length, plan, options, context);
    const description = {
      time,
      voxels: plan.length,
      dataType: options.dataType ?? ('float16' as const),
      trSeconds: options.trSeconds,
      grid: mask.grid,
      maskHash: mask.hash,
      sourceHash,
      invalidVoxels,
      parameters: {
        detrend: options.detrend,
        confounds: confounds?.names ?? [],
        smoothing: options.smoothing ?? 'none',
      },
    };
    const written = await writeRunFile(output, description, standardized(scratch, standardizer, plan.length, context));
    return {
      output,
      header: written,
      meanMap: mean,
      constantVoxels: constant.length,
      nonFiniteVoxels: nonFinite.length,
      outsideVoxels: plan.outside,
    };
  } finally {
    await scratch.dispose();
  }
}

/** First pass: source volumes to rows of the scratch file. @returns SHA-256 of the source */
async function readRows(
  { source, smoothing = 'none', mask }: ImportRunOptions,
  header: NiftiHeader,
  plan: ResamplingPlan,
  scratch: ScratchMatrix,
  standardizer: RowStandardizer,
  context: WorkContext,
): Promise<string> {
  const { slope, intercept } = header;
  const hash = createHash('sha256');
  const smooth = createSmoother(header.grid, smoothingWidths(smoothing, header.grid, mask.grid));
  const reading = { signal: context.signal, onSourceBytes: (bytes: Uint8Array) => void hash.update(bytes) };
  const progress = { stage: `reading ${basename(source)}`, total: header.volumes, unit: 'volumes' };
  let done = 0;
  for await (const volume of readRawVolumes(source, header, reading)) {
    const row = scratch.nextRow();
    plan.apply(smooth ? smooth(volume) : volume, { into: row, slope, intercept });
    standardizer.accumulate(row);
    await scratch.commitRow();
    throwIfCancelled(context.signal);
    context.progress({ ...progress, done: ++done });
  }
  return hash.digest('hex');
}

/** Second pass: rows of the scratch file as z-scores. */
async function* standardized(
  scratch: ScratchMatrix,
  standardizer: RowStandardizer,
  voxels: number,
  context: WorkContext,
): AsyncGenerator<Float32Array> {
  let t = 0;
  for await (const block of scratch.readBlocks()) {
    throwIfCancelled(context.signal);
    for (let at = 0; at < block.length; at += voxels) standardizer.standardize(block.subarray(at, at + voxels), t++);
    yield block;
  }
}

function checkIsRun({ shape, volumes }: NiftiHeader, file: string): void {
  if (volumes > 1 && volumes === shape[3]) return;
  const found = `${volumes} ${volumes === 1 ? 'volume' : 'volumes'}: ${describeShape(shape)}`;
  throw new UserError({
    code: 'file-kind',
    what: 'this image is not an fMRI run',
    file,
    expected: 'a 4D image of several volumes',
    found,
  });
}

function noOverlap(file: string): UserError {
  const remedy = 'check that the run is in the space of the mask (MNI), not in native space';
  return new UserError({ code: 'does-not-fit', what: 'the run does not overlap the mask', file, remedy });
}

function reportInvalid(
  count: number,
  { length, outside }: ResamplingPlan,
  { source }: ImportRunOptions,
  context: WorkContext,
): void {
  if (count === length) {
    throw new UserError({
      code: 'too-little-data',
      what: 'no voxel of the mask has a usable signal',
      file: source,
      expected: 'series that change over time',
      found: `${length} constant or non-finite voxels`,
      remedy: 'check the file and the mask',
    });
  }
  if (count <= MANY_INVALID * length) return;
  const share = `${((100 * count) / length).toFixed(1)} %`;
  context.warn(
    `${basename(source)}: ${share} of the mask's voxels are constant or not finite (${outside} lie outside the image)`,
  );
}
