import type { WordKind } from '../../../src-preload/shared/domain/words';
import type { Database } from '../database';

/** What the user said a term is a word for, where it differs from the guess. */
export function listWordKinds(database: Database): Map<string, WordKind> {
  const rows = database.prepare('SELECT word, kind FROM word_kind').all() as { word: string; kind: WordKind }[];
  return new Map(rows.map(({ word, kind }) => [word, kind]));
}

/** @param kind null: as guessed again */
export function setWordKinds(database: Database, words: readonly string[], kind: WordKind | null): void {
  const set = database.prepare('INSERT OR REPLACE INTO word_kind (word, kind) VALUES (?, ?)');
  const forget = database.prepare('DELETE FROM word_kind WHERE word = ?');
  database.transaction(() => {
    for (const word of words) {
      if (kind === null) forget.run(word);
      else set.run(word, kind);
    }
  })();
}
