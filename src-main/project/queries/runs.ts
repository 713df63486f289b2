import type { Database } from '../database';
import type { StoredFile } from './embeddings';
import type { Split } from './subjects';

/** One subject's scan of one movie run, imported. */
export interface Run {
  id: number;
  subject: string;
  split: Split;
  movieRun: string;
  maskId: number;
  maskIsCurrent: boolean;
  sourcePath: string;
  key: string;
  file: string;
  fileHash: string;
  /** The mean image; null for runs that older versions imported. */
  meanFile: string | null;
  volumes: number;
  trSeconds: number;
  constantVoxels: number;
  nonFiniteVoxels: number;
  warnings: string[];
  importedAt: string;
  /** Settings of the import. */
  parameters: Record<string, unknown>;
}

export interface NewRun {
  subjectId: number;
  movieRunId: number;
  maskId: number;
  sourceId: number;
  key: string;
  file: string;
  fileHash: string;
  mean?: StoredFile;
  volumes: number;
  trSeconds: number;
  constantVoxels: number;
  nonFiniteVoxels: number;
  parameters: unknown;
  warnings: readonly string[];
}

/** Stores a run in the place of what the subject had for that movie run. */
export function storeRun(database: Database, { mean, ...run }: NewRun): void {
  database
    .prepare(
      `INSERT OR REPLACE INTO run (subject_id, movie_run_id, mask_id, source_id, key, file, file_hash, volumes, tr_seconds,
         constant_voxels, non_finite_voxels, parameters, warnings, imported_at, mean_file, mean_hash)
       VALUES (@subjectId, @movieRunId, @maskId, @sourceId, @key, @file, @fileHash, @volumes, @trSeconds, @constantVoxels,
         @nonFiniteVoxels, @parameters, @warnings, @importedAt, @meanFile, @meanHash)`,
    )
    .run({
      ...run,
      parameters: JSON.stringify(run.parameters),
      warnings: JSON.stringify(run.warnings),
      importedAt: new Date().toISOString(),
      meanFile: mean?.file ?? null,
      meanHash: mean?.hash ?? null,
    });
}

/** All runs, by subject and movie run. */
export function listRuns(database: Database): Run[] {
  const rows = database
    .prepare(
      `SELECT run.id, subject.name AS subject, subject.split, movie_run.name AS movieRun, mask_id AS maskId,
         mask.is_current AS maskIsCurrent, source.path AS sourcePath, run.key, run.file, run.file_hash AS fileHash, mean_file AS meanFile, volumes,
         run.tr_seconds AS trSeconds, constant_voxels AS constantVoxels, non_finite_voxels AS nonFiniteVoxels, warnings,
         imported_at AS importedAt, parameters
       FROM run JOIN subject ON subject.id = subject_id JOIN movie_run ON movie_run.id = movie_run_id
         JOIN mask ON mask.id = mask_id JOIN source ON source.id = source_id
       ORDER BY subject.name, movie_run.name`,
    )
    .all() as (Omit<Run, 'maskIsCurrent' | 'warnings' | 'parameters'> & {
    maskIsCurrent: number;
    warnings: string;
    parameters: string;
  })[];
  return rows.map((row) => ({
    ...row,
    maskIsCurrent: row.maskIsCurrent === 1,
    warnings: JSON.parse(row.warnings) as string[],
    parameters: JSON.parse(row.parameters) as Record<string, unknown>,
  }));
}
