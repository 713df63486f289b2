import { statSync } from 'node:fs';
import type { ParsedJobInput } from '../../src-preload/shared/contract/job-inputs';
import type { ExternalPlan } from '../../src-preload/shared/contract/views';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import { orientation, readActivationTables, type ActivationTable } from '../embedding/maps/activation-files';
import { sameGrid } from '../fmri/affine';
import { readMask } from '../fmri/mask';
import { planResampling } from '../fmri/resample';
import type { Project } from '../project/project';
import { currentMask } from '../project/queries/masks';
import { listMovieRuns, type MovieRun } from '../project/queries/movie-runs';
import { listRuns, type Run } from '../project/queries/runs';
import { assigner } from './external-assign';
import { activationsBeside, findMaps, listActivationFiles, type ExternalMaps } from './external-files';

type Input = ParsedJobInput<'import-embedding'>;

/** A table of activations that can be imported. */
export interface PlannedActivation {
  file: string;
  array: string | null;
  subject: string | null;
  movieRun: string;
  timePoints: number;
  /** Whether it lies as [FBNs × time] in its file. */
  isTransposed: boolean;
}

/** What was found, and every reason that the import would be refused. */
export interface FoundExternal {
  maps: ExternalMaps | undefined;
  /** All that can be imported. */
  activations: PlannedActivation[];
  /** All tables, as they are shown. */
  tables: ExternalPlan['activations'];
  problems: UserError[];
  remarks: string[];
}

/** Finds maps and activations and holds them against the project; writes nothing, and tells every problem. */
export async function planExternal(project: Project, input: Input, signal: AbortSignal): Promise<FoundExternal> {
  const found: FoundExternal = { maps: undefined, activations: [], tables: [], problems: [], remarks: [] };
  await collect(found, async () => {
    found.maps = await findMaps(input.file);
    await checkPlace(project, found);
  });
  if (!found.maps) return found;
  if (input.dualRegression) checkRuns(project, found);
  else await planActivations(project, input, found, signal);
  return found;
}

/** Does something; what the user can mend becomes a problem. */
async function collect(found: FoundExternal, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (caught) {
    const problem = caught instanceof UserError ? caught : missingFile(caught);
    if (!problem) throw caught;
    found.problems.push(problem);
  }
}

function missingFile(caught: unknown): UserError | undefined {
  if (!(caught instanceof Error) || !('code' in caught) || caught.code !== 'ENOENT') return undefined;
  return new UserError({
    code: 'file-missing',
    what: 'no such file or folder',
    file: String('path' in caught && caught.path),
    remedy: 'check the path',
  });
}

/** Whether the maps overlap the project's mask. */
async function checkPlace(project: Project, found: FoundExternal): Promise<void> {
  const { file, header } = found.maps!;
  const record = currentMask(project.database);
  if (!record) {
    throw new UserError({
      code: 'earlier-step-missing',
      what: 'the project has no brain mask yet, on whose grid maps are kept',
      expected: 'scans in the project',
      remedy: 'import fMRI first',
    });
  }
  const mask = await readMask(project.path(record.file));
  const { outside, length } = planResampling(header.grid, mask.grid, mask.voxels);
  if (outside === length) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the maps do not overlap the project’s mask',
      file,
      expected: 'maps in the space of the scans',
      found: 'maps elsewhere in space',
    });
  }
  if (!sameGrid(header.grid, mask.grid)) {
    const sizes = header.zooms.slice(0, 3).map((mm) => Number(mm.toFixed(2)));
    found.remarks.push(`the maps are resampled from ${sizes.join(' × ')} mm to the project’s grid (trilinear)`);
  }
  if (outside > 0) found.remarks.push(`${outside} of ${length} voxels of the mask lie outside of the maps and take no part`);
}

function checkRuns({ database }: Project, found: FoundExternal): void {
  if (listRuns(database).some((run) => run.maskIsCurrent)) return;
  found.problems.push(
    new UserError({
      code: 'earlier-step-missing',
      what: 'there are no runs to compute activations from',
      remedy: 'import fMRI, or give files of activations',
    }),
  );
}

async function planActivations({ database }: Project, input: Input, found: FoundExternal, signal: AbortSignal): Promise<void> {
  const runs = listRuns(database);
  const movieRuns = listMovieRuns(database);
  let files: string[] = [];
  await collect(found, () => void (files = listOf(input)));
  if (found.problems.length > 0) return;
  const assign = assigner({ runs, movieRuns: movieRuns.map(({ name }) => name), order: input.order }, files);
  for (const file of files) {
    throwIfCancelled(signal);
    await collect(found, async () => {
      for (const { array, shape, finite } of await summarise(file)) {
        const table: ExternalPlan['activations'][number] = { file, array, subject: null, movieRun: null, timePoints: null };
        found.tables.push(table);
        await collect(found, () => {
          const given = input.assignments.find((one) => one.file === file && one.array === array);
          const { subject, movieRun } = given ?? assign(file, array);
          Object.assign(table, { subject, movieRun });
          const { time, isTransposed } = fitting(shape, finite, found.maps!, array === null ? file : `${file}, array "${array}"`);
          table.timePoints = time;
          checkLength(file, { subject, movieRun }, time, movieRuns, runs);
          found.activations.push({ file, array, subject, movieRun, timePoints: time, isTransposed });
        });
      }
    });
  }
  checkTogether(found, movieRuns);
}

function listOf({ file, files, assignments }: Input): string[] {
  const named = files.length > 0 ? listActivationFiles(files) : activationsBeside(file);
  const all = [...new Set([...named, ...assignments.map((one) => one.file)])];
  if (all.length > 0) return all;
  throw new UserError({
    code: 'earlier-step-missing',
    what: 'there are no activations of the maps',
    file,
    expected: 'files of activations, or dr_stage1_subject… beside the maps',
    remedy: 'name files of activations, or have them computed from the project’s runs by dual regression',
  });
}

interface Summary {
  array: string | null;
  shape: { rows: number; columns: number };
  finite: boolean;
}

/** What was read of files lately: a dialog asks again at every change of its form. */
const summaries = new Map<string, Summary[]>();
const MOST_SUMMARIES = 2000;

async function summarise(file: string): Promise<Summary[]> {
  const { size, mtimeMs } = statSync(file);
  const key = `${file} ${size} ${mtimeMs}`;
  const known = summaries.get(key);
  if (known) return known;
  const found = (await readActivationTables(file)).map(({ array, values }: ActivationTable) => ({
    array,
    shape: { rows: values.rows, columns: values.columns },
    finite: values.data.every(Number.isFinite),
  }));
  if (summaries.size >= MOST_SUMMARIES) summaries.clear();
  summaries.set(key, found);
  return found;
}

function fitting(shape: Summary['shape'], finite: boolean, { header }: ExternalMaps, file: string) {
  const way = orientation(shape, header.volumes);
  if (!way) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the activations do not fit the maps',
      file,
      expected: `${header.volumes} columns, one per map`,
      found: `${shape.rows} rows × ${shape.columns} columns`,
    });
  }
  if (finite) return way;
  throw new UserError({
    code: 'not-finite',
    what: 'the activations hold values that are not finite',
    file,
    expected: 'numbers',
    found: 'NaN or infinity',
  });
}

function checkLength(
  file: string,
  { subject, movieRun }: { subject: string | null; movieRun: string },
  time: number,
  movieRuns: readonly MovieRun[],
  runs: readonly Run[],
): void {
  const found = movieRuns.find(({ name }) => name === movieRun);
  if (!found) {
    const expected = movieRuns.map(({ name }) => name).join(', ') || 'none yet: import fMRI or the movie first';
    throw new UserError({ code: 'not-found', what: `there is no movie run "${movieRun}" in the project`, file, expected });
  }
  const run = runs.find((one) => one.subject === subject && one.movieRun === movieRun);
  const lengths = [...new Set([run?.volumes ?? found.timePoints, found.timePoints].filter((length) => length !== null))];
  if (lengths.includes(time)) return;
  throw new UserError({
    code: 'does-not-fit',
    what: `the activations do not fit movie run ${movieRun}`,
    file,
    expected: `${lengths.join(' or ')} time points${run ? `, as ${subject} has volumes` : ''}`,
    found: String(time),
    remedy: 'give the activations of the scans as they are in the project, or import the scans that they were made from',
  });
}

/** Nothing twice, no mean beside subjects, and what is left out. */
function checkTogether(found: FoundExternal, movieRuns: readonly MovieRun[]): void {
  for (const [movieRun, tables] of Map.groupBy(found.activations, (one) => one.movieRun)) {
    const names = tables.map(({ subject }) => subject);
    const twice = tables.find(({ subject }, i) => names.indexOf(subject) !== i);
    const of = (subject: string | null) => `${subject ?? 'the mean over subjects'} in movie run ${movieRun}`;
    if (twice) {
      const other = tables.find(({ subject }) => subject === twice.subject)!;
      const what = `two tables hold the activations of ${of(twice.subject)}`;
      found.problems.push(
        new UserError({
          code: 'duplicate',
          what,
          file: twice.file,
          found: `also ${other.file}`,
          remedy: 'leave one of them out',
        }),
      );
    } else if (names.includes(null) && names.length > 1) {
      const what = `movie run ${movieRun} has both a mean over subjects and single subjects`;
      const { file } = tables.find(({ subject }) => subject === null)!;
      found.problems.push(
        new UserError({ code: 'duplicate', what, file, remedy: 'leave out the mean: it is taken over the subjects' }),
      );
    }
  }
  const missing = movieRuns.filter(({ name }) => !found.tables.some((one) => one.movieRun === name));
  if (missing.length > 0 && found.tables.length > 0)
    found.remarks.push(`no activations for movie run ${missing.map(({ name }) => name).join(', ')}: it cannot be coupled`);
}
