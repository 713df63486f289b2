import { existsSync, rmSync } from 'node:fs';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { createMatrix } from '../../src-preload/shared/domain/matrix';
import { UserError } from '../../src-preload/shared/domain/errors';
import { hashBytes } from '../files/hash';
import { checkIntegrity, openDatabase, openDatabaseReadOnly, type Database } from './database';
import type { Migration } from './migrate';

/** A layer's activations of one movie run, on their way. */
export interface Part {
  /** Of the finished activations in the cache. */
  key: string;
  model: string;
  layer: string;
  movieRun: string;
  reducer: string;
  filters: number;
  /** Frames of the whole movie run. */
  frames: number;
}

/** Consecutive frames that are there: [start, end). */
export interface FrameRange {
  start: number;
  end: number;
}

const migrations: readonly Migration[] = [
  {
    name: 'initial',
    sql: `
      CREATE TABLE part (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        model TEXT NOT NULL,
        layer TEXT NOT NULL,
        movie_run TEXT NOT NULL,
        reducer TEXT NOT NULL,
        filters INTEGER NOT NULL,
        frames INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE chunk (
        part_id INTEGER NOT NULL REFERENCES part (id) ON DELETE CASCADE,
        start_frame INTEGER NOT NULL,
        frames INTEGER NOT NULL,
        data BLOB NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (part_id, start_frame)
      ) STRICT;

      CREATE TABLE note (name TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
    `,
  },
];

/**
 * Activations that arrive by frames ([frames × filters], float32) and are not whole yet: of an extraction under way, or a shard of
 * one. One process writes such a file, and no other opens it meanwhile; it works on network drives.
 */
export class PartialActivations {
  private constructor(
    readonly path: string,
    private readonly database: Database,
  ) {}

  /** Opens or makes a file. @throws UserError when another process is writing it */
  static open(path: string): PartialActivations {
    return new PartialActivations(path, openDatabase(path, migrations, { sole: true }));
  }

  static openReadOnly(path: string): PartialActivations {
    return new PartialActivations(path, openDatabaseReadOnly(path, migrations));
  }

  close(): void {
    // The empty journal goes with the lock.
    if (!this.database.readonly) this.database.pragma('journal_mode = DELETE');
    this.database.close();
  }

  /** Finds or begins a part. @throws UserError when it was begun with another shape */
  begin(part: Part): number {
    this.database
      .prepare(
        `INSERT INTO part (key, model, layer, movie_run, reducer, filters, frames)
         VALUES (@key, @model, @layer, @movieRun, @reducer, @filters, @frames) ON CONFLICT DO NOTHING`,
      )
      .run(part);
    const stored = this.find(part.key)!;
    if (stored.filters === part.filters && stored.frames === part.frames) return stored.id;
    throw new UserError({
      code: 'result-outdated',
      what: 'the unfinished activations have another shape',
      file: this.path,
      expected: `${part.filters} filters × ${part.frames} frames`,
      found: `${stored.filters} × ${stored.frames}`,
      remedy: 'delete the file; what is in it is computed again',
    });
  }

  find(key: string): (Part & { id: number }) | undefined {
    return this.database.prepare(`${selectPart} WHERE key = ?`).get(key) as (Part & { id: number }) | undefined;
  }

  list(): (Part & { id: number })[] {
    return this.database.prepare(`${selectPart} ORDER BY id`).all() as (Part & { id: number })[];
  }

  /** Which frames of a part are there, in order; neighbours are joined. */
  ranges(id: number): FrameRange[] {
    const chunks = this.database
      .prepare('SELECT start_frame AS start, start_frame + frames AS end FROM chunk WHERE part_id = ? ORDER BY start_frame')
      .all(id) as FrameRange[];
    return joinRanges(chunks);
  }

  /** The first frame from `start` on that a part lacks. */
  nextFrame(key: string, start: number): number {
    const part = this.find(key);
    const range = part && this.ranges(part.id).find((one) => one.start <= start && start < one.end);
    return range?.end ?? start;
  }

  /** Stores consecutive frames of several parts in one transaction, so that all of them go on at the same frame. */
  append(startFrame: number, frames: number, parts: readonly { id: number; data: Float32Array }[]): void {
    const insert = this.database.prepare(
      'INSERT OR REPLACE INTO chunk (part_id, start_frame, frames, data, hash) VALUES (?, ?, ?, ?, ?)',
    );
    this.database.transaction(() => {
      for (const { id, data } of parts) {
        const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        insert.run(id, startFrame, frames, bytes, hashBytes(bytes));
      }
    })();
  }

  /** Writes the frames of a part that are there into a matrix [filters × time]. @throws UserError where a chunk is damaged */
  fill(id: number, matrix: Matrix): void {
    const { rows: filters, columns: time, data: into } = matrix;
    const rows = this.database
      .prepare('SELECT start_frame AS start, frames, data, hash FROM chunk WHERE part_id = ?')
      .iterate(id) as IterableIterator<{ start: number; frames: number; data: Buffer; hash: string }>;
    for (const { start, frames, data, hash } of rows) {
      if (data.byteLength !== 4 * frames * filters || start + frames > time || hashBytes(data) !== hash)
        throw damaged(this.path, `frames ${start} to ${start + frames - 1}`);
      const values = new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
      // By filter, so that the longer array is written in order.
      for (let filter = 0; filter < filters; filter++) {
        const at = filter * time + start;
        for (let frame = 0; frame < frames; frame++) into[at + frame] = values[frame * filters + filter]!;
      }
    }
  }

  /** The whole of a part, [filters × time]. */
  matrix({ id, filters, frames }: Part & { id: number }): Matrix {
    const matrix = createMatrix(filters, frames);
    this.fill(id, matrix);
    return matrix;
  }

  remove(keys: readonly string[]): void {
    const remove = this.database.prepare('DELETE FROM part WHERE key = ?');
    this.database.transaction(() => keys.forEach((key) => remove.run(key)))();
  }

  /** Something to know about the file as a whole. */
  setNote(name: string, content: unknown): void {
    this.database.prepare('INSERT OR REPLACE INTO note (name, content) VALUES (?, ?)').run(name, JSON.stringify(content));
  }

  note(name: string): unknown {
    const row = this.database.prepare('SELECT content FROM note WHERE name = ?').get(name) as { content: string } | undefined;
    return row && JSON.parse(row.content);
  }

  check(): string[] {
    return checkIntegrity(this.database);
  }

  /** Closes the file, and deletes it where nothing is left in it. */
  closeAndTidy(): void {
    const isEmpty = this.list().length === 0;
    this.close();
    if (isEmpty && existsSync(this.path)) rmSync(this.path);
  }
}

const selectPart = 'SELECT id, key, model, layer, movie_run AS movieRun, reducer, filters, frames FROM part';

/** Ranges in order, those that touch or overlap joined. */
export function joinRanges(ranges: readonly FrameRange[]): FrameRange[] {
  const joined: FrameRange[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

/** What is missing of [0, frames). */
export function missingRanges(ranges: readonly FrameRange[], frames: number): FrameRange[] {
  const joined = joinRanges(ranges);
  const starts = [0, ...joined.map(({ end }) => end)];
  const ends = [...joined.map(({ start }) => start), frames];
  return starts.map((start, i) => ({ start, end: ends[i]! })).filter(({ start, end }) => start < end);
}

function damaged(file: string, found: string): UserError {
  return new UserError({
    code: 'file-damaged',
    what: 'the unfinished activations are damaged',
    file,
    found,
    remedy: 'delete the file; what is in it is computed again',
  });
}
