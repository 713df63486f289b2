import type { LayerComparison } from '../../../src-preload/shared/contract/comparisons';
import type { Database } from '../database';

/** A comparison with the names of what it is of. */
export interface StoredComparison {
  model: string;
  layer: string;
  layerId: number;
  /** Place of the layer in its model. */
  position: number;
  /** Hash of what it was computed from. */
  key: string;
  comparison: LayerComparison;
}

/** Stores the comparison of an embedding with a layer in the place of an older one. */
export function storeComparison(
  database: Database,
  embeddingId: number,
  { layerId, key, comparison }: Pick<StoredComparison, 'layerId' | 'key' | 'comparison'>,
): void {
  database
    .prepare('INSERT OR REPLACE INTO layer_comparison (embedding_id, layer_id, key, content, computed_at) VALUES (?, ?, ?, ?, ?)')
    .run(embeddingId, layerId, key, JSON.stringify(comparison), new Date().toISOString());
}

/** By model, and by depth within it. */
export function listComparisons(database: Database, embeddingId: number): StoredComparison[] {
  const rows = database
    .prepare(
      `SELECT model.name AS model, layer.name AS layer, layer.id AS layerId, layer.position, key, content
       FROM layer_comparison JOIN layer ON layer.id = layer_id JOIN model ON model.id = layer.model_id
       WHERE embedding_id = ? AND model.removed_at IS NULL ORDER BY model.name, layer.position`,
    )
    .all(embeddingId) as (Omit<StoredComparison, 'comparison'> & { content: string })[];
  return rows.map(({ content, ...row }) => ({ ...row, comparison: JSON.parse(content) as LayerComparison }));
}
