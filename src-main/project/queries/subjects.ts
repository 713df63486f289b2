import type { Database } from '../database';

export type Split = 'train' | 'validation' | 'test';

export interface Subject {
  id: number;
  name: string;
  split: Split;
}

export function listSubjects(database: Database): Subject[] {
  return database.prepare('SELECT id, name, split FROM subject ORDER BY name').all() as Subject[];
}

export function splitSeed(database: Database): number {
  return (database.prepare('SELECT split_seed AS seed FROM project').get() as { seed: number }).seed;
}

/** Stores a whole split; subjects not there yet are added. */
export function storeSplit(database: Database, split: ReadonlyMap<string, Split>, seed?: number): void {
  const upsert = database.prepare(
    'INSERT INTO subject (name, split) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET split = excluded.split',
  );
  database.transaction(() => {
    for (const [name, part] of split) upsert.run(name, part);
    if (seed !== undefined) database.prepare('UPDATE project SET split_seed = ?').run(seed);
  })();
}
