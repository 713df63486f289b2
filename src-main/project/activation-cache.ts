import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { createMatrix } from '../../src-preload/shared/domain/matrix';
import { hashBytes } from '../files/hash';
import { checkIntegrity, openDatabase, openDatabaseReadOnly, type Database } from './database';
import { activationMigrations } from './migrations/activations';

/** A layer's activations of one movie run. */
export interface StoredActivation {
  id: number;
  filters: number;
  frames: number;
  filtersPerBlock: number;
}

/** How activations were computed: device, engine, date. */
export type ActivationProvenance = Record<string, string | number | null>;

/** What is stored of a layer's activations of one movie run. */
export interface ActivationRecord {
  key: string;
  /** [filters × time]. */
  activation: Matrix;
  provenance: ActivationProvenance;
  /** [filters × filterStatistics.length]. */
  statistics: Float32Array;
  top: StoredTopFrames;
}

/** A block of 900 TRs is 56 KiB: little to read for one filter, and few blocks for a layer. */
const FILTERS_PER_BLOCK = 16;
const MAPPED_BYTES = 2 ** 30;

/** The most activating frames of every filter: [filters × framesPerFilter], −1 where there are fewer. */
export interface StoredTopFrames {
  framesPerFilter: number;
  indices: Int32Array;
}

/** activations.sqlite: FBN and filter activations and their correlations, by cache key. Written by compute processes. */
export class ActivationCache {
  private constructor(private readonly database: Database) {}

  static open(path: string): ActivationCache {
    const database = openDatabase(path, activationMigrations);
    // Whole layers are read faster by memory map (by half). Left out where the host reads: a file that is cut off under a map ends
    // the process.
    database.pragma(`mmap_size = ${MAPPED_BYTES}`);
    return new ActivationCache(database);
  }

  static openReadOnly(path: string): ActivationCache {
    return new ActivationCache(openDatabaseReadOnly(path, activationMigrations));
  }

  close(): void {
    this.database.close();
  }

  /** Stores a layer's activations of one movie run, whole, in the place of any with the same key. */
  writeFilterActivation({ key, activation, provenance, statistics, top }: ActivationRecord): void {
    const { rows: filters, columns: frames, data } = activation;
    const insertBlock = this.database.prepare(
      'INSERT INTO filter_activation_block (activation_id, first_filter, data, hash) VALUES (?, ?, ?, ?)',
    );
    this.database.transaction(() => {
      this.database.prepare('DELETE FROM filter_activation WHERE key = ?').run(key);
      const { lastInsertRowid: id } = this.database
        .prepare('INSERT INTO filter_activation (key, filters, frames, filters_per_block, provenance) VALUES (?, ?, ?, ?, ?)')
        .run(key, filters, frames, FILTERS_PER_BLOCK, JSON.stringify(provenance));
      for (let first = 0; first < filters; first += FILTERS_PER_BLOCK) {
        const block = bytesOf(data.subarray(first * frames, Math.min(filters, first + FILTERS_PER_BLOCK) * frames));
        insertBlock.run(id, first, block, hashBytes(block));
      }
      const numbers = bytesOf(statistics);
      this.database
        .prepare('INSERT INTO filter_statistics (activation_id, data, hash) VALUES (?, ?, ?)')
        .run(id, numbers, hashBytes(numbers));
      const indices = bytesOf(top.indices);
      this.database
        .prepare('INSERT INTO top_frames (activation_id, frames_per_filter, indices, hash) VALUES (?, ?, ?, ?)')
        .run(id, top.framesPerFilter, indices, hashBytes(indices));
    })();
  }

  findFilterActivation(key: string): StoredActivation | undefined {
    return this.database
      .prepare('SELECT id, filters, frames, filters_per_block AS filtersPerBlock FROM filter_activation WHERE key = ?')
      .get(key) as StoredActivation | undefined;
  }

  /** Keys of everything extracted. */
  listFilterActivations(): string[] {
    return this.database.prepare('SELECT key FROM filter_activation ORDER BY key').pluck().all() as string[];
  }

  readProvenance(key: string): ActivationProvenance | undefined {
    const row = this.database.prepare('SELECT provenance FROM filter_activation WHERE key = ?').get(key) as
      { provenance: string } | undefined;
    return row && (JSON.parse(row.provenance) as ActivationProvenance);
  }

  /** Activations [filters × time]; undefined where there are none. */
  readFilterActivation(key: string): Matrix | undefined {
    const stored = this.findFilterActivation(key);
    if (!stored) return undefined;
    const matrix = createMatrix(stored.filters, stored.frames);
    const bytes = bytesOf(matrix.data);
    const rows = this.database
      .prepare('SELECT first_filter AS first, data FROM filter_activation_block WHERE activation_id = ?')
      .iterate(stored.id) as IterableIterator<{ first: number; data: Buffer }>;
    for (const { first, data } of rows) bytes.set(data, first * stored.frames * Float32Array.BYTES_PER_ELEMENT);
    return matrix;
  }

  /** One filter's activation [time]; undefined where there is none. */
  readFilterSeries(key: string, filter: number): Float32Array | undefined {
    const stored = this.findFilterActivation(key);
    if (!stored || filter < 0 || filter >= stored.filters) return undefined;
    const place = filter % stored.filtersPerBlock;
    const row = this.database
      .prepare('SELECT data FROM filter_activation_block WHERE activation_id = ? AND first_filter = ?')
      .get(stored.id, filter - place) as { data: Buffer };
    return floatsOf(row.data).subarray(place * stored.frames, (place + 1) * stored.frames);
  }

  /** [filters × filterStatistics.length]; undefined where there are none. */
  readFilterStatistics(key: string): Float32Array | undefined {
    const row = this.database
      .prepare('SELECT data FROM filter_statistics JOIN filter_activation ON filter_activation.id = activation_id WHERE key = ?')
      .get(key) as { data: Buffer } | undefined;
    return row && floatsOf(row.data);
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

  hasCorrelation(key: string): boolean {
    return this.database.prepare('SELECT 1 FROM correlation WHERE key = ?').get(key) !== undefined;
  }

  /** Stores the largest r of every FBN under each copy of a null [fbns × copies], the observed one first; NaN where undefined. */
  writeNullMaxima(key: string, maxima: Matrix): void {
    const bytes = bytesOf(maxima.data);
    this.database
      .prepare('INSERT OR REPLACE INTO null_maxima (key, fbns, copies, data, hash) VALUES (?, ?, ?, ?, ?)')
      .run(key, maxima.rows, maxima.columns, bytes, hashBytes(bytes));
  }

  readNullMaxima(key: string): Matrix | undefined {
    const row = this.database.prepare('SELECT fbns AS rows, copies AS columns, data FROM null_maxima WHERE key = ?').get(key) as
      { rows: number; columns: number; data: Buffer } | undefined;
    return row && { rows: row.rows, columns: row.columns, data: floatsOf(row.data) };
  }

  /** Stores what a movie does by frame [features × time]. */
  writeConfounds(key: string, series: Matrix): void {
    const bytes = bytesOf(series.data);
    this.database
      .prepare('INSERT OR REPLACE INTO confound_series (key, features, time_points, data, hash) VALUES (?, ?, ?, ?, ?)')
      .run(key, series.rows, series.columns, bytes, hashBytes(bytes));
  }

  readConfounds(key: string): Matrix | undefined {
    const row = this.database
      .prepare('SELECT features AS rows, time_points AS columns, data FROM confound_series WHERE key = ?')
      .get(key) as { rows: number; columns: number; data: Buffer } | undefined;
    return row && { rows: row.rows, columns: row.columns, data: floatsOf(row.data) };
  }

  /** Damage found: SQLite's own check, and every blob against its hash. */
  check(): string[] {
    const problems = checkIntegrity(this.database);
    const blobs = [
      ['filter_activation_block', 'data'],
      ['filter_statistics', 'data'],
      ['top_frames', 'indices'],
      ['fbn_activation', 'data'],
      ['correlation', 'data'],
      ['null_maxima', 'data'],
      ['confound_series', 'data'],
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
