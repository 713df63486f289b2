import { statSync } from 'node:fs';
import type { Database } from '../database';

/** A file outside the project that something was made from, or in words how it was made from nothing (see RECIPE). */
export interface Source {
  id: number;
  path: string;
  hash: string;
  bytes: number;
  modifiedMilliseconds: number;
}

/** Whether a source is still as it was read, told by size and time of change (`check` compares the hash). */
export type SourceState = 'unchanged' | 'changed' | 'missing';

/** Stores a source just read (with this hash) and returns its id. */
export function addSource(database: Database, path: string, hash: string): number {
  const { size, mtimeMs } = statSync(path);
  const row = database
    .prepare(
      `INSERT INTO source (path, hash, bytes, modified_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (path, hash) DO UPDATE SET modified_ms = excluded.modified_ms RETURNING id`,
    )
    .get(path, hash, size, mtimeMs) as { id: number };
  return row.id;
}

/** What the path of a source begins with where there is no file: "random weights of ResNet-18, seed 0". */
export const RECIPE = 'random weights of ';

/** Stores a source that is no file, with the hash of what it gave, and returns its id. */
export function addRecipe(database: Database, recipe: `${typeof RECIPE}${string}`, hash: string): number {
  const statement = `INSERT INTO source (path, hash, bytes, modified_ms) VALUES (?, ?, 0, 0)
    ON CONFLICT (path, hash) DO UPDATE SET bytes = 0 RETURNING id`;
  return (database.prepare(statement).get(recipe, hash) as { id: number }).id;
}

/** The hash a file had when it was last read, if it has not changed since by size and time. */
export function findUnchangedSourceHash(database: Database, path: string): string | undefined {
  const row = database.prepare(`SELECT ${columns} FROM source WHERE path = ? ORDER BY id DESC`).get(path) as Source | undefined;
  return row && sourceState(row) === 'unchanged' ? row.hash : undefined;
}

export function listSources(database: Database): Source[] {
  return database.prepare(`SELECT ${columns} FROM source ORDER BY path`).all() as Source[];
}

export function sourceState(source: Pick<Source, 'path' | 'bytes' | 'modifiedMilliseconds'>): SourceState {
  if (source.path.startsWith(RECIPE)) return 'unchanged';
  let stats;
  try {
    stats = statSync(source.path);
  } catch {
    // Another machine's paths may lead into folders that are not to be looked into here.
    return 'missing';
  }
  return stats.size === source.bytes && Math.abs(stats.mtimeMs - source.modifiedMilliseconds) < 1 ? 'unchanged' : 'changed';
}

const columns = 'id, path, hash, bytes, modified_ms AS modifiedMilliseconds';
