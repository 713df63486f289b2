import type { Database } from '../database';

export interface Epoch {
  epoch: number;
  trainLoss: number;
  validationLoss: number | null;
  seconds: number;
}

/** What each run alone came to in an epoch, in the order of the embedding's inputs. */
export interface RunLosses {
  train: (number | null)[];
  validation: number[];
}

/** What an embedding was made from: enough to tell whether it is still up to date. */
export interface EmbeddingInputs {
  trainRuns: string[];
  validationRuns: string[];
  /** Files outside the project, where it was made elsewhere. */
  sources?: { path: string; hash: string }[];
  /** How training runs of different length were cut to a common one; left out where they were not. */
  crop?: TrainingCrop;
}

export interface TrainingCrop {
  from: 'none' | 'start' | 'end' | 'random';
  /** That all were cut to. */
  timePoints: number;
  /** How many were longer. */
  runs: number;
}

/** FBN activations that were imported with an embedding. */
export interface ImportedActivation {
  /** What they are stored under in activations.sqlite, beside the embedding's key. */
  key: string;
  /** null: a mean over subjects. */
  subject: string | null;
  movieRun: string;
  timePoints: number;
}

/** A trained (or half trained) fMRI autoencoder, or FBNs made by another method or elsewhere. */
export interface Embedding {
  id: number;
  key: string;
  variant: string;
  fbns: number;
  maskId: number;
  settings: Record<string, unknown>;
  inputs: EmbeddingInputs;
  state: 'training' | 'complete';
  /** Engine, versions, requested and actual device, threads, seed. */
  provenance: Record<string, unknown>;
  result: EmbeddingResult | null;
  createdAt: string;
  finishedAt: string | null;
}

export interface EmbeddingResult {
  /** These two null where there are no epochs. */
  bestEpoch: number | null;
  secondsPerEpoch: number | null;
  /** Checkpoints and FBN maps, relative to the project, with their hashes; `last` null where nothing can be resumed. */
  best: StoredFile;
  last: StoredFile | null;
  maps: StoredFile;
  /** Subjects whose activations are averaged: the test subjects, or all where the split leaves none. */
  testSubjects: string[];
  /** Share of those subjects' variance that the embedding explains, in [0, 1]; null where unknown. */
  explainedVariance: number | null;
  /** The activations that came with it; those of the test subjects' runs are computed where there are none. */
  imported?: ImportedActivation[];
}

export interface StoredFile {
  file: string;
  hash: string;
}

export type NewEmbedding = Pick<Embedding, 'key' | 'variant' | 'fbns' | 'maskId' | 'settings' | 'inputs' | 'provenance'>;

/** Begins an embedding, or finds the one begun with the same key. */
export function beginEmbedding(database: Database, embedding: NewEmbedding): Embedding {
  const { settings, inputs, provenance } = embedding;
  database
    .prepare(
      `INSERT INTO embedding (key, variant, fbns, mask_id, settings, inputs, state, provenance, created_at)
       VALUES (@key, @variant, @fbns, @maskId, @settings, @inputs, 'training', @provenance, @createdAt)
       ON CONFLICT (key) DO UPDATE SET removed_at = NULL`,
    )
    .run({
      ...embedding,
      settings: JSON.stringify(settings),
      inputs: JSON.stringify(inputs),
      provenance: JSON.stringify(provenance),
      createdAt: new Date().toISOString(),
    });
  return findEmbedding(database, embedding.key)!;
}

export function findEmbedding(database: Database, key: string): Embedding | undefined {
  const row = database.prepare(`${select} WHERE key = ?`).get(key) as Row | undefined;
  return row && parse(row);
}

export function readEmbedding(database: Database, id: number): Embedding | undefined {
  const row = database.prepare(`${select} WHERE id = ?`).get(id) as Row | undefined;
  return row && parse(row);
}

/** All embeddings, oldest first. */
export function listEmbeddings(database: Database): Embedding[] {
  return (database.prepare(`${select} WHERE removed_at IS NULL ORDER BY id`).all() as Row[]).map(parse);
}

/** Gives an embedding another key, with the settings that it follows from. */
export function rekeyEmbedding(database: Database, id: number, key: string, settings: Record<string, unknown>): void {
  database.prepare('UPDATE embedding SET key = ?, settings = ? WHERE id = ?').run(key, JSON.stringify(settings), id);
}

/** Deletes an embedding that has no couplings, with its epochs. */
export function deleteEmbedding(database: Database, id: number): void {
  database.prepare('DELETE FROM embedding WHERE id = ?').run(id);
}

/** Stores an epoch, in the place of one of the same number; the losses of its runs stay where they are not given. */
export function storeEpoch(database: Database, embeddingId: number, epoch: Epoch, runLosses?: RunLosses): void {
  const ofRuns = runLosses && Float32Array.from([...runLosses.train, ...runLosses.validation], (loss) => loss ?? NaN);
  database
    .prepare(
      `INSERT INTO epoch (embedding_id, epoch, train_loss, validation_loss, seconds, run_losses)
       VALUES (@embeddingId, @epoch, @trainLoss, @validationLoss, @seconds, @ofRuns)
       ON CONFLICT (embedding_id, epoch) DO UPDATE SET train_loss = @trainLoss, validation_loss = @validationLoss,
         seconds = @seconds, run_losses = coalesce(@ofRuns, run_losses)`,
    )
    .run({ embeddingId, ...epoch, ofRuns: ofRuns ? new Uint8Array(ofRuns.buffer) : null });
}

/** Losses of each run, training runs first, by epoch: [runs] each, NaN where not known; null where they were not kept. */
export function listRunLosses(database: Database, embeddingId: number): (Float32Array | null)[] {
  const rows = database
    .prepare('SELECT run_losses AS losses FROM epoch WHERE embedding_id = ? ORDER BY epoch')
    .all(embeddingId) as { losses: Buffer | null }[];
  return rows.map(({ losses }) => losses && new Float32Array(Uint8Array.from(losses).buffer));
}

export function deleteEpochsFrom(database: Database, embeddingId: number, epoch: number): void {
  database.prepare('DELETE FROM epoch WHERE embedding_id = ? AND epoch >= ?').run(embeddingId, epoch);
}

export function listEpochs(database: Database, embeddingId: number): Epoch[] {
  return database
    .prepare(
      `SELECT epoch, train_loss AS trainLoss, validation_loss AS validationLoss, seconds FROM epoch
       WHERE embedding_id = ? ORDER BY epoch`,
    )
    .all(embeddingId) as Epoch[];
}

export function completeEmbedding(
  database: Database,
  id: number,
  result: EmbeddingResult,
  provenance: Record<string, unknown>,
): void {
  database
    .prepare(`UPDATE embedding SET state = 'complete', result = ?, provenance = ?, finished_at = ? WHERE id = ?`)
    .run(JSON.stringify(result), JSON.stringify(provenance), new Date().toISOString(), id);
}

interface Row extends Omit<Embedding, 'settings' | 'inputs' | 'provenance' | 'result'> {
  settings: string;
  inputs: string;
  provenance: string;
  result: string | null;
}

const select = `SELECT id, key, variant, fbns, mask_id AS maskId, settings, inputs, state, provenance, result,
  created_at AS createdAt, finished_at AS finishedAt FROM embedding`;

function parse(row: Row): Embedding {
  return {
    ...row,
    settings: JSON.parse(row.settings) as Record<string, unknown>,
    inputs: JSON.parse(row.inputs) as EmbeddingInputs,
    provenance: JSON.parse(row.provenance) as Record<string, unknown>,
    result: row.result === null ? null : (JSON.parse(row.result) as EmbeddingResult),
  };
}

/** Takes an embedding out of the project, with its couplings, or puts it back; nothing is deleted. */
export function setEmbeddingRemoved(database: Database, id: number, removed: boolean): void {
  database.prepare('UPDATE embedding SET removed_at = ? WHERE id = ?').run(removed ? new Date().toISOString() : null, id);
}
