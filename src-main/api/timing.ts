import { UserError } from '../../src-preload/shared/domain/errors';
import type { Project } from '../project/project';
import { ensureMovieRun, findMovie, setTiming } from '../project/queries/movie-runs';
import { listRuns } from '../project/queries/runs';

/** How long something of a movie run is, and its TR. */
export interface Length {
  /** What it is, for messages: "sub-01", "the movie". */
  what: string;
  timePoints: number;
  trSeconds: number;
}

/** What all runs and the movie of a movie run agree on. */
export interface Timing {
  trSeconds: number;
  timePoints: number;
  /** What was cut off, in words; null when nothing was. */
  trimmed: string | null;
}

/** TRs that differ by less are the same; headers round. */
const TR_TOLERANCE_SECONDS = 0.001;

/**
 * Finds the time points that all runs and the movie of one movie run share.
 * @param trim whether the longer ones may be cut at their end
 * @throws UserError naming both when TRs differ, or when lengths differ and may not be cut
 */
export function settleTiming(movieRun: string, lengths: readonly Length[], trim: boolean): Timing {
  const first = lengths[0]!;
  const otherTr = lengths.find((length) => Math.abs(length.trSeconds - first.trSeconds) > TR_TOLERANCE_SECONDS);
  if (otherTr) {
    throw new UserError({
      code: 'tr-unclear',
      what: `the TRs of movie run ${movieRun} differ`,
      expected: `${first.trSeconds} s (${first.what})`,
      found: `${otherTr.trSeconds} s (${otherTr.what})`,
      remedy: 'give the right one with --tr',
    });
  }
  const shortest = lengths.reduce((a, b) => (b.timePoints < a.timePoints ? b : a));
  const longest = lengths.reduce((a, b) => (b.timePoints > a.timePoints ? b : a));
  if (shortest.timePoints === longest.timePoints)
    return { trSeconds: first.trSeconds, timePoints: first.timePoints, trimmed: null };
  if (!trim) {
    throw new UserError({
      code: 'does-not-fit',
      what: `the lengths of movie run ${movieRun} differ`,
      expected: `${longest.timePoints} time points (${longest.what})`,
      found: `${shortest.timePoints} (${shortest.what})`,
      remedy: `check the TR and the offset, or pass --trim to use the first ${shortest.timePoints} of each`,
    });
  }
  return {
    trSeconds: first.trSeconds,
    timePoints: shortest.timePoints,
    trimmed: `the first ${shortest.timePoints} time points are used (${shortest.what}); the longest has ${longest.timePoints} (${longest.what})`,
  };
}

/**
 * The lengths of everything a movie run has.
 * @param replaced names (`what`) that are about to be replaced and do not count
 */
export function knownLengths({ database }: Project, movieRun: string, replaced: ReadonlySet<string>): Length[] {
  const runs = listRuns(database)
    .filter((run) => run.movieRun === movieRun)
    .map((run) => ({ what: run.subject, timePoints: run.volumes, trSeconds: run.trSeconds }));
  const movie = findMovie(database, movieRun);
  const movies = movie ? [{ what: 'the movie', timePoints: movie.frames, trSeconds: movie.trSeconds }] : [];
  return [...runs, ...movies].filter((length) => !replaced.has(length.what));
}

/** Settles a movie run's timing from everything it has now and stores it. */
export function storeTiming(project: Project, movieRun: string, trim: boolean): Timing {
  const { id, trimmed } = ensureMovieRun(project.database, movieRun);
  // What was trimmed once stays so: importing another run of the movie run does not ask again.
  const timing = settleTiming(movieRun, knownLengths(project, movieRun, new Set()), trim || trimmed !== null);
  setTiming(project.database, id, timing.trSeconds, timing.timePoints, timing.trimmed);
  return timing;
}
