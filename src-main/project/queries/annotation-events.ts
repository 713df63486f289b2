import Sqlite from 'better-sqlite3';
import type { Database } from '../database';

/** An event of the annotation log as it is stored; `content` is the whole event as JSON, `hash` is of its canonical form. */
export interface StoredAnnotationEvent {
  id: string;
  counter: number;
  author: string;
  content: string;
  hash: string;
}

/** How long a write waits for another program's lock: the host answers nobody meanwhile, and whoever asked tries again. */
const WAIT_MS = 250;
const USUAL_WAIT_MS = 5000;

/**
 * Appends events to the log, all or none. When this returns they are on the disk (`synchronous=FULL`). Nothing is ever changed or
 * deleted: triggers refuse it.
 */
export function appendAnnotationEvents(database: Database, events: readonly StoredAnnotationEvent[]): void {
  database.pragma(`busy_timeout = ${WAIT_MS}`);
  try {
    const insert = database.prepare(
      'INSERT INTO annotation_event (id, counter, author, content, hash) VALUES (@id, @counter, @author, @content, @hash)',
    );
    database.transaction(() => {
      for (const event of events) insert.run(event);
    })();
  } finally {
    database.pragma(`busy_timeout = ${USUAL_WAIT_MS}`);
  }
}

/** The whole log, in its order. */
export function listAnnotationEvents(database: Database): StoredAnnotationEvent[] {
  return database
    .prepare('SELECT id, counter, author, content, hash FROM annotation_event ORDER BY counter, id')
    .all() as StoredAnnotationEvent[];
}

/** What can still be read of the log of a damaged database, from either end up to where it is damaged. */
export function salvageAnnotationEvents(file: string): StoredAnnotationEvent[] {
  const found = new Map<string, StoredAnnotationEvent>();
  let database: Database | undefined;
  try {
    database = new Sqlite(file);
    for (const order of ['ASC', 'DESC']) {
      const rows = database.prepare(`SELECT id, counter, author, content, hash FROM annotation_event ORDER BY rowid ${order}`);
      try {
        for (const row of rows.iterate() as IterableIterator<StoredAnnotationEvent>) found.set(row.id, row);
      } catch {
        // So far it could be read.
      }
    }
  } catch {
    // Not even opened: nothing can be read.
  } finally {
    database?.close();
  }
  return [...found.values()];
}

export function findAnnotationEvent(database: Database, id: string): StoredAnnotationEvent | undefined {
  return database.prepare('SELECT id, counter, author, content, hash FROM annotation_event WHERE id = ?').get(id) as
    StoredAnnotationEvent | undefined;
}
