import type { Database } from '../database';
import type { Direction } from './couplings';

interface Place {
  embedding: number;
  layer: number;
  fbn: number;
  filter: number;
}

/** Couplings (of the reducer max, as in the paper) in which an FBN and a filter are a pair. */
export function listPairsAt(
  database: Database,
  place: Place,
): { movieRun: string; direction: Direction; key: string; r: number; p: number }[] {
  return database
    .prepare(
      `SELECT movie_run.name AS movieRun, direction, coupling.key, pair.r, pair.p
       FROM coupling JOIN movie_run ON movie_run.id = movie_run_id
         JOIN pair ON pair.coupling_id = coupling.id AND pair.fbn = @fbn AND pair.filter = @filter
       WHERE embedding_id = @embedding AND layer_id = @layer AND reducer = 'max'
       ORDER BY movie_run.name, direction`,
    )
    .all(place) as { movieRun: string; direction: Direction; key: string; r: number; p: number }[];
}

/** The best filter of an FBN in each movie run. */
export function listBestFilters(database: Database, place: Omit<Place, 'filter'>): { movieRun: string; filter: number }[] {
  return database
    .prepare(
      `SELECT movie_run.name AS movieRun, pair.filter
       FROM coupling JOIN movie_run ON movie_run.id = movie_run_id JOIN pair ON pair.coupling_id = coupling.id AND pair.fbn = @fbn
       WHERE embedding_id = @embedding AND layer_id = @layer AND reducer = 'max' AND direction = 'fbn-to-filter'
       ORDER BY movie_run.name`,
    )
    .all(place) as { movieRun: string; filter: number }[];
}

/** Columns of a row of `listDistinctPairs`. */
export const distinctPairColumns = 7;

/**
 * Every pair of an embedding once, however many movie runs it is found in, with the highest r first.
 * @returns [layer id, FBN, filter, highest r, p of that r, movie runs in which it is a pair, coupling of the highest r][]
 */
export function listDistinctPairs(database: Database, embeddingId: number, direction: Direction): number[][] {
  // Beside max(), SQLite gives the other columns of the row that has it.
  return database
    .prepare(
      `SELECT layer_id, pair.fbn, pair.filter, max(pair.r) AS r, pair.p, count(*), coupling.id
       FROM coupling JOIN pair ON pair.coupling_id = coupling.id
         JOIN layer ON layer.id = layer_id JOIN model ON model.id = layer.model_id AND model.removed_at IS NULL
       WHERE embedding_id = ? AND direction = ? AND reducer = 'max'
       GROUP BY layer_id, pair.fbn, pair.filter
       ORDER BY r DESC, layer_id, pair.fbn, pair.filter`,
    )
    .raw()
    .all(embeddingId, direction) as number[][];
}

/** The hash of what each coupling of an embedding was computed from, by layer, movie run and direction. */
export function listCouplingKeys(
  database: Database,
  embeddingId: number,
): { layerId: number; movieRun: string; direction: Direction; key: string }[] {
  return database
    .prepare(
      `SELECT layer_id AS layerId, movie_run.name AS movieRun, direction, coupling.key
       FROM coupling JOIN movie_run ON movie_run.id = movie_run_id WHERE embedding_id = ? AND reducer = 'max'`,
    )
    .all(embeddingId) as { layerId: number; movieRun: string; direction: Direction; key: string }[];
}

/** Every layer of the project's models with the hash of its model's content. */
export function listLayerPlaces(
  database: Database,
): { id: number; name: string; filters: number | null; model: string; contentHash: string }[] {
  // The hash is taken out of each model's summary once, not for each of its layers: summaries are long.
  return database
    .prepare(
      `WITH content AS MATERIALIZED
         (SELECT id, name, json_extract(summary, '$.contentHash') AS hash FROM model WHERE removed_at IS NULL)
       SELECT layer.id, layer.name, layer.filters, content.name AS model, content.hash AS contentHash
       FROM layer JOIN content ON content.id = layer.model_id ORDER BY layer.model_id, layer.position`,
    )
    .all() as { id: number; name: string; filters: number | null; model: string; contentHash: string }[];
}
