import type { ErrorReport } from '../../../src-preload/shared/domain/errors';
import type { Database } from '../database';

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

/** A job as stored. */
export interface JobRecord {
  id: number;
  type: string;
  input: unknown;
  state: JobState;
  progress: unknown;
  warnings: string[];
  error: ErrorReport | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

/** Stores a queued job and returns its id. */
export function addJob(database: Database, type: string, input: unknown): number {
  const { lastInsertRowid } = database
    .prepare(`INSERT INTO job (type, input, state, created_at) VALUES (?, ?, 'queued', ?)`)
    .run(type, JSON.stringify(input), now());
  return Number(lastInsertRowid);
}

export function setJobRunning(database: Database, id: number): void {
  database.prepare(`UPDATE job SET state = 'running', started_at = ? WHERE id = ?`).run(now(), id);
}

export function setJobProgress(database: Database, id: number, progress: unknown, warnings: readonly string[]): void {
  database
    .prepare('UPDATE job SET progress = ?, warnings = ? WHERE id = ?')
    .run(JSON.stringify(progress), JSON.stringify(warnings), id);
}

export function setJobFinished(database: Database, id: number, state: JobState, error?: ErrorReport): void {
  database
    .prepare('UPDATE job SET state = ?, error = ?, finished_at = ? WHERE id = ?')
    .run(state, error ? JSON.stringify(error) : null, now(), id);
}

export function readJob(database: Database, id: number): JobRecord | undefined {
  const row = database.prepare('SELECT * FROM job WHERE id = ?').get(id) as JobRow | undefined;
  return row && toRecord(row);
}

/** All jobs, newest first. */
export function listJobs(database: Database): JobRecord[] {
  return (database.prepare('SELECT * FROM job ORDER BY id DESC').all() as JobRow[]).map(toRecord);
}

interface JobRow {
  id: number;
  type: string;
  input: string;
  state: JobState;
  progress: string | null;
  warnings: string;
  error: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

function toRecord(row: JobRow): JobRecord {
  return {
    id: row.id,
    type: row.type,
    input: JSON.parse(row.input),
    state: row.state,
    progress: row.progress === null ? null : JSON.parse(row.progress),
    warnings: JSON.parse(row.warnings) as string[],
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorReport),
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

function now(): string {
  return new Date().toISOString();
}
