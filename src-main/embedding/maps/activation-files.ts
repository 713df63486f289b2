import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { createMatrix, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { readNpy, type NpyArray } from '../../files/npy';
import { readNpz } from '../../files/npz';

/** Endings of the files that activations are read from; melodic_mix and the like have none. */
export const ACTIVATION_ENDINGS = ['.tsv', '.csv', '.txt', '.npy', '.npz', ''] as const;

/** One table of activations as it is in its file, not knowing yet which way round. */
export interface ActivationTable {
  /** Its name in a .npz file; null in the others. */
  array: string | null;
  values: Matrix;
}

/**
 * Reads activations that were made elsewhere: .npy, .npz (one table per array), or numbers as text in lines (.tsv, .csv, .txt,
 * melodic_mix) with or without a line of names.
 * @throws UserError where the file is damaged or holds something else than two-dimensional numbers
 */
export async function readActivationTables(path: string): Promise<ActivationTable[]> {
  switch (extname(path).toLowerCase()) {
    case '.npy':
      return [{ array: null, values: toMatrix(await readNpy(path), path) }];
    case '.npz': {
      const arrays = [...(await readNpz(path))];
      return arrays.map(([array, content]) => ({ array, values: toMatrix(content, `${path}, array "${array}"`) }));
    }
    default:
      return [{ array: null, values: parseTable(await readFile(path, 'utf8'), path) }];
  }
}

function toMatrix({ shape, data }: NpyArray, file: string): Matrix {
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === 0 || columns === 0) {
    throw new UserError({
      code: 'file-content',
      what: 'the activations cannot be read',
      file,
      expected: 'a two-dimensional array [time × FBNs]',
      found: `[${shape.join(' × ')}]`,
    });
  }
  return { rows: rows!, columns: columns!, data: Float32Array.from(data as Iterable<number | bigint>, Number) };
}

/** Lines of numbers between white space, commas or semicolons. A column without a name before named ones (pandas) is an index. */
function parseTable(text: string, file: string): Matrix {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const rows = lines.map((line) => line.replace(/#.*/, '').trimEnd()).filter((line) => line.trim() !== '');
  const cellsOf = (line: string) =>
    (/[,;\t]/.test(line) ? line.split(/[,;\t]/) : line.trim().split(/\s+/)).map((cell) => cell.trim());
  const [first] = rows;
  const names = first === undefined ? [] : cellsOf(first);
  const hasNames = names.some((cell) => cell !== '' && !isNumber(cell)) || names[0] === '';
  const skipped = hasNames && names[0] === '' ? 1 : 0;
  const numbers = hasNames ? rows.slice(1) : rows;
  const columns = names.length - skipped;
  if (numbers.length === 0 || columns === 0)
    throw new UserError({
      code: 'file-content',
      what: 'the activations cannot be read',
      file,
      expected: 'lines of numbers',
      found: 'none',
    });
  const matrix = createMatrix(numbers.length, columns);
  for (const [row, line] of numbers.entries()) {
    const cells = cellsOf(line).slice(skipped);
    if (cells.length !== columns) throw wrongLine(file, row, hasNames, `${columns} numbers`, `${cells.length}`);
    for (const [column, cell] of cells.entries()) {
      if (!isNumber(cell)) throw wrongLine(file, row, hasNames, 'numbers', `"${cell.slice(0, 40)}"`);
      matrix.data[row * columns + column] = Number(cell);
    }
  }
  return matrix;
}

/** Also infinities and NaN: they are told apart from what is no number later. */
function isNumber(cell: string): boolean {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell) || /^(nan|[-+]?inf(inity)?|n\/a)$/i.test(cell);
}

function wrongLine(file: string, row: number, hasNames: boolean, expected: string, found: string): UserError {
  const what = `the activations cannot be read: row ${row + 1}${hasNames ? ' below the names' : ''} differs`;
  return new UserError({ code: 'file-content', what, file, expected, found });
}

/**
 * Which way round a table is: [time × FBNs] as a rule, [FBNs × time] where only its rows are as many as the FBNs.
 * @returns undefined where neither is
 */
export function orientation({ rows, columns }: Pick<Matrix, 'rows' | 'columns'>, fbns: number) {
  if (columns === fbns) return { time: rows, isTransposed: false };
  return rows === fbns ? { time: columns, isTransposed: true } : undefined;
}

/** The table as [FBNs × time]. */
export function fbnsByTime(values: Matrix, isTransposed: boolean): Matrix {
  if (isTransposed) return values;
  const turned = createMatrix(values.columns, values.rows);
  for (let t = 0; t < values.rows; t++)
    for (let fbn = 0; fbn < values.columns; fbn++) turned.data[fbn * values.rows + t] = values.data[t * values.columns + fbn]!;
  return turned;
}
