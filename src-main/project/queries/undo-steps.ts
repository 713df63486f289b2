import type { Database } from '../database';

/** A change that can be taken back, as it is stored. */
export interface StoredUndoStep {
  id: number;
  /** What it was: "removal of model resnet18". */
  label: string;
  kind: string;
  /** What the change took the place of, by kind. */
  detail: unknown;
}

/** Older changes than these are for good. */
const MOST_KEPT = 100;

export function addUndoStep(database: Database, { label, kind, detail }: Omit<StoredUndoStep, 'id'>): void {
  database.transaction(() => {
    database
      .prepare('INSERT INTO undo_step (label, kind, detail, created_at) VALUES (?, ?, ?, ?)')
      .run(label, kind, JSON.stringify(detail), new Date().toISOString());
    database.prepare('DELETE FROM undo_step WHERE id <= (SELECT max(id) FROM undo_step) - ?').run(MOST_KEPT);
  })();
}

/** The newest change that was not taken back yet. */
export function lastUndoStep(database: Database): StoredUndoStep | undefined {
  const row = database.prepare('SELECT id, label, kind, detail FROM undo_step ORDER BY id DESC LIMIT 1').get() as
    (Omit<StoredUndoStep, 'detail'> & { detail: string }) | undefined;
  return row && { ...row, detail: JSON.parse(row.detail) as unknown };
}

export function deleteUndoStep(database: Database, id: number): void {
  database.prepare('DELETE FROM undo_step WHERE id = ?').run(id);
}
