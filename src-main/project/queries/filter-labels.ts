import type { Database } from '../database';

/** A label that a filter was measured against beside its best one. */
export interface LabelCandidate {
  category: string;
  label: string;
  score: number;
  /** Score of the same label with the segmentations shuffled; only where it was measured here. */
  chance?: number;
}

export interface FilterLabel {
  filter: number;
  /** Empty where the filter got none. */
  label: string;
  category: string | null;
  /** IoU or similarity, as the set says; null where there is none. */
  score: number | null;
  /** Score expected by chance; null where it is not known. */
  chance: number | null;
  candidates: LabelCandidate[];
}

/** Where labels come from. */
export interface LabelSetContent {
  /** The file, or the folder of images they were measured on. */
  origin: string;
  sourceHash: string;
  /** How units were numbered in the file, in words; null where they were measured here. */
  numbering: string | null;
}

/** Labels of the filters of one layer by one method. */
export interface LabelSet {
  id: number;
  layerId: number;
  name: string;
  method: string;
  score: 'IoU' | 'similarity' | null;
  key: string;
  content: LabelSetContent;
  importedAt: string;
}

/** Stores labels in the place of a set of the same name for the same layer. */
export function storeLabelSet(
  database: Database,
  set: Omit<LabelSet, 'id' | 'importedAt'>,
  labels: readonly FilterLabel[],
): number {
  return database.transaction(() => {
    database.prepare('DELETE FROM label_set WHERE layer_id = ? AND name = ?').run(set.layerId, set.name);
    const { id } = database
      .prepare(
        `INSERT INTO label_set (layer_id, name, method, score, key, content, imported_at)
         VALUES (@layerId, @name, @method, @score, @key, @content, @importedAt) RETURNING id`,
      )
      .get({ ...set, content: JSON.stringify(set.content), importedAt: new Date().toISOString() }) as { id: number };
    const insert = database.prepare(
      'INSERT INTO filter_label (label_set_id, filter, label, category, score, chance, candidates) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    for (const { filter, label, category, score, chance, candidates } of labels)
      insert.run(id, filter, label, category, score, chance, JSON.stringify(candidates));
    return id;
  })();
}

export function listLabelSets(database: Database): LabelSet[] {
  const rows = database
    .prepare(
      `SELECT label_set.id, layer_id AS layerId, label_set.name, method, score, key, content, label_set.imported_at AS importedAt
       FROM label_set JOIN layer ON layer.id = layer_id JOIN model ON model.id = model_id
       WHERE label_set.removed_at IS NULL AND model.removed_at IS NULL ORDER BY label_set.id`,
    )
    .all() as (Omit<LabelSet, 'content'> & { content: string })[];
  return rows.map((row) => ({ ...row, content: JSON.parse(row.content) as LabelSetContent }));
}

/** The labels of a set, or of one filter in it. */
export function listFilterLabels(database: Database, setId: number, filter?: number): FilterLabel[] {
  const select = 'SELECT filter, label, category, score, chance, candidates FROM filter_label WHERE label_set_id = ?';
  const rows = (
    filter === undefined
      ? database.prepare(`${select} ORDER BY filter`).all(setId)
      : database.prepare(`${select} AND filter = ?`).all(setId, filter)
  ) as (Omit<FilterLabel, 'candidates'> & { candidates: string })[];
  return rows.map((row) => ({ ...row, candidates: JSON.parse(row.candidates) as LabelCandidate[] }));
}

/** Takes labels out of the project or puts them back; nothing is deleted. */
export function setLabelSetRemoved(database: Database, id: number, removed: boolean): void {
  database.prepare('UPDATE label_set SET removed_at = ? WHERE id = ?').run(removed ? new Date().toISOString() : null, id);
}
