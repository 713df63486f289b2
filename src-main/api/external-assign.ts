import { basename, dirname } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import { naturalOrder } from '../fmri/bids-names';
import type { Run } from '../project/queries/runs';
import { regressionInputs, regressionPlace } from './external-files';

/** What a table of activations is of. */
export interface Assignment {
  /** null: a mean over subjects. */
  subject: string | null;
  movieRun: string;
}

export interface AssignmentRequest {
  runs: readonly Run[];
  movieRuns: readonly string[];
  /** The order of numbered files: all movie runs of a subject together, or all subjects of a movie run. */
  order: 'subject' | 'movie-run' | undefined;
}

/**
 * Tells from names whose activations over which movie run a table holds: the names of the project's subjects (or sub-…) and movie
 * runs in its name. Files that dual_regression numbered are told by the images it was given, or by the order asked for.
 * @param files all tables; the number of numbered ones must fit the runs
 */
export function assigner({ runs, movieRuns, order }: AssignmentRequest, files: readonly string[]) {
  const subjects = [...new Set(runs.map((run) => run.subject))];
  const numbered = files.filter((file) => regressionPlace(file) !== undefined).length;
  const inputs = new Map<string, Map<number, string> | undefined>();
  const inputsOf = (folder: string) => {
    if (!inputs.has(folder)) inputs.set(folder, regressionInputs(folder));
    return inputs.get(folder);
  };
  const byName = (label: string, file: string): Assignment => {
    const subject = longestIn(label, subjects) ?? /(?:^|[^a-z0-9])(sub-[a-z0-9]+)/i.exec(label)?.[1] ?? null;
    const movieRun = movieRunIn(label, movieRuns);
    if (movieRun !== undefined) return { subject, movieRun };
    throw new UserError({
      code: 'ambiguous',
      what: 'cannot tell which movie run these activations are of',
      file,
      expected: `a name with ${movieRuns.slice(0, 4).join(', ') || 'a movie run of the project'} in it`,
      found: label,
      remedy: 'rename it, or say it with a table (--table)',
    });
  };
  /** @param array its name in a .npz file */
  return (file: string, array: string | null): Assignment => {
    const place = regressionPlace(file);
    if (place === undefined) return byName(array ?? labelOf(file), file);
    const image = inputsOf(dirname(file))?.get(place);
    if (image !== undefined) {
      const run = runs.find(({ sourcePath }) => sourcePath === image || stem(sourcePath) === stem(image));
      return run ? { subject: run.subject, movieRun: run.movieRun } : byName(`${basename(dirname(image))} ${stem(image)}`, file);
    }
    return byOrder(file, place, numbered, runs, order);
  };
}

function byOrder(
  file: string,
  place: number,
  count: number,
  runs: readonly Run[],
  order: AssignmentRequest['order'],
): Assignment {
  const refuse = (expected: string, found: string, remedy: string) =>
    new UserError({ code: 'ambiguous', what: 'cannot tell whose activations these are', file, expected, found, remedy });
  if (order === undefined) {
    const remedy = 'say how the inputs of dual_regression were ordered (--order subject or movie-run), or give a table (--table)';
    throw refuse('names of subject and movie run', 'a number only', remedy);
  }
  if (count !== runs.length) throw refuse(`${runs.length} files, one per run`, String(count), 'say it with a table (--table)');
  const nameOf = ({ subject, movieRun }: Run) => (order === 'subject' ? [subject, movieRun] : [movieRun, subject]);
  const sorted = runs.toSorted((a, b) => {
    const [x, y] = [nameOf(a), nameOf(b)];
    return naturalOrder(x[0]!, y[0]!) || naturalOrder(x[1]!, y[1]!);
  });
  const run = sorted[place];
  if (!run) throw refuse(`numbers 0 to ${runs.length - 1}`, String(place), 'say it with a table (--table)');
  return { subject: run.subject, movieRun: run.movieRun };
}

/** By its whole name, or by its `run-…` where no other has the same; the only one there is needs no name. */
function movieRunIn(label: string, movieRuns: readonly string[]): string | undefined {
  const whole = longestIn(label, movieRuns);
  if (whole !== undefined || movieRuns.length === 1) return whole ?? movieRuns[0];
  const endings = movieRuns.map((name) => /run-[A-Za-z0-9]+$/.exec(name)?.[0] ?? name);
  const ending = longestIn(label, endings);
  const named = movieRuns.filter((_, i) => endings[i] === ending);
  return ending !== undefined && named.length === 1 ? named[0] : undefined;
}

/** The folder may be the subject's or the movie run's. */
function labelOf(file: string): string {
  return `${basename(dirname(file))} ${stem(file)}`;
}

function stem(file: string): string {
  return basename(file).replace(/\.(nii(\.gz)?|tsv|csv|txt|npy|npz)$/i, '');
}

/** The longest of some names that stands in a text by itself, the last such place counting first. */
function longestIn(text: string, names: readonly string[]): string | undefined {
  const found = names.filter((name) => {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`(^|[^A-Za-z0-9])${escaped}($|[^A-Za-z0-9])`).test(text);
  });
  return found.sort((a, b) => b.length - a.length)[0];
}
