import type { Database } from '../database';

export type MeasureKind = 'assessment' | 'split-half' | 'recovery';

/** What was measured of an embedding, by FBN; null where it cannot be told. */
export interface StoredMeasure {
  embeddingId: number;
  /** Hash of what it was measured from. */
  key: string;
  /** Numbers of the embedding as a whole, by name. */
  totals: Record<string, number | null>;
  /** [fbns] by name. */
  columns: Record<string, (number | null)[]>;
}

/** Stores a measure in the place of an older one of its kind. */
export function storeMeasure(database: Database, kind: MeasureKind, { embeddingId, key, ...content }: StoredMeasure): void {
  database
    .prepare('INSERT OR REPLACE INTO embedding_measure (embedding_id, kind, key, content, measured_at) VALUES (?, ?, ?, ?, ?)')
    .run(embeddingId, kind, key, JSON.stringify(content), new Date().toISOString());
}

export function readMeasure(database: Database, embeddingId: number, kind: MeasureKind): StoredMeasure | undefined {
  const row = database
    .prepare('SELECT key, content FROM embedding_measure WHERE embedding_id = ? AND kind = ?')
    .get(embeddingId, kind) as { key: string; content: string } | undefined;
  return row && { embeddingId, key: row.key, ...(JSON.parse(row.content) as Pick<StoredMeasure, 'totals' | 'columns'>) };
}
