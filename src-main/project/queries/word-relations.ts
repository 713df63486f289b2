import type { Database } from '../database';

/** Replaces the list of related words. @param pairs both as lemmas */
export function storeWordRelations(database: Database, pairs: Iterable<readonly [string, string]>): void {
  const insert = database.prepare('INSERT OR IGNORE INTO word_relation (word, other) VALUES (?, ?)');
  database.transaction(() => {
    database.prepare('DELETE FROM word_relation').run();
    for (const [word, other] of pairs) insert.run(word, other);
  })();
}

export function listWordRelations(database: Database): Map<string, Set<string>> {
  const rows = database.prepare('SELECT word, other FROM word_relation').all() as { word: string; other: string }[];
  const related = new Map<string, Set<string>>();
  for (const { word, other } of rows) related.set(word, (related.get(word) ?? new Set()).add(other));
  return related;
}
