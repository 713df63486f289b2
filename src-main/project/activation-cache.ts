import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { createMatrix } from '../../src-preload/shared/domain/matrix';
import { UserError } from '../../src-preload/shared/domain/errors';
import { hashBytes } from '../files/hash';
import { checkIntegrity, openDatabase, openDatabaseReadOnly, type Database } from './database';
import { activationMigrations } from './migrations/activations';

/** A layer's activations of one movie run, as far as they are extracted. */
export interface StoredActivation {
  id: number;
  filters: number;
  frames: number;
  /** First frame not yet stored; equals `frames` when all are. */
  nextFrame: number;
  complete: boolean;
}

/** The most activating frames of every filter: [filters × framesPerFilter], −1 where there are fewer. */
export interface StoredTopFrames {
  framesPerFilter: number;
  indices: Int32Array;
}

/** activations.sqlite: FBN and filter activations and their correlations, by cache key. Written by compute processes. */
export class ActivationCache {
  private constructor(private readonly database: Database) {}

  static open(path: string): ActivationCache {
    return new ActivationCache(openDatabase(path, activationMigrations));
  }

  static openReadOnly(path: string): ActivationCache {
    return new ActivationCache(openDatabaseReadOnly(path, activationMigrations));
  }

  close(): void {
    this.database.close();
  }

  /** Finds or begins the activations with this key. @throws UserError when they exist with another shape (a changed cache) */
  beginFilterActivation(key: string, filters: number, frames: number): StoredActivation {
    this.database
      .prepare('INSERT INTO filter_activation (key, filters, frames) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run(key, filters, frames);
    const stored = this.findFilterActivation(key)!;
    if (stored.filters !== filters || stored.frames !== frames) {
      throw new UserError({
        what: 'the stored activations have another shape',
        file: this.database.name,
        expected: `${filters} filters × ${frames} frames`,
        found: `${stored.filters} × ${stored.frames}`,
        remedy: 'delete activations.sqlite; everything in it is computed again',
      });
    }
    return stored;
  }

  findFilterActivation(key: string): StoredActivation | undefined {
    const row = this.database.prepare('SELECT id, filters, frames, complete FROM filter_activation WHERE key = ?').get(key) as
      { id: number; filters: number; frames: number; complete: number } | undefined;
    if (!row) return undefined;
    const chunks = this.database
      .prepare('SELECT start_frame AS start, frames FROM filter_activation_chunk WHERE activation_id = ? ORDER BY start_frame')
      .all(row.id) as { start: number; frames: number }[];
    let nextFrame = 0;
    for (const chunk of chunks) {
      if (chunk.start !== nextFrame) break;
      nextFrame += chunk.frames;
    }
    return { ...row, complete: row.complete === 1, nextFrame };
  }

  /** Stores consecutive frames of several layers in one transaction, so that all layers go on at the same frame. */
  appendFrames(startFrame: number, frames: number, layers: readonly { id: number; data: Float32Array }[]): void {
    const insert = this.database.prepare(
      'INSERT OR REPLACE INTO filter_activation_chunk (activation_id, start_frame, frames, data, hash) VALUES (?, ?, ?, ?, ?)',
    );
    this.database.transaction(() => {
      for (const { id, data } of layers) {
        const bytes = bytesOf(data);
        insert.run(id, startFrame, frames, bytes, hashBytes(bytes));
      }
    })();
  }

  /** Forgets what is stored of a layer's activations. */
  clearFilterActivation(id: number): void {
    this.database.prepare('DELETE FROM filter_activation_chunk WHERE activation_id = ?').run(id);
  }

  /** Marks a layer's activations complete and stores its top frames with them. */
  completeFilterActivation(id: number, top: StoredTopFrames): void {
    this.database.transaction(() => {
      const bytes = bytesOf(top.indices);
      this.database
        .prepare('INSERT OR REPLACE INTO top_frames (activation_id, frames_per_filter, indices, hash) VALUES (?, ?, ?, ?)')
        .run(id, top.framesPerFilter, bytes, hashBytes(bytes));
      this.database.prepare('UPDATE filter_activation SET complete = 1 WHERE id = ?').run(id);
    })();
  }

  /** Calls `visit` with each stored chunk [frames × filters] in order of time. */
  forEachChunk(id: number, visit: (startFrame: number, frames: number, data: Float32Array) => void): void {
    const rows = this.database
      .prepare(
        'SELECT start_frame AS start, frames, data FROM filter_activation_chunk WHERE activation_id = ? ORDER BY start_frame',
      )
      .iterate(id) as IterableIterator<{ start: number; frames: number; data: Buffer }>;
    for (const row of rows) visit(row.start, row.frames, floatsOf(row.data));
  }

  /** Activations [filters × time]; undefined unless complete. */
  readFilterActivation(key: string): Matrix | undefined {
    const stored = this.findFilterActivation(key);
    if (!stored?.complete) return undefined;
    const matrix = createMatrix(stored.filters, stored.frames);
    this.forEachChunk(stored.id, (start, frames, data) => {
      for (let frame = 0; frame < frames; frame++) {
        for (let filter = 0; filter < stored.filters; filter++) {
          matrix.data[filter * stored.frames + start + frame] = data[frame * stored.filters + filter]!;
        }
      }
    });
    return matrix;
  }

  readTopFrames(key: string): StoredTopFrames | undefined {
    const row = this.database
      .prepare(
        `SELECT frames_per_filter AS framesPerFilter, indices FROM top_frames
         JOIN filter_activation ON filter_activation.id = activation_id WHERE key = ?`,
      )
      .get(key) as { framesPerFilter: number; indices: Buffer } | undefined;
    if (!row) return undefined;
    return { framesPerFilter: row.framesPerFilter, indices: new Int32Array(alignedBuffer(row.indices)) };
  }

  /** Stores one run's FBN activations [fbns × time]. */
  writeFbnActivation(embeddingKey: string, runKey: string, activation: Matrix): void {
    const bytes = bytesOf(activation.data);
    this.database
      .prepare(
        'INSERT OR REPLACE INTO fbn_activation (embedding_key, run_key, fbns, time_points, data, hash) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(embeddingKey, runKey, activation.rows, activation.columns, bytes, hashBytes(bytes));
  }

  readFbnActivation(embeddingKey: string, runKey: string): Matrix | undefined {
    const row = this.database
      .prepare('SELECT fbns AS rows, time_points AS columns, data FROM fbn_activation WHERE embedding_key = ? AND run_key = ?')
      .get(embeddingKey, runKey) as { rows: number; columns: number; data: Buffer } | undefined;
    return row && { rows: row.rows, columns: row.columns, data: floatsOf(row.data) };
  }

  hasFbnActivation(embeddingKey: string, runKey: string): boolean {
    const found = this.database
      .prepare('SELECT 1 FROM fbn_activation WHERE embedding_key = ? AND run_key = ?')
      .get(embeddingKey, runKey);
    return found !== undefined;
  }

  /** Stores a full r matrix [fbns × filters]; NaN where undefined. */
  writeCorrelation(key: string, r: Matrix): void {
    const bytes = bytesOf(r.data);
    this.database
      .prepare('INSERT OR REPLACE INTO correlation (key, fbns, filters, data, hash) VALUES (?, ?, ?, ?, ?)')
      .run(key, r.rows, r.columns, bytes, hashBytes(bytes));
  }

  readCorrelation(key: string): Matrix | undefined {
    const row = this.database.prepare('SELECT fbns AS rows, filters AS columns, data FROM correlation WHERE key = ?').get(key) as
      { rows: number; columns: number; data: Buffer } | undefined;
    return row && { rows: row.rows, columns: row.columns, data: floatsOf(row.data) };
  }

  /** Damage found: SQLite's own check, and every blob against its hash. */
  check(): string[] {
    const problems = checkIntegrity(this.database);
    const blobs = [
      ['filter_activation_chunk', 'data'],
      ['top_frames', 'indices'],
      ['fbn_activation', 'data'],
      ['correlation', 'data'],
    ] as const;
    for (const [table, column] of blobs) {
      const rows = this.database
        .prepare(`SELECT rowid AS id, ${column} AS data, hash FROM ${table}`)
        .iterate() as IterableIterator<{
        id: number;
        data: Buffer;
        hash: string;
      }>;
      for (const row of rows)
        if (hashBytes(row.data) !== row.hash) problems.push(`${table} row ${row.id}: the stored numbers do not match their hash`);
    }
    return problems;
  }
}

function bytesOf(array: Float32Array | Int32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

function floatsOf(bytes: Buffer): Float32Array {
  return new Float32Array(alignedBuffer(bytes));
}

/** SQLite's buffers need not start at a multiple of four. */
function alignedBuffer(bytes: Buffer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
