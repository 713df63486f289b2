import type { Database } from '../database';

/** The pictures that activate each filter of a layer most, of one folder. */
export interface ImageSet {
  id: number;
  layerId: number;
  name: string;
  /** The folder the pictures are from. */
  folder: string;
  key: string;
  /** Small copies of them, relative to the project. */
  file: string;
  fileHash: string;
  content: {
    pictures: number;
    filters: number;
    /** What the folder is known by: its labels, or names and sizes. Older versions kept it beside the labels of a dissection alone. */
    sourceHash?: string;
  };
  madeAt: string;
}

/** Stores a set in the place of one of the same name for the same layer. */
export function storeImageSet(database: Database, set: Omit<ImageSet, 'id' | 'madeAt'>): void {
  database
    .prepare(
      `INSERT INTO image_set (layer_id, name, folder, key, file, file_hash, content, made_at)
       VALUES (@layerId, @name, @folder, @key, @file, @fileHash, @content, @madeAt)
       ON CONFLICT (layer_id, name) DO UPDATE SET folder = excluded.folder, key = excluded.key, file = excluded.file,
         file_hash = excluded.file_hash, content = excluded.content, made_at = excluded.made_at, removed_at = NULL`,
    )
    .run({ ...set, content: JSON.stringify(set.content), madeAt: new Date().toISOString() });
}

export function listImageSets(database: Database): ImageSet[] {
  const rows = database
    .prepare(
      `SELECT image_set.id, layer_id AS layerId, image_set.name, folder, key, image_set.file, image_set.file_hash AS fileHash, content,
         made_at AS madeAt
       FROM image_set JOIN layer ON layer.id = layer_id JOIN model ON model.id = model_id
       WHERE image_set.removed_at IS NULL AND model.removed_at IS NULL ORDER BY image_set.id`,
    )
    .all() as (Omit<ImageSet, 'content'> & { content: string })[];
  return rows.map((row) => ({ ...row, content: JSON.parse(row.content) as ImageSet['content'] }));
}

/** Takes pictures out of the project or puts them back; nothing is deleted. */
export function setImageSetRemoved(database: Database, id: number, removed: boolean): void {
  database.prepare('UPDATE image_set SET removed_at = ? WHERE id = ?').run(removed ? new Date().toISOString() : null, id);
}
