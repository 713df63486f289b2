import { readFile } from 'node:fs/promises';
import { UserError } from '../../src-preload/shared/domain/errors';

/** Six motion parameters and two tissue signals: what is regressed out where no columns are named. */
export const DEFAULT_CONFOUNDS = ['trans_x', 'trans_y', 'trans_z', 'rot_x', 'rot_y', 'rot_z', 'white_matter', 'csf'] as const;

/** Columns of a confounds table over the volumes of a run. */
export interface Confounds {
  names: readonly string[];
  /** One per name, each of length time. */
  columns: Float64Array[];
}

/**
 * Reads columns of an fMRIPrep confounds table (TSV with a line of names). `n/a` at the start of a column, as derivatives have
 * it, counts as 0; anywhere else it is an error.
 * @param names columns wanted; DEFAULT_CONFOUNDS when left out
 * @param time volumes of the run
 * @throws UserError naming the column, or both counts where rows and volumes differ
 */
export async function readConfounds(
  file: string,
  time: number,
  names: readonly string[] = DEFAULT_CONFOUNDS,
): Promise<Confounds> {
  const [head = '', ...rows] = (await readFile(file, 'utf8'))
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  if (rows.length !== time) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the confounds do not fit the run',
      file,
      expected: `${time} rows, one per volume`,
      found: `${rows.length} rows`,
      remedy: 'give the confounds of this run',
    });
  }
  const present = head.split('\t');
  const cells = rows.map((row) => row.split('\t'));
  const columns = names.map((name) => {
    const index = present.indexOf(name);
    if (index < 0) {
      const found = present.slice(0, 40).join(', ') + (present.length > 40 ? `, … (${present.length})` : '');
      throw new UserError({
        code: 'not-found',
        what: `no confound column "${name}"`,
        file,
        found,
        remedy: 'name columns of this file',
      });
    }
    return parseColumn(
      cells.map((row) => row[index] ?? ''),
      name,
      file,
    );
  });
  return { names, columns };
}

function parseColumn(cells: readonly string[], name: string, file: string): Float64Array {
  const values = Float64Array.from(cells, (cell) => (/^\s*$/.test(cell) ? NaN : Number(cell)));
  const begin = values.findIndex(Number.isFinite);
  const column = `the confound column "${name}"`;
  if (begin < 0)
    throw new UserError({ code: 'file-content', what: `${column} holds no numbers`, file, remedy: 'name other columns' });
  const missing = values.findIndex((value, t) => t >= begin && !Number.isFinite(value));
  if (missing >= 0) {
    throw new UserError({
      code: 'file-content',
      what: `${column} is not a number in row ${missing + 1}`,
      file,
      found: cells[missing] || 'nothing',
    });
  }
  return values.fill(0, 0, begin);
}
