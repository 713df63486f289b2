import type { LayerAnalysis } from '../../../src-preload/shared/contract/analyses';
import type { Database } from '../database';

/** An analysis with the names of what it is of. */
export interface StoredAnalysis {
  model: string;
  layer: string;
  layerId: number;
  /** Hash of what it was computed from. */
  key: string;
  analysis: LayerAnalysis;
}

/** Stores the analysis of an embedding with a layer in the place of an older one. */
export function storeAnalysis(
  database: Database,
  embeddingId: number,
  { layerId, key, analysis }: Pick<StoredAnalysis, 'layerId' | 'key' | 'analysis'>,
): void {
  database
    .prepare('INSERT OR REPLACE INTO layer_analysis (embedding_id, layer_id, key, content, computed_at) VALUES (?, ?, ?, ?, ?)')
    .run(embeddingId, layerId, key, JSON.stringify(analysis), new Date().toISOString());
}

/** By model, and by depth within it. */
export function listAnalyses(database: Database, embeddingId: number): StoredAnalysis[] {
  const rows = database
    .prepare(
      `SELECT model.name AS model, layer.name AS layer, layer.id AS layerId, key, content
       FROM layer_analysis JOIN layer ON layer.id = layer_id JOIN model ON model.id = layer.model_id
       WHERE embedding_id = ? AND model.removed_at IS NULL ORDER BY model.name, layer.position`,
    )
    .all(embeddingId) as (Omit<StoredAnalysis, 'analysis'> & { content: string })[];
  return rows.map(({ content, ...row }) => ({ ...row, analysis: JSON.parse(content) as LayerAnalysis }));
}
