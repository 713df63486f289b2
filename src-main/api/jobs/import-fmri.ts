import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import type { ImportedRunPart, ImportRunsTask } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { hashFile } from '../../files/hash';
import { splitSubjects } from '../../fmri/split';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import { currentMask, setCurrentMask, type NewMask } from '../../project/queries/masks';
import { ensureMovieRun } from '../../project/queries/movie-runs';
import { listRuns, storeRun, type Run } from '../../project/queries/runs';
import { addSource, findUnchangedSourceHash } from '../../project/queries/sources';
import { listSubjects, splitSeed, storeSplit, type Split } from '../../project/queries/subjects';
import { planRuns, refuseProblems, type PlannedRun } from '../fmri-plan';
import { runKey } from '../keys';
import { knownLengths, settleTiming, storeTiming } from '../timing';

type Input = ParsedJobInput<'import-fmri'>;

export interface ImportFmriOutput {
  runs: (Pick<Run, 'subject' | 'movieRun' | 'volumes' | 'trSeconds' | 'constantVoxels' | 'nonFiniteVoxels' | 'warnings'> & {
    /** There already, from the same source with the same settings. */
    skipped: boolean;
  })[];
  mask: { voxels: number; origin: string };
  split: { name: string; split: Split }[];
}

/**
 * Imports fMRI runs: finds them, settles TR and length before any long work, makes the mask, and imports what is not there yet.
 * Each run is recorded as it is finished.
 */
export async function importFmri(input: Input, context: JobContext): Promise<ImportFmriOutput> {
  const { project } = context;
  const { runs: planned, problems } = await planRuns(input.source, input.trSeconds, input.confounds !== 'none', context.signal);
  refuseProblems(problems);
  settleTimings(project, planned, input.trim);
  const mask = await chooseMask(input, planned, context);
  warnOfOlderMask(mask, context);
  const missing = await findMissing(project, input, planned, mask);
  await importMissing(input, missing, mask, context);
  if (input.mask !== undefined) addSource(project.database, input.mask, await hashFile(input.mask));
  for (const movieRun of new Set(planned.map((run) => run.movieRun))) storeTiming(project, movieRun, input.trim);
  const done = new Set(missing.map((run) => runName(run)));
  const imported = listRuns(project.database).filter((run) => planned.some((plan) => runName(plan) === runName(run)));
  return {
    runs: imported.map(({ subject, movieRun, volumes, trSeconds, constantVoxels, nonFiniteVoxels, warnings }) => {
      const skipped = !done.has(runName({ subject, movieRun }));
      return { subject, movieRun, volumes, trSeconds, constantVoxels, nonFiniteVoxels, warnings, skipped };
    }),
    mask: { voxels: mask.voxels, origin: mask.origin },
    split: listSubjects(project.database).map(({ name, split }) => ({ name, split })),
  };
}

function settleTimings(project: Project, planned: readonly PlannedRun[], trim: boolean): void {
  for (const [movieRun, runs] of Map.groupBy(planned, (run) => run.movieRun)) {
    const replaced = new Set(runs.map((run) => run.subject));
    const lengths = runs.map((run) => ({ what: run.subject, timePoints: run.volumes, trSeconds: run.trSeconds }));
    settleTiming(movieRun, [...lengths, ...knownLengths(project, movieRun, replaced)], trim);
  }
}

/** The mask asked for; else the project's; else the intersection of the dataset's own masks; else one computed from the runs. */
async function chooseMask(input: Input, planned: readonly PlannedRun[], { project, runTask }: JobContext): Promise<NewMask> {
  const current = currentMask(project.database);
  if (current && !input.mask && !input.grid) return current;
  const own = planned.flatMap((run) => run.mask ?? []);
  const files = input.mask ? [input.mask] : own.length === planned.length ? [...new Set(own)] : [];
  const sources = planned.map((run) => run.source);
  const made = await runTask('mask', {
    files,
    sources,
    grid: input.grid ?? current?.grid ?? { voxelMm: 4 },
    project: project.folder,
  });
  const origin =
    input.mask ??
    (files.length > 0 ? `intersection of ${files.length} masks of the dataset` : `computed from ${sources.length} runs`);
  const { hash, voxels, written } = made;
  return { hash, voxels, grid: made.grid, file: written.file, fileHash: written.hash, origin };
}

function warnOfOlderMask(mask: NewMask, { project, warn }: JobContext): void {
  const current = currentMask(project.database);
  if (!current || current.hash === mask.hash) return;
  const stale = listRuns(project.database).filter((run) => run.maskIsCurrent).length;
  if (stale > 0)
    warn(
      `the mask changes: ${stale} runs imported under the older one (${current.origin}) are stale until they are imported again`,
    );
}

interface MissingRun extends PlannedRun {
  output: string;
  /** Files that this import takes the place of. */
  previous: string[];
}

/** The planned runs that are not in the project with the same source, mask and settings. */
async function findMissing(project: Project, input: Input, planned: readonly PlannedRun[], mask: NewMask): Promise<MissingRun[]> {
  const present = new Map(listRuns(project.database).map((run) => [runName(run), run]));
  const missing: MissingRun[] = [];
  for (const run of planned) {
    const existing = present.get(runName(run));
    const sourceHash = existing && findUnchangedSourceHash(project.database, run.source);
    if (sourceHash && existsSync(project.path(existing.file))) {
      const confoundsHash = run.confounds && input.confounds !== 'none' ? await hashFile(run.confounds) : null;
      if (runKey({ sourceHash, confoundsHash, maskHash: mask.hash, parameters: runParameters(input, run) }) === existing.key)
        continue;
    }
    const stem = runName(run).replace(/[^\w.-]+/g, '_');
    missing.push({
      ...run,
      output: `runs/${stem}-${randomBytes(4).toString('hex')}.run`,
      previous: [existing?.file ?? [], existing?.meanFile ?? []].flat(),
    });
  }
  return missing;
}

async function importMissing(
  input: Input,
  missing: readonly MissingRun[],
  mask: NewMask,
  { project, runTask }: JobContext,
): Promise<void> {
  if (missing.length === 0) return;
  const task: ImportRunsTask = {
    project: project.folder,
    mask: mask.file,
    runs: missing.map((run) => ({
      ...{ source: run.source, output: run.output, trSeconds: run.trSeconds },
      ...(input.confounds !== 'none' && {
        confounds: { file: run.confounds!, ...(input.confounds !== 'default' && { columns: input.confounds }) },
      }),
    })),
    ...{ detrend: input.detrend, antiAlias: input.antiAlias, dataType: input.dataType },
  };
  await runTask('import-runs', task, (part) => recordRun(project, input, missing[part.index]!, mask, part));
}

/** Stores an imported run in one transaction; its older file goes only after that. */
function recordRun(project: Project, input: Input, run: MissingRun, mask: NewMask, part: ImportedRunPart): void {
  const { database } = project;
  const parameters = runParameters(input, run);
  const { sourceHash, confoundsHash, fileHash, mean, volumes, nonFiniteVoxels, warnings } = part;
  database.transaction(() => {
    storeSplit(database, extendSplit(project, run.subject));
    storeRun(database, {
      subjectId: listSubjects(database).find((subject) => subject.name === run.subject)!.id,
      movieRunId: ensureMovieRun(database, run.movieRun).id,
      // With the first run that is whole: a failed import leaves the project's mask as it was.
      maskId: setCurrentMask(database, mask).id,
      sourceId: addSource(database, run.source, sourceHash),
      key: runKey({ sourceHash, confoundsHash, maskHash: mask.hash, parameters }),
      ...{ file: run.output, fileHash, mean, volumes, trSeconds: run.trSeconds, nonFiniteVoxels, parameters, warnings },
      constantVoxels: part.constantVoxels,
    });
  })();
  for (const file of run.previous) rmSync(project.path(file), { force: true });
}

/** The split with one more subject: everybody is split anew by the stored seed, unless somebody chose parts by hand. */
function extendSplit({ database }: Project, subject: string): Map<string, Split> {
  const subjects = listSubjects(database);
  if (subjects.some(({ name }) => name === subject)) return new Map();
  const seed = splitSeed(database);
  const names = subjects.map(({ name }) => name);
  const automatic = splitSubjects(names, seed);
  const edited = subjects.some(({ name, split }) => automatic.get(name) !== split);
  const extended = splitSubjects([...names, subject], seed);
  return edited ? new Map([[subject, extended.get(subject)!]]) : extended;
}

function runParameters(input: Input, run: PlannedRun): Record<string, unknown> {
  const { detrend, confounds, antiAlias, dataType } = input;
  return { detrend, confounds, antiAlias, dataType, trSeconds: run.trSeconds };
}

function runName({ subject, movieRun }: { subject: string; movieRun: string }): string {
  return `${subject}_${movieRun}`;
}
