import type { Database } from '../database';

/** One part of the movie, as scanned in one piece. */
export interface MovieRun {
  id: number;
  name: string;
  trSeconds: number | null;
  /** Time points that count: every run and the movie are used up to here. */
  timePoints: number | null;
  /** What was cut off to get there, in words; null when nothing was. */
  trimmed: string | null;
}

/** The frames of a movie run. */
export interface Movie {
  movieRunId: number;
  movieRun: string;
  source: string;
  sourceHash: string;
  key: string;
  file: string;
  fileHash: string;
  frames: number;
  width: number;
  height: number;
  trSeconds: number;
  offsetSeconds: number;
  summary: unknown;
  importedAt: string;
}

/** Finds a movie run by name or adds it. */
export function ensureMovieRun(database: Database, name: string): MovieRun {
  database.prepare('INSERT INTO movie_run (name) VALUES (?) ON CONFLICT DO NOTHING').run(name);
  return findMovieRun(database, name)!;
}

export function findMovieRun(database: Database, name: string): MovieRun | undefined {
  return database.prepare(`${select} WHERE name = ?`).get(name) as MovieRun | undefined;
}

export function listMovieRuns(database: Database): MovieRun[] {
  return database.prepare(`${select} ORDER BY name`).all() as MovieRun[];
}

export function setTiming(database: Database, id: number, trSeconds: number, timePoints: number, trimmed: string | null): void {
  database
    .prepare('UPDATE movie_run SET tr_seconds = ?, time_points = ?, trimmed = ? WHERE id = ?')
    .run(trSeconds, timePoints, trimmed, id);
}

export function storeMovie(database: Database, movie: Omit<Movie, 'movieRun' | 'importedAt'>): void {
  database
    .prepare(
      `INSERT OR REPLACE INTO movie (movie_run_id, source, source_hash, key, file, file_hash, frames, width, height, tr_seconds,
         offset_seconds, summary, imported_at)
       VALUES (@movieRunId, @source, @sourceHash, @key, @file, @fileHash, @frames, @width, @height, @trSeconds, @offsetSeconds,
         @summary, @importedAt)`,
    )
    .run({ ...movie, summary: JSON.stringify(movie.summary), importedAt: new Date().toISOString() });
}

export function listMovies(database: Database): Movie[] {
  const rows = database
    .prepare(
      `SELECT movie_run_id AS movieRunId, movie_run.name AS movieRun, source, source_hash AS sourceHash, key, file,
         file_hash AS fileHash, frames, width, height, movie.tr_seconds AS trSeconds, offset_seconds AS offsetSeconds, summary,
         imported_at AS importedAt
       FROM movie JOIN movie_run ON movie_run.id = movie_run_id ORDER BY movie_run.name`,
    )
    .all() as (Omit<Movie, 'summary'> & { summary: string })[];
  return rows.map((row) => ({ ...row, summary: JSON.parse(row.summary) as unknown }));
}

export function findMovie(database: Database, movieRun: string): Movie | undefined {
  return listMovies(database).find((movie) => movie.movieRun === movieRun);
}

const select = 'SELECT id, name, tr_seconds AS trSeconds, time_points AS timePoints, trimmed FROM movie_run';
