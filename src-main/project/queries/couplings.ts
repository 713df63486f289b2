import type { Database } from '../database';

export type Direction = 'fbn-to-filter' | 'filter-to-fbn';

/** The pairs of one embedding with one layer over one movie run, in one direction. */
export interface Coupling {
  id: number;
  key: string;
  embeddingId: number;
  layerId: number;
  movieRunId: number;
  direction: Direction;
  mode: 'paper';
  /** How feature maps were reduced to one activation: the paper's maximum, or another. */
  reducer: string;
  fbns: number;
  filters: number;
  timePoints: number;
  pairs: number;
  undefinedPairs: number;
  /** Mean r over the pairs; null when there are none. */
  meanR: number | null;
  notSignificant: number;
}

export interface Pair {
  fbn: number;
  filter: number;
  r: number;
  p: number;
}

/** A coupling with the names of what was coupled. */
export interface NamedCoupling extends Coupling {
  modelId: number;
  model: string;
  architecture: string | null;
  trainedOn: string | null;
  layer: string;
  isLastConvolution: boolean;
  blockIndex: number | null;
  /** Place of the layer in its model. */
  position: number;
  movieRun: string;
}

/** Stores a coupling and its pairs in the place of an older one of the same things. */
export function storeCoupling(database: Database, coupling: Omit<Coupling, 'id'>, pairs: readonly Pair[]): void {
  database.transaction(() => {
    const { id } = database
      .prepare(
        `INSERT OR REPLACE INTO coupling (key, embedding_id, layer_id, movie_run_id, direction, mode, reducer, fbns, filters, time_points, pairs,
           undefined_pairs, mean_r, not_significant, computed_at)
         VALUES (@key, @embeddingId, @layerId, @movieRunId, @direction, @mode, @reducer, @fbns, @filters, @timePoints, @pairs,
           @undefinedPairs, @meanR, @notSignificant, @computedAt) RETURNING id`,
      )
      .get({ ...coupling, computedAt: new Date().toISOString() }) as { id: number };
    const insert = database.prepare('INSERT INTO pair (coupling_id, fbn, filter, r, p) VALUES (?, ?, ?, ?, ?)');
    for (const pair of pairs) insert.run(id, pair.fbn, pair.filter, pair.r, pair.p);
  })();
}

export function listCouplings(database: Database, embeddingId?: number): NamedCoupling[] {
  const rows = database
    .prepare(
      `SELECT coupling.id, coupling.key, model.id AS modelId, embedding_id AS embeddingId, layer_id AS layerId, movie_run_id AS movieRunId, direction, mode, reducer,
         coupling.fbns, coupling.filters, coupling.time_points AS timePoints, pairs, undefined_pairs AS undefinedPairs, mean_r AS meanR,
         not_significant AS notSignificant, model.name AS model, architecture, trained_on AS trainedOn, layer.name AS layer,
         is_last_convolution AS isLastConvolution, block_index AS blockIndex, layer.position, movie_run.name AS movieRun
       FROM coupling JOIN layer ON layer.id = layer_id JOIN model ON model.id = layer.model_id
         JOIN movie_run ON movie_run.id = movie_run_id JOIN embedding ON embedding.id = embedding_id
       WHERE (@embeddingId IS NULL OR embedding_id = @embeddingId)
         AND model.removed_at IS NULL AND embedding.removed_at IS NULL
       ORDER BY model.name, layer.position, movie_run.name, direction`,
    )
    .all({ embeddingId: embeddingId ?? null }) as (Omit<NamedCoupling, 'isLastConvolution'> & { isLastConvolution: number })[];
  return rows.map((row) => ({ ...row, isLastConvolution: row.isLastConvolution === 1 }));
}

/** Pairs of a coupling, best first. */
export function listPairs(database: Database, couplingId: number): Pair[] {
  return database
    .prepare('SELECT fbn, filter, r, p FROM pair WHERE coupling_id = ? ORDER BY r DESC, fbn, filter')
    .all(couplingId) as Pair[];
}
