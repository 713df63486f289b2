import { resolve } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { ParsedJobInput } from '../../src-preload/shared/contract/job-inputs';
import { discoverBids } from '../fmri/bids';
import { readNiftiHeader } from '../fmri/nifti/read';
import { planFiles } from '../fmri/plan-files';
import { resolveTr } from '../fmri/repetition-time';

/** A run that is to be imported, with what its header and sidecar say. */
export interface PlannedRun {
  subject: string;
  movieRun: string;
  /** Absolute path of the 4D image. */
  source: string;
  volumes: number;
  /** Voxels along x, y, z, and their size. */
  shape: number[];
  voxelMm: number[];
  trSeconds: number;
  mask?: string | undefined;
  confounds?: string | undefined;
}

type Source = ParsedJobInput<'import-fmri'>['source'];

/** What was found, and every reason that an import of it would be refused. */
export interface FoundPlan {
  runs: PlannedRun[];
  problems: UserError[];
}

/**
 * Finds the runs and settles the TR of each; reads headers only. A file that is no run, a TR that is in question or a missing table
 * is among the problems, and the others are found all the same.
 * @param trSeconds the user's answer where header and sidecar leave a question
 * @param withConfounds whether every run must have a confounds table
 * @throws UserError where nothing can be found at all
 */
export async function planRuns(
  source: Source,
  trSeconds: number | undefined,
  withConfounds: boolean,
  signal: AbortSignal,
): Promise<FoundPlan> {
  const { found, problems } = 'bids' in source ? await findInBids(source) : { found: findFiles(source), problems: [] };
  const runs: PlannedRun[] = [];
  for (const one of found) {
    throwIfCancelled(signal);
    try {
      runs.push(await planRun(one, trSeconds, withConfounds));
    } catch (caught) {
      if (!(caught instanceof UserError)) throw caught;
      problems.push(caught);
    }
  }
  return { runs, problems };
}

/** @throws UserError the first problem, saying how many more there are */
export function refuseProblems(problems: readonly UserError[]): void {
  const [first, ...others] = problems;
  if (!first) return;
  if (others.length === 0) throw first;
  throw new UserError({ ...first.details, what: `${first.details.what} (and ${others.length} more such files)` });
}

async function planRun({ sidecarTrSeconds, ...run }: FoundRun, trSeconds: number | undefined, withConfounds: boolean) {
  const header = await readNiftiHeader(run.source);
  if (header.volumes < 2) {
    throw new UserError({
      code: 'file-kind',
      what: 'this image is no run',
      file: run.source,
      expected: 'a 4D image with time',
      found: `${header.volumes} volume`,
    });
  }
  if (withConfounds && !run.confounds) {
    throw new UserError({
      code: 'file-missing',
      what: 'there is no confounds table for this run',
      file: run.source,
      expected: 'a …_desc-confounds_timeseries.tsv of fMRIPrep beside it',
      remedy: 'leave --confounds out, or add the table',
    });
  }
  const tr = resolveTr({ header, sidecarSeconds: sidecarTrSeconds, override: trSeconds, file: run.source });
  const shape = [...header.grid.shape];
  return { ...run, volumes: header.volumes, shape, voxelMm: header.zooms.slice(0, 3), trSeconds: tr };
}

type FoundRun = Omit<PlannedRun, 'volumes' | 'shape' | 'voxelMm' | 'trSeconds'> & { sidecarTrSeconds?: number | undefined };

async function findInBids(source: Extract<Source, { bids: string }>): Promise<{ found: FoundRun[]; problems: UserError[] }> {
  const { bids, task, space, description } = source;
  const { runs, problems } = await discoverBids(bids, { task, space, desc: description });
  return {
    found: runs.map(({ subject, movieRun, bold, mask, confounds, sidecarTrSeconds }) => {
      return { subject, movieRun, source: resolve(bold), mask, confounds, sidecarTrSeconds };
    }),
    problems: problems.map(({ file, problem }) => {
      const what = `a run of the dataset cannot be used: ${problem}`;
      return new UserError({ code: 'file-content', what, file, remedy: 'mend it or move it away' });
    }),
  };
}

function findFiles({ files, movieRun }: Extract<Source, { files: string[] }>): FoundRun[] {
  const found = planFiles(files).map((file) => ({
    subject: file.subject,
    movieRun: movieRun ?? file.movieRun,
    source: resolve(file.bold),
  }));
  const repeated = movieRun && found.find((run, index) => found.findIndex((other) => other.subject === run.subject) !== index);
  if (!repeated) return found;
  throw new UserError({
    code: 'duplicate',
    what: `${repeated.subject} has several files, but all of them are to be movie run ${movieRun}`,
    file: repeated.source,
    expected: 'one file per subject with --run',
    remedy: 'import one movie run at a time, or leave --run out',
  });
}
