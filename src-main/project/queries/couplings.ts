import type { CorrectionSummary } from '../../../src-preload/shared/contract/corrections';
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
  /** How activations were made and what was done to them (couplingForm): the paper's `max`, or another. */
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
  /** Delay of the filter behind the movie that was chosen; left out or null where there was no choice. */
  lagSeconds?: number | null;
}

/** What corrected mode says of a pair; null where the coupling has paper mode only. */
export interface PairCorrection {
  effectiveN: number;
  pEffective: number;
  pNull: number;
  q: number;
  pFamily: number;
  isMutual: boolean;
}

/** Corrected significance of a coupling. */
export interface Correction extends CorrectionSummary {
  /** Hash of the coupling's inputs and the null. */
  key: string;
  /** The null: circular-shift, phase or subjects. */
  method: string;
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
  /** null: paper mode only. */
  correction: Correction | null;
}

/**
 * Stores a coupling and its pairs in the place of an older one of the same things, whose number it keeps: addresses of windows
 * hold it. A correction goes with the pairs that it is of.
 */
export function storeCoupling(database: Database, coupling: Omit<Coupling, 'id'>, pairs: readonly Pair[]): void {
  database.transaction(() => {
    const same = 'embedding_id = @embeddingId AND layer_id = @layerId AND movie_run_id = @movieRunId AND direction = @direction';
    database
      .prepare(
        `DELETE FROM coupling_correction WHERE coupling_id IN
           (SELECT id FROM coupling WHERE ${same} AND reducer = @reducer AND key <> @key)`,
      )
      .run(coupling);
    // The column `mode` is from before corrections were kept beside the paper's p: the pairs are the same in both modes.
    const { id } = database
      .prepare(
        `INSERT INTO coupling (key, embedding_id, layer_id, movie_run_id, direction, mode, reducer, fbns, filters, time_points, pairs,
           undefined_pairs, mean_r, not_significant, computed_at)
         VALUES (@key, @embeddingId, @layerId, @movieRunId, @direction, 'paper', @reducer, @fbns, @filters, @timePoints, @pairs,
           @undefinedPairs, @meanR, @notSignificant, @computedAt)
         ON CONFLICT (embedding_id, layer_id, movie_run_id, direction, mode, reducer) DO UPDATE SET key = excluded.key,
           fbns = excluded.fbns, filters = excluded.filters, time_points = excluded.time_points, pairs = excluded.pairs,
           undefined_pairs = excluded.undefined_pairs, mean_r = excluded.mean_r, not_significant = excluded.not_significant,
           computed_at = excluded.computed_at
         RETURNING id`,
      )
      .get({ ...coupling, computedAt: new Date().toISOString() }) as { id: number };
    database.prepare('DELETE FROM pair WHERE coupling_id = ?').run(id);
    const insert = database.prepare('INSERT INTO pair (coupling_id, fbn, filter, r, p, lag_seconds) VALUES (?, ?, ?, ?, ?, ?)');
    for (const pair of pairs) insert.run(id, pair.fbn, pair.filter, pair.r, pair.p, pair.lagSeconds ?? null);
  })();
}

/** Stores the correction of the coupling with this key in a direction, in the place of an older one. */
export function storeCorrection(
  database: Database,
  { key, direction }: Pick<Coupling, 'key' | 'direction'>,
  correction: Correction,
  pairs: readonly (Pick<Pair, 'fbn' | 'filter'> & PairCorrection)[],
): void {
  database.transaction(() => {
    const { id } = database.prepare('SELECT id FROM coupling WHERE key = ? AND direction = ?').get(key, direction) as {
      id: number;
    };
    database
      .prepare(
        `INSERT OR REPLACE INTO coupling_correction (coupling_id, key, method, surrogates, expected_mean_r, deviation_of_mean_r,
           matched_mean_r, z, p_of_mean_r, not_significant_null, not_significant_q, not_significant_family, computed_at)
         VALUES (@id, @key, @method, @surrogates, @expectedMeanR, @deviationOfMeanR, @matchedMeanR, @z, @pOfMeanR,
           @notSignificantNull, @notSignificantQ, @notSignificantFamily, @computedAt)`,
      )
      .run({ ...correction, id, computedAt: new Date().toISOString() });
    const insert = database.prepare(
      `INSERT INTO pair_correction (coupling_id, fbn, filter, effective_n, p_effective, p_null, q, p_family, is_mutual)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const pair of pairs) {
      const { fbn, filter, effectiveN, pEffective, pNull, q, pFamily, isMutual } = pair;
      insert.run(id, fbn, filter, effectiveN, pEffective, pNull, q, pFamily, isMutual ? 1 : 0);
    }
  })();
}

export function listCouplings(database: Database, embeddingId?: number): NamedCoupling[] {
  const rows = database
    .prepare(
      `SELECT coupling.id, coupling.key, model.id AS modelId, embedding_id AS embeddingId, layer_id AS layerId, movie_run_id AS movieRunId, direction, reducer,
         coupling.fbns, coupling.filters, coupling.time_points AS timePoints, pairs, undefined_pairs AS undefinedPairs, mean_r AS meanR,
         not_significant AS notSignificant, model.name AS model, architecture, trained_on AS trainedOn, layer.name AS layer,
         is_last_convolution AS isLastConvolution, block_index AS blockIndex, layer.position, movie_run.name AS movieRun,
         CASE WHEN correction.key IS NULL THEN NULL ELSE json_object('key', correction.key, 'method', method,
           'surrogates', surrogates, 'expectedMeanR', expected_mean_r, 'deviationOfMeanR', deviation_of_mean_r,
           'matchedMeanR', matched_mean_r, 'z', z, 'pOfMeanR', p_of_mean_r, 'notSignificantNull', not_significant_null,
           'notSignificantQ', not_significant_q, 'notSignificantFamily', not_significant_family) END AS correction
       FROM coupling JOIN layer ON layer.id = layer_id JOIN model ON model.id = layer.model_id
         JOIN movie_run ON movie_run.id = movie_run_id JOIN embedding ON embedding.id = embedding_id
         LEFT JOIN coupling_correction AS correction ON correction.coupling_id = coupling.id
       WHERE (@embeddingId IS NULL OR embedding_id = @embeddingId)
         AND model.removed_at IS NULL AND embedding.removed_at IS NULL
       ORDER BY model.name, layer.position, movie_run.name, direction`,
    )
    .all({ embeddingId: embeddingId ?? null }) as (Omit<NamedCoupling, 'isLastConvolution' | 'correction'> & {
    isLastConvolution: number;
    correction: string | null;
  })[];
  return rows.map((row) => ({
    ...row,
    isLastConvolution: row.isLastConvolution === 1,
    correction: row.correction === null ? null : (JSON.parse(row.correction) as Correction),
  }));
}

/** Pairs of a coupling, best first, with their correction where there is one. */
export function listPairs(database: Database, couplingId: number): (Pair & { correction: PairCorrection | null })[] {
  const rows = database
    .prepare(
      `SELECT fbn, filter, r, p, lag_seconds AS lagSeconds, effective_n AS effectiveN, p_effective AS pEffective, p_null AS pNull, q, p_family AS pFamily,
         is_mutual AS isMutual
       FROM pair LEFT JOIN pair_correction USING (coupling_id, fbn, filter)
       WHERE coupling_id = ? ORDER BY r DESC, fbn, filter`,
    )
    .all(couplingId) as (Pair & Omit<PairCorrection, 'isMutual'> & { isMutual: number | null })[];
  return rows.map(({ fbn, filter, r, p, lagSeconds, isMutual, ...correction }) => ({
    ...{ fbn, filter, r, p, lagSeconds: lagSeconds ?? null },
    // The numbers too are null where there is no correction.
    correction: isMutual === null ? null : { ...correction, isMutual: isMutual === 1 },
  }));
}

/** Means of the metrics of a coupling's pairs, by the names of the paper's Table 4. */
export interface StoredPairMetrics {
  pairs: number;
  means: Record<string, number>;
}

export function storePairMetrics(database: Database, couplingId: number, { pairs, means }: StoredPairMetrics): void {
  database
    .prepare('INSERT OR REPLACE INTO pair_metrics (coupling_id, pairs, means) VALUES (?, ?, ?)')
    .run(couplingId, pairs, JSON.stringify(means));
}

export function readPairMetrics(database: Database, couplingId: number): StoredPairMetrics | undefined {
  const row = database.prepare('SELECT pairs, means FROM pair_metrics WHERE coupling_id = ?').get(couplingId) as
    { pairs: number; means: string } | undefined;
  return row && { pairs: row.pairs, means: JSON.parse(row.means) as Record<string, number> };
}
