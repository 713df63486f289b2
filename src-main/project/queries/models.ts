import type { Database } from '../database';

/** A CNN the project refers to. */
export interface Model {
  id: number;
  name: string;
  architecture: string | null;
  trainedOn: string | null;
  top1Percent: number | null;
  sourcePath: string;
  sourceHash: string;
  /** The ONNX file in the project that a checkpoint was converted to, relative to it; null where the source is ONNX itself. */
  file: string | null;
  fileHash: string | null;
  /** What the file says of itself and how frames are prepared for it. */
  summary: unknown;
  /** What is known beside: where it comes from, what it was trained with. */
  card: unknown;
}

export interface Layer {
  id: number;
  modelId: number;
  position: number;
  name: string;
  filters: number | null;
  kind: string;
  isLastConvolution: boolean;
  blockIndex: number | null;
}

/** Stores a model with its layers, in the place of one of the same name (whose couplings go when the file differs). */
export function storeModel(
  database: Database,
  model: Omit<Model, 'id' | 'sourcePath' | 'sourceHash' | 'file' | 'fileHash' | 'card'> &
    Partial<Pick<Model, 'file' | 'fileHash' | 'card'>> & { sourceId: number },
  layers: readonly Omit<Layer, 'id' | 'modelId'>[],
): number {
  return database.transaction(() => {
    const { id } = database
      .prepare(
        `INSERT INTO model (name, architecture, trained_on, top1_percent, source_id, file, file_hash, summary, card, imported_at)
         VALUES (@name, @architecture, @trainedOn, @top1Percent, @sourceId, @file, @fileHash, @summary, @card, @importedAt)
         ON CONFLICT (name) DO UPDATE SET architecture = excluded.architecture, trained_on = excluded.trained_on,
           top1_percent = excluded.top1_percent, source_id = excluded.source_id, file = excluded.file,
           file_hash = excluded.file_hash, summary = excluded.summary, card = excluded.card, removed_at = NULL
         RETURNING id`,
      )
      .get({
        ...{ file: null, fileHash: null, ...model },
        summary: JSON.stringify(model.summary),
        card: JSON.stringify(model.card ?? {}),
        importedAt: new Date().toISOString(),
      }) as { id: number };
    const names = JSON.stringify(layers.map((layer) => layer.name));
    database.prepare('DELETE FROM layer WHERE model_id = ? AND name NOT IN (SELECT value FROM json_each(?))').run(id, names);
    const upsert = database.prepare(
      `INSERT INTO layer (model_id, position, name, filters, kind, is_last_convolution, block_index)
       VALUES (@modelId, @position, @name, @filters, @kind, @last, @blockIndex)
       ON CONFLICT (model_id, name) DO UPDATE SET position = excluded.position, filters = excluded.filters, kind = excluded.kind,
         is_last_convolution = excluded.is_last_convolution, block_index = excluded.block_index`,
    );
    for (const layer of layers) {
      const { position, name, filters, kind, blockIndex } = layer;
      upsert.run({ modelId: id, position, name, filters, kind, blockIndex, last: layer.isLastConvolution ? 1 : 0 });
    }
    return id;
  })();
}

/** @param id only this one */
export function listModels(database: Database, id?: number): Model[] {
  const rows = database
    .prepare(
      `SELECT model.id, name, architecture, trained_on AS trainedOn, top1_percent AS top1Percent, source.path AS sourcePath,
         source.hash AS sourceHash, file, file_hash AS fileHash, summary, card
       FROM model JOIN source ON source.id = source_id
       WHERE removed_at IS NULL AND (@id IS NULL OR model.id = @id) ORDER BY name`,
    )
    .all({ id: id ?? null }) as (Omit<Model, 'summary' | 'card'> & { summary: string; card: string })[];
  return rows.map((row) => ({ ...row, summary: JSON.parse(row.summary) as unknown, card: JSON.parse(row.card) as unknown }));
}

/** A layer by its id, with its model; undefined where there is none, or its model was removed. */
export function findLayer(database: Database, id: number): { model: Model; layer: Layer } | undefined {
  const row = database.prepare('SELECT model_id AS modelId FROM layer WHERE id = ?').get(id) as { modelId: number } | undefined;
  const model = row && listModels(database, row.modelId)[0];
  return model && { model, layer: listLayers(database, model.id).find((layer) => layer.id === id)! };
}

export function listLayers(database: Database, modelId: number): Layer[] {
  const rows = database
    .prepare(
      `SELECT id, model_id AS modelId, position, name, filters, kind, is_last_convolution AS isLastConvolution,
         block_index AS blockIndex
       FROM layer WHERE model_id = ? ORDER BY position`,
    )
    .all(modelId) as (Omit<Layer, 'isLastConvolution'> & { isLastConvolution: number })[];
  return rows.map((row) => ({ ...row, isLastConvolution: row.isLastConvolution === 1 }));
}

/** Changes what is said about a model, and, where it is given, how frames are prepared for it (of its summary). */
export function updateModelCard(
  database: Database,
  id: number,
  card: Pick<Model, 'name' | 'architecture' | 'trainedOn' | 'top1Percent' | 'card'> & { preprocessing?: unknown },
): void {
  database
    .prepare(
      `UPDATE model SET name = @name, architecture = @architecture, trained_on = @trainedOn, top1_percent = @top1Percent,
         card = @card, summary = iif(@preprocessing IS NULL, summary, json_set(summary, '$.preprocessing', json(@preprocessing)))
       WHERE id = @id`,
    )
    .run({ ...card, card: JSON.stringify(card.card), preprocessing: JSON.stringify(card.preprocessing) ?? null, id });
}

/** Whether another model has the name, be it removed: it would have it again when that is undone. */
export function isNameTaken(database: Database, name: string, exceptId: number): boolean {
  return database.prepare('SELECT 1 FROM model WHERE name = ? AND id <> ?').get(name, exceptId) !== undefined;
}

/** Takes a model out of the project, with its couplings, or puts it back; nothing is deleted. */
export function setModelRemoved(database: Database, id: number, removed: boolean): void {
  database.prepare('UPDATE model SET removed_at = ? WHERE id = ?').run(removed ? new Date().toISOString() : null, id);
}
