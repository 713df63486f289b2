import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { JobContext } from '../../jobs/queue';
import { ensureMovieRun, findMovie, findMovieRun, storeMovie } from '../../project/queries/movie-runs';
import { addSource } from '../../project/queries/sources';
import { movieKey } from '../keys';
import { knownLengths, settleTiming, storeTiming } from '../timing';

export interface ImportMovieOutput {
  movieRun: string;
  frames: number;
  width: number;
  height: number;
  timePoints: number;
  trimmed: string | null;
  movie: Record<string, unknown>;
}

/** Imports the frames of one movie run; its length is held against the runs' before anything is stored. */
export async function importMovie(
  input: ParsedJobInput<'import-movie'>,
  { project, runTask }: JobContext,
): Promise<ImportMovieOutput> {
  const { database } = project;
  const { movieRun, source, trSeconds, offsetSeconds, width, height } = input;
  const others = knownLengths(project, movieRun, new Set(['the movie']));
  const trim = input.trim || (findMovieRun(database, movieRun)?.trimmed ?? null) !== null;
  const file = `frames/${movieRun.replace(/[^\w.-]+/g, '_')}-${randomBytes(4).toString('hex')}.frames`;
  const result = await runTask('import-movie', { source, trSeconds, offsetSeconds, width, height, output: project.path(file) });
  const previous = findMovie(database, movieRun);
  try {
    settleTiming(movieRun, [...others, { what: 'the movie', timePoints: result.count, trSeconds }], trim);
  } catch (caught) {
    rmSync(project.path(file), { force: true });
    throw caught;
  }
  const { sourceHash } = result;
  const path = 'video' in source ? source.video : source.folder;
  const timing = database.transaction(() => {
    const { id } = ensureMovieRun(database, movieRun);
    if ('video' in source) addSource(database, path, sourceHash);
    storeMovie(database, {
      ...{ movieRunId: id, source: path, sourceHash, file, fileHash: result.fileHash, frames: result.count },
      ...{ width: result.width, height: result.height, trSeconds, offsetSeconds, summary: result.summary },
      key: movieKey({ sourceHash, trSeconds, offsetSeconds, width: result.width, height: result.height, frames: result.count }),
    });
    return storeTiming(project, movieRun, trim);
  })();
  if (previous) rmSync(project.path(previous.file), { force: true });
  const { timePoints, trimmed } = timing;
  return {
    movieRun,
    frames: result.count,
    width: result.width,
    height: result.height,
    timePoints,
    trimmed,
    movie: result.summary,
  };
}
