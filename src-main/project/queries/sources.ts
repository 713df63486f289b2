import { statSync } from 'node:fs';
import type { Database } from '../database';

/** A file outside the project that something was made from. */
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

/** The hash a file had when it was last read, if it has not changed since by size and time. */
export function findUnchangedSourceHash(database: Database, path: string): string | undefined {
  const row = database.prepare(`SELECT ${columns} FROM source WHERE path = ? ORDER BY id DESC`).get(path) as Source | undefined;
  return row && sourceState(row) === 'unchanged' ? row.hash : undefined;
}

export function listSources(database: Database): Source[] {
  return database.prepare(`SELECT ${columns} FROM source ORDER BY path`).all() as Source[];
}

export function sourceState(source: Pick<Source, 'path' | 'bytes' | 'modifiedMilliseconds'>): SourceState {
  const stats = statSync(source.path, { throwIfNoEntry: false });
  if (!stats) return 'missing';
  return stats.size === source.bytes && Math.abs(stats.mtimeMs - source.modifiedMilliseconds) < 1 ? 'unchanged' : 'changed';
}

const columns = 'id, path, hash, bytes, modified_ms AS modifiedMilliseconds';
