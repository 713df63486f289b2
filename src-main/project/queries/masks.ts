import type { Grid } from '../../../src-preload/shared/domain/grid';
import type { Database } from '../database';

/** A brain mask on the project's grid, stored as a NIfTI file inside the project. */
export interface Mask {
  id: number;
  hash: string;
  file: string;
  fileHash: string;
  voxels: number;
  grid: Grid;
  /** Where it came from, in words: a file's path, or "computed from 20 runs". */
  origin: string;
}

export type NewMask = Omit<Mask, 'id'>;

/** Stores a mask and makes it the current one: runs under another mask are stale from now on. */
export function setCurrentMask(database: Database, mask: NewMask): Mask {
  return database.transaction(() => {
    database.prepare('UPDATE mask SET is_current = 0').run();
    const { id } = database
      .prepare(
        `INSERT INTO mask (hash, file, file_hash, voxels, grid, origin, is_current) VALUES (?, ?, ?, ?, ?, ?, 1)
         ON CONFLICT (hash) DO UPDATE SET is_current = 1, file = excluded.file, file_hash = excluded.file_hash RETURNING id`,
      )
      .get(mask.hash, mask.file, mask.fileHash, mask.voxels, JSON.stringify(mask.grid), mask.origin) as { id: number };
    return { id, ...mask };
  })();
}

export function currentMask(database: Database): Mask | undefined {
  return parse(database.prepare(`${select} WHERE is_current = 1`).get() as Row | undefined);
}

export function readMask(database: Database, id: number): Mask | undefined {
  return parse(database.prepare(`${select} WHERE id = ?`).get(id) as Row | undefined);
}

type Row = Omit<Mask, 'grid'> & { grid: string };
const select = 'SELECT id, hash, file, file_hash AS fileHash, voxels, grid, origin FROM mask';

function parse(row: Row | undefined): Mask | undefined {
  return row && { ...row, grid: JSON.parse(row.grid) as Grid };
}
