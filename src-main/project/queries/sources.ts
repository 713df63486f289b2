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
  const stats = statSync(source.path, { throwIfNoEntry: false });
  if (!stats) return 'missing';
  return stats.size === source.bytes && Math.abs(stats.mtimeMs - source.modifiedMilliseconds) < 1 ? 'unchanged' : 'changed';
}

const columns = 'id, path, hash, bytes, modified_ms AS modifiedMilliseconds';

/**
 * Has everything that was made from a source name it by another path, under which the same content is.
 * @param path of a file with the hash of the source
 */
export function moveSource(database: Database, source: Source, path: string): void {
  const { mtimeMs } = statSync(path);
  database.transaction(() => {
    const there = database.prepare('SELECT id FROM source WHERE path = ? AND hash = ?').get(path, source.hash) as
      { id: number } | undefined;
    if (there) {
      // It was imported from there, too.
      for (const table of ['run', 'model'])
        database.prepare(`UPDATE ${table} SET source_id = ? WHERE source_id = ?`).run(there.id, source.id);
      database.prepare('DELETE FROM source WHERE id = ?').run(source.id);
      database.prepare('UPDATE source SET modified_ms = ? WHERE id = ?').run(mtimeMs, there.id);
    } else database.prepare('UPDATE source SET path = ?, modified_ms = ? WHERE id = ?').run(path, mtimeMs, source.id);
    database.prepare('UPDATE movie SET source = ? WHERE source = ? AND source_hash = ?').run(path, source.path, source.hash);
    const embeddings = database.prepare('SELECT id, inputs FROM embedding').all() as { id: number; inputs: string }[];
    for (const { id, inputs } of embeddings) {
      const read = JSON.parse(inputs) as { sources?: { path: string; hash: string }[] };
      const own = read.sources?.filter((one) => one.path === source.path && one.hash === source.hash) ?? [];
      if (own.length === 0) continue;
      for (const one of own) one.path = path;
      database.prepare('UPDATE embedding SET inputs = ? WHERE id = ?').run(JSON.stringify(read), id);
    }
  })();
}
