import { combine, type ControlledSeries } from './controlled-series';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { nullMaxima, type NullOptions } from './null-maxima';
import { subtractProjection } from '../fmri/regression';
import { multiplyTransposed, type SeriesMaxima, type SeriesProduct } from './product';
import type { SeriesMatrix } from './series';
import type { Surrogates } from './surrogates';

/** As NullOptions, with the whole product, which the multiple correlation of derivatives is put together from. */
export type ControlledNullOptions = NullOptions & { product?: SeriesProduct | undefined };

/**
 * nullMaxima of controlled series: the largest r over all filters and all lags, of FBNs and their surrogates, so that choosing a lag (or
 * fitting derivatives) costs significance what it gains in r.
 */
export async function controlledNullMaxima(
  series: ControlledSeries,
  surrogates: Surrogates,
  options: ControlledNullOptions = {},
): Promise<SeriesMatrix & { data: Float64Array }> {
  const { onFilter: onEveryFilter, ...others } = options;
  const copies = withoutConfounds(surrogates, series.basis);
  const near = nearShifts(series, surrogates);
  const onFilter: NullOptions['onFilter'] =
    onEveryFilter && ((filter, maxima) => onEveryFilter(filter, maxima && withoutNear(maxima, near)));
  const result = { rows: series.x.rows, columns: copies.rows, data: new Float64Array(series.x.rows * copies.rows).fill(NaN) };
  const size = series.filtersPerBlock;
  for (let start = 0; start < series.filters; start += size) {
    const end = Math.min(series.filters, start + size);
    const { canonical, derivatives } = series.delayed(start, end);
    const gather = onFilter && new LargestOverLags(start, end, series.lags.length, copies.rows, onFilter);
    const defined = definedRows(canonical);
    if (defined.length > 0) {
      const [y, ...added] = [canonical, ...derivatives].map((one) => rowsAt(one, defined));
      const maxima = derivatives.length === 0 ? options.maxima : multipleMaxima(added, options.product);
      const onRow = gather && ((row: number, own: Float64Array | null) => gather.add(defined[row]!, own));
      const block = await nullMaxima(series.x, y!, copies, { ...others, maxima, onFilter: onRow });
      raise(result.data, block.data);
    }
    gather?.finish();
  }
  const kept = Array.from({ length: result.rows }, (_, fbn) =>
    withoutNear(result.data.subarray(fbn * result.columns, (fbn + 1) * result.columns), near),
  );
  const columns = result.columns - 2 * near;
  const data = new Float64Array(result.rows * columns);
  kept.forEach((row, fbn) => data.set(row, fbn * columns));
  return { rows: result.rows, columns, data };
}

/** Copies, and the series itself, that controlledNullMaxima gives maxima of. */
export function controlledCopies(series: ControlledSeries, surrogates: Surrogates): number {
  return surrogates.rows - 2 * nearShifts(series, surrogates);
}

/**
 * Shifts to either side that are no null of a lag scan: shifted by less than the lags that are tried, a series meets its true partner again
 * at another of them.
 */
function nearShifts({ lags, timePoints }: ControlledSeries, surrogates: Surrogates): number {
  const span = Math.max(...lags) - Math.min(...lags);
  return surrogates.areShifts ? Math.min(span, Math.floor((timePoints - 2) / 2)) : 0;
}

/** The observed maximum, and those of shifts further away. */
function withoutNear(maxima: Float64Array, near: number): Float64Array {
  if (near === 0) return maxima;
  const kept = new Float64Array(maxima.length - 2 * near);
  kept[0] = maxima[0]!;
  kept.set(maxima.subarray(1 + near, maxima.length - near), 1);
  return kept;
}

/**
 * Surrogates as the FBNs themselves are treated: the confounds are regressed out of every copy (Freedman & Lane 1983; Winkler et al.
 * 2014). A copy of a residual is no residual: part of it follows the confounds again, by chance.
 */
function withoutConfounds(surrogates: Surrogates, basis: readonly Float64Array[]): Surrogates {
  if (basis.length === 0) return surrogates;
  return {
    rows: surrogates.rows,
    async make(series, fbn) {
      const copies = await surrogates.make(series, fbn);
      const time = copies.length / surrogates.rows;
      for (let row = 0; row < surrogates.rows; row++) {
        const copy = copies.subarray(row * time, (row + 1) * time);
        for (const direction of basis) subtractProjection(copy, direction);
        let squares = 0;
        for (let t = 0; t < time; t++) squares += copy[t]! * copy[t]!;
        const length = Math.sqrt(squares);
        for (let t = 0; t < time; t++) copy[t]! /= length;
      }
      return copies;
    },
  };
}

/** Largest multiple correlations, put together from the products with each regressor. */
function multipleMaxima(added: readonly SeriesMatrix[], product: SeriesProduct = multiplyHere): SeriesMaxima {
  const matrices = added.map(({ rows, columns, data }) => ({ rows, columns, data: Float32Array.from(data) }));
  return async (copies, filters, columns) => {
    const r = (await product(copies, filters)).data;
    const others = [];
    for (const matrix of matrices) others.push((await product(copies, matrix)).data);
    combine(r, others);
    const largest = new Float32Array(copies.rows).fill(-Infinity);
    for (let i = 0; i < r.length; i++) {
      const row = Math.floor(i / filters.rows);
      if (r[i]! > largest[row]!) largest[row] = r[i]!;
      if (columns) columns.into[i] = Math.max(columns.from[i]!, r[i]!);
    }
    return largest;
  };
}

async function multiplyHere(a: Matrix, b: Matrix): Promise<Matrix> {
  const data = new Float32Array(a.rows * b.rows);
  const exact = (one: Matrix) => ({ ...one, data: Float64Array.from(one.data) });
  multiplyTransposed(exact(a), exact(b), { data, offset: 0, stride: b.rows });
  return Promise.resolve({ rows: a.rows, columns: b.rows, data });
}

/** The largest over the lags of each filter, handed on filter by filter. */
class LargestOverLags {
  private readonly largest: (Float64Array | null)[];

  constructor(
    private readonly start: number,
    end: number,
    private readonly lags: number,
    private readonly copies: number,
    private readonly onFilter: NonNullable<NullOptions['onFilter']>,
  ) {
    this.largest = new Array<Float64Array | null>(end - start).fill(null);
  }

  add(row: number, maxima: Float64Array | null): void {
    if (!maxima) return;
    const filter = Math.floor(row / this.lags);
    const own = (this.largest[filter] ??= new Float64Array(this.copies).fill(-Infinity));
    for (let i = 0; i < own.length; i++) if (maxima[i]! > own[i]!) own[i] = maxima[i]!;
  }

  finish(): void {
    this.largest.forEach((maxima, i) => this.onFilter(this.start + i, maxima));
  }
}

function definedRows({ rows, columns, data }: SeriesMatrix): number[] {
  return Array.from({ length: rows }, (_, i) => i).filter((i) => !Number.isNaN(data[i * columns]!));
}

function rowsAt({ columns, data }: SeriesMatrix, at: readonly number[]): SeriesMatrix & { data: Float64Array } {
  const result = { rows: at.length, columns, data: new Float64Array(at.length * columns) };
  at.forEach((row, i) => result.data.set(data.subarray(row * columns, (row + 1) * columns), i * columns));
  return result;
}

function raise(largest: Float64Array, others: Float64Array): void {
  for (let i = 0; i < largest.length; i++) if (!(largest[i]! >= others[i]!)) largest[i] = others[i]!;
}
