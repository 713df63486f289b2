import { UserError } from '../../../src-preload/shared/domain/errors';
import type { NpyArray } from '../../files/npy';
import { readNpz } from '../../files/npz';

/** Which studies use each term: the studies of term t are studies[starts[t]] … studies[starts[t + 1] − 1]. */
export interface TermStudies {
  /** [terms + 1] */
  starts: Int32Array;
  studies: Int32Array;
}

/** The studies of one term, as a view. */
export function studiesOfTerm({ starts, studies }: TermStudies, term: number): Int32Array {
  return studies.subarray(starts[term]!, starts[term + 1]!);
}

/**
 * Reads a sparse studies × terms matrix as scipy.sparse.save_npz writes it (CSC or CSR), and keeps which studies have a term with
 * a weight above the threshold.
 * @throws UserError where the file is no such matrix, or its size is not that of studies and vocabulary
 */
export async function readTermStudies(
  path: string,
  expected: { studies: number; terms: number },
  threshold: number,
): Promise<TermStudies> {
  const arrays = await readNpz(path, { names: ['indices', 'indptr', 'shape', 'data'] });
  const [indices, pointers, shape, data] = ['indices', 'indptr', 'shape', 'data'].map((name) => toNumbers(arrays.get(name)!));
  const [studies, terms] = [shape![0]!, shape![1]!];
  if (studies !== expected.studies || terms !== expected.terms) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the features do not belong to these studies and this vocabulary',
      file: path,
      expected: `${expected.studies} studies × ${expected.terms} terms`,
      found: `${studies} × ${terms}`,
      remedy: 'take coordinates, metadata, vocabulary and features of one version of the database',
    });
  }
  const byColumn = await isByColumn(path, pointers!.length, studies, terms);
  const major = byColumn ? terms : studies;
  checkSparse(path, { indices: indices!, pointers: pointers!, data: data!, major, minor: byColumn ? studies : terms });
  return byColumn
    ? selectColumns(indices!, pointers!, data!, terms, threshold)
    : selectRows(indices!, pointers!, data!, { studies, terms }, threshold);
}

/** Which studies have a weight above the threshold, from one [study, term, weight] after another. */
export function collectTermStudies(
  entries: Iterable<readonly [study: number, term: number, weight: number]>,
  terms: number,
  threshold: number,
): TermStudies {
  const lists: number[][] = Array.from({ length: terms }, () => []);
  for (const [study, term, weight] of entries) if (weight > threshold) lists[term]!.push(study);
  return fromLists(lists);
}

function selectColumns(
  indices: ArrayLike<number>,
  pointers: ArrayLike<number>,
  data: ArrayLike<number>,
  terms: number,
  threshold: number,
): TermStudies {
  const starts = new Int32Array(terms + 1);
  const studies = new Int32Array(indices.length);
  let count = 0;
  for (let term = 0; term < terms; term++) {
    for (let i = pointers[term]!; i < pointers[term + 1]!; i++) if (data[i]! > threshold) studies[count++] = indices[i]!;
    starts[term + 1] = count;
  }
  return { starts, studies: studies.slice(0, count) };
}

function selectRows(
  indices: ArrayLike<number>,
  pointers: ArrayLike<number>,
  data: ArrayLike<number>,
  { studies, terms }: { studies: number; terms: number },
  threshold: number,
): TermStudies {
  const lists: number[][] = Array.from({ length: terms }, () => []);
  for (let study = 0; study < studies; study++) {
    for (let i = pointers[study]!; i < pointers[study + 1]!; i++) if (data[i]! > threshold) lists[indices[i]!]!.push(study);
  }
  return fromLists(lists);
}

function fromLists(lists: readonly (readonly number[])[]): TermStudies {
  const starts = new Int32Array(lists.length + 1);
  for (const [term, list] of lists.entries()) starts[term + 1] = starts[term]! + list.length;
  const studies = new Int32Array(starts.at(-1)!);
  for (const [term, list] of lists.entries()) studies.set(list, starts[term]);
  return { starts, studies };
}

/** SciPy names the format in an array of text; where the matrix is not square its pointers tell it too. */
async function isByColumn(path: string, pointers: number, studies: number, terms: number): Promise<boolean> {
  if (studies !== terms) {
    if (pointers === terms + 1) return true;
    if (pointers === studies + 1) return false;
  } else if (pointers === terms + 1) {
    const format = (await readNpz(path, { names: ['format'] })).get('format')!;
    return Buffer.from(format.data as Uint8Array)
      .toString('latin1')
      .startsWith('csc');
  }
  throw new UserError({
    code: 'file-content',
    what: 'the features are no sparse matrix',
    file: path,
    expected: 'compressed columns (csc) or rows (csr), as scipy.sparse.save_npz writes them',
    found: `${pointers} pointers for ${studies} × ${terms}`,
  });
}

interface Sparse {
  indices: ArrayLike<number>;
  pointers: ArrayLike<number>;
  data: ArrayLike<number>;
  major: number;
  minor: number;
}

function checkSparse(path: string, { indices, pointers, data, major, minor }: Sparse): void {
  const refuse = (found: string) =>
    new UserError({
      code: 'file-damaged',
      what: 'the sparse matrix of features is damaged',
      file: path,
      found,
      remedy: 'download or copy it again',
    });
  if (data.length !== indices.length) throw refuse(`${data.length} values for ${indices.length} places`);
  if (pointers[0] !== 0 || pointers[major] !== indices.length) throw refuse('pointers that do not cover the values');
  for (let i = 0; i < major; i++) if (pointers[i + 1]! < pointers[i]!) throw refuse('pointers that fall');
  for (let i = 0; i < indices.length; i++)
    if (!(indices[i]! >= 0 && indices[i]! < minor)) throw refuse(`place ${indices[i]} of ${minor}`);
}

function toNumbers({ data }: NpyArray): ArrayLike<number> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
}
