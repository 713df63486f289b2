import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { averageOverSubjects } from '../embedding/encode';
import type { ActivationCache } from '../project/activation-cache';
import { ByteCache } from './byte-cache';
import type { CouplingInputs } from './coupling-inputs';

/** What was looked at last: neighbours in a list of pairs share r, nulls and activations. */
const matrices = new ByteCache<Matrix | undefined>(256 << 20);
const bytesOf = (matrix: Matrix | undefined) => matrix?.data.byteLength ?? 0;

/** r of a coupling [fbns × filters]. */
export function correlationsOf(cache: ActivationCache, couplingKey: string): Promise<Matrix | undefined> {
  return matrices.get(`r ${couplingKey}`, bytesOf, () => cache.readCorrelation(couplingKey));
}

/** The null that a correction kept [fbns × copies], the observed maxima first. */
export function nullMaximaOf(cache: ActivationCache, correctionKey: string): Promise<Matrix | undefined> {
  return matrices.get(`null ${correctionKey}`, bytesOf, () => cache.readNullMaxima(correctionKey));
}

/** FBN activations averaged over the test subjects [fbns × time]; undefined where none are there. */
export function brainOf(
  cache: ActivationCache,
  { runs, timePoints }: CouplingInputs,
  embeddingKey: string,
): Promise<Matrix | undefined> {
  return matrices.get(`brain ${embeddingKey} ${timePoints} ${runs.join(' ')}`, bytesOf, () => {
    const subjects = runs.flatMap((run) => cache.readFbnActivation(embeddingKey, run) ?? []);
    return subjects.length === 0 ? undefined : averageOverSubjects(subjects.map((one) => firstColumns(one, timePoints)));
  });
}

/** Filter activations of a layer as extracted [filters × frames]. */
export function filtersOf(cache: ActivationCache, { filterActivation }: CouplingInputs): Promise<Matrix | undefined> {
  return matrices.get(`filters ${filterActivation}`, bytesOf, () => cache.readFilterActivation(filterActivation));
}

/** The first time points of one row. */
export function rowOf({ data, columns }: Matrix, row: number, timePoints: number): Matrix {
  return { rows: 1, columns: timePoints, data: data.slice(row * columns, row * columns + timePoints) };
}

/** The columns that a coupling uses: runs may be longer than the movie. */
export function firstColumns(matrix: Matrix, columns: number): Matrix {
  if (matrix.columns === columns) return matrix;
  const data = new Float32Array(matrix.rows * columns);
  for (let row = 0; row < matrix.rows; row++) data.set(rowOf(matrix, row, columns).data, row * columns);
  return { rows: matrix.rows, columns, data };
}
