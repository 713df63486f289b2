import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ImportedRunPart, ImportRunsTask, RunToImport } from '../../../src-preload/shared/contract/compute-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { hashFile } from '../../files/hash';
import { computeMask } from '../../fmri/compute-mask';
import { importRun } from '../../fmri/import-run';
import { intersectMasks, readMask, unmask, writeMask, type Mask } from '../../fmri/mask';
import { writeNifti } from '../../fmri/nifti/write';
import { resolveTarget } from '../../fmri/resample-file';
import type { TaskContext, TaskHandler } from '../process';

/** Space code of files on the MNI grid (NIfTI: NIFTI_XFORM_MNI_152). */
const MNI_SPACE = 4;

/** Reads, intersects or computes the brain mask of a project and writes it into the project. */
export const maskTask: TaskHandler<'mask'> = async ({ files, sources, grid: choice, project }, context) => {
  const grid = await resolveTarget(choice);
  const mask =
    files.length > 0 ? intersectMasks(await readMasks(files, grid, context)) : await computeMask(sources, grid, context);
  const file = `masks/${mask.hash.slice(0, 16)}.nii.gz`;
  await writeMask(join(project, file), mask, MNI_SPACE);
  return { hash: mask.hash, voxels: mask.voxels.length, grid, written: { file, hash: await hashFile(join(project, file)) } };
};

async function readMasks(files: readonly string[], grid: Mask['grid'], context: TaskContext): Promise<Mask[]> {
  const masks: Mask[] = [];
  for (const [index, file] of files.entries()) {
    throwIfCancelled(context.signal);
    context.progress({ stage: 'reading masks', done: index, total: files.length, unit: 'masks' });
    masks.push(await readMask(file, grid));
  }
  return masks;
}

/** Imports runs one after another; each is handed over as soon as its file is whole. */
export const importRunsTask: TaskHandler<'import-runs'> = async (input, context) => {
  const mask = await readMask(join(input.project, input.mask));
  for (const [index, run] of input.runs.entries()) {
    const stage = `run ${index + 1} of ${input.runs.length}`;
    context.part(await importOne(index, run, mask, input, withStage(context, stage)));
  }
  return null;
};

async function importOne(
  index: number,
  run: RunToImport,
  mask: Mask,
  input: ImportRunsTask,
  context: TaskContext,
): Promise<ImportedRunPart> {
  const output = join(input.project, run.output);
  const warnings: string[] = [];
  const warn = (message: string) => {
    warnings.push(message);
    context.warn(message);
  };
  const { source, trSeconds, confounds } = run;
  const { detrend, antiAlias, dataType } = input;
  const summary = await importRun(
    {
      source,
      output,
      mask,
      trSeconds,
      detrend,
      dataType,
      ...(confounds && { confounds }),
      ...(antiAlias && { smoothing: 'anti-alias' as const }),
    },
    { ...context, warn },
  );
  return {
    index,
    sourceHash: summary.header.sourceHash,
    confoundsHash: confounds ? await hashFile(confounds.file) : null,
    fileHash: await hashFile(output, context.signal),
    mean: await writeMean(input.project, run.output, summary.meanMap, mask),
    volumes: summary.header.time,
    constantVoxels: summary.constantVoxels,
    nonFiniteVoxels: summary.nonFiniteVoxels,
    outsideVoxels: summary.outsideVoxels,
    warnings,
  };
}

/** Keeps a run's mean image: what its anatomy and coverage look like, which z-scores no longer tell. */
async function writeMean(
  project: string,
  runFile: string,
  mean: Float32Array,
  mask: Mask,
): Promise<{ file: string; hash: string }> {
  const file = `means/${basename(runFile, '.run')}.nii.gz`;
  const volume = unmask(
    mean.map((value) => (Number.isFinite(value) ? value : 0)),
    mask,
  );
  await mkdir(join(project, 'means'), { recursive: true });
  const description = 'mean over time before z-scoring';
  await writeNifti(join(project, file), {
    ...{ grid: mask.grid, volumes: [volume], count: 1, dataType: 'float32', spaceCode: MNI_SPACE, description },
  });
  return { file, hash: await hashFile(join(project, file)) };
}

/** Says in every report which of several things is being worked on. */
function withStage<Part>(context: TaskContext<Part>, which: string): TaskContext<Part> {
  return { ...context, progress: (progress) => context.progress({ ...progress, stage: `${which}: ${progress.stage}` }) };
}
