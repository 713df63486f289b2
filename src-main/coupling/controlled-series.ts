import type { ResponseModel } from '../../src-preload/shared/domain/controls';
import { createMatrix, matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { subtractProjection } from '../fmri/regression';
import { correlate } from './correlate';
import { convolve, responseKernels } from './haemodynamic-response';
import { FILTERS_PER_TILE } from './null-maxima';
import { orthonormalBasis, removeDirections } from './partial';
import { inBlocks, type SeriesProduct } from './product';
import type { SeriesMatrix } from './series';

/** What is done to activations before they are correlated. */
export interface ControlSettings {
  response: ResponseModel;
  /** Delays of the filters behind the movie that are tried, in TRs, rising; `[0]` where there is no choice. */
  lags: readonly number[];
  trSeconds: number;
  /** Confounds of the movie [confounds, time], to be partialled out of both sides; null: none. */
  confounds: SeriesMatrix | null;
}

type Exact = SeriesMatrix & { data: Float64Array };

/** Delayed series of a few filters, ready to be correlated. */
export interface DelayedFilters {
  /** Row i × lags + l is filter i at lag l: [filters × lags, time]; NaN where nothing varies. */
  canonical: Exact;
  /** What the derivatives add to it, of unit length and at right angles to it and each other; 0 where they add nothing. */
  derivatives: Exact[];
}

/** Delayed series that are held at a time: no more than a null takes together, which may have to put several of them together. */
const SERIES_PER_BLOCK = FILTERS_PER_TILE;

/**
 * FBN and filter activations as they are correlated under control. The filters are convolved with the response, delayed by every lag,
 * and cut to the time points that all lags have; the confounds, convolved and delayed likewise, are regressed out of both sides at every
 * lag. r of a pair is the largest over the lags; with derivatives it is the multiple correlation of the FBN with the filter's three
 * regressors, of the sign of the canonical one.
 * @see docs/statistics.md
 */
export class ControlledSeries {
  /** FBN activations over the time points in use, without the confounds: [fbns, time in use]. */
  readonly x: Exact;
  readonly timePoints: number;
  readonly lags: readonly number[];
  /** What the confounds span: orthonormal series [time in use]. */
  readonly basis: readonly Float64Array[];
  /** Regressors of a filter: 1, or 3 with derivatives. */
  readonly regressors: number;
  private readonly kernels: Float64Array[];

  /**
   * @param x FBN activations [fbns, time]
   * @param y filter activations [filters, time], same time axis
   */
  constructor(
    x: SeriesMatrix,
    private readonly y: SeriesMatrix,
    { response, lags, trSeconds, confounds }: ControlSettings,
  ) {
    this.lags = lags;
    this.timePoints = x.columns - Math.max(...lags);
    this.kernels = responseKernels(response, trSeconds);
    this.regressors = Math.max(1, this.kernels.length);
    this.basis = confounds ? orthonormalBasis(this.stack(confounds)) : [];
    this.x = removeDirections(this.inUse(x), this.basis);
  }

  get filters(): number {
    return this.y.rows;
  }

  /** Filters that are delayed and held at a time. */
  get filtersPerBlock(): number {
    return Math.max(1, Math.floor(SERIES_PER_BLOCK / this.lags.length));
  }

  /** The time points in use of series over all of them. */
  inUse(series: SeriesMatrix): SeriesMatrix {
    return cut(series, series.columns - this.timePoints, this.timePoints);
  }

  /** The same of one subject, so that subjects' means are those of x: the confounds are taken out, nothing is scaled. */
  ofSubject(subject: SeriesMatrix): Matrix {
    const { rows, columns, data } = this.inUse(subject);
    const left = { rows, columns, data: Float32Array.from(data) };
    for (let i = 0; i < rows; i++) for (const direction of this.basis) subtractProjection(matrixRow(left, i), direction);
    return left;
  }

  /** Filters [start, end) as they are correlated. */
  delayed(start: number, end: number): DelayedFilters {
    const { columns, data } = this.y;
    const own = { rows: end - start, columns, data: data.subarray(start * columns, end * columns) };
    const [canonical, ...derivatives] = this.regressorsOf(own).map((series) => removeDirections(this.delay(series), this.basis));
    const before: Exact[] = [];
    for (const series of [canonical!, ...derivatives]) {
      makeOrthonormal(series, before);
      before.push(series);
    }
    for (const series of derivatives)
      for (let t = 0; t < series.data.length; t++) if (Number.isNaN(series.data[t])) series.data[t] = 0;
    return { canonical: canonical!, derivatives };
  }

  /**
   * r of every FBN with every filter, and the lag that it is of.
   * @returns r float32 [fbns, filters], NaN where undefined; lag in TRs, null where there is no choice
   */
  async correlations(
    options: { product?: SeriesProduct; context?: WorkContext } = {},
  ): Promise<{ r: Matrix; lag: Matrix | null }> {
    const r = createMatrix(this.x.rows, this.filters);
    const lag = this.lags.length > 1 ? createMatrix(this.x.rows, this.filters) : null;
    const work = {
      rows: this.filters,
      size: this.filtersPerBlock,
      stage: 'correlating',
      unit: 'filters',
      context: options.context,
    };
    await inBlocks(work, async (start, end) => {
      const all = await this.blockOfR(start, end, options.product);
      for (let fbn = 0; fbn < r.rows; fbn++) {
        for (let filter = start; filter < end; filter++) {
          const from = fbn * all.columns + (filter - start) * this.lags.length;
          const best = largest(all.data, from, this.lags.length);
          r.data[fbn * r.columns + filter] = best === null ? NaN : all.data[from + best]!;
          if (lag) lag.data[fbn * r.columns + filter] = best === null ? NaN : this.lags[best]!;
        }
      }
    });
    return { r, lag };
  }

  private async blockOfR(start: number, end: number, product: SeriesProduct | undefined): Promise<Matrix> {
    const { canonical, derivatives } = this.delayed(start, end);
    const r = await correlate(this.x, canonical, { product });
    const added = [];
    for (const series of derivatives) added.push((await correlate(this.x, series, { product })).data);
    combine(r.data, added);
    return r;
  }

  /** What an FBN is correlated with in the end: the filter at the best lag, with the derivatives fitted. [time in use], any scale. */
  partner(fbn: number, filter: number): { series: Float64Array; lag: number } | null {
    const { canonical, derivatives } = this.delayed(filter, filter + 1);
    const x = rowOf(this.x, fbn);
    const weights = this.lags.map((_, at) => [canonical, ...derivatives].map((series) => dot(x, rowOf(series, at))));
    const sizes = weights.map(([first, ...rest]) => multipleR(first!, rest));
    const best = largest(sizes, 0, sizes.length);
    if (best === null) return null;
    // Of unit series the weights of least squares are the products themselves.
    const parts = [canonical, ...derivatives].map((series) => rowOf(series, best));
    const series = parts[0]!.map((_, t) => parts.reduce((sum, part, k) => sum + weights[best]![k]! * part[t]!, 0));
    return { series, lag: this.lags[best]! };
  }

  /** Every series convolved with every kernel and delayed by every lag. */
  private stack(series: SeriesMatrix): Exact {
    const all = this.regressorsOf(series).map((one) => this.delay(one));
    const rows = all.reduce((sum, one) => sum + one.rows, 0);
    const data = new Float64Array(rows * this.timePoints);
    all.forEach((one, i) => data.set(one.data, i * one.data.length));
    return { rows, columns: this.timePoints, data };
  }

  private regressorsOf(series: SeriesMatrix): SeriesMatrix[] {
    return this.kernels.length === 0 ? [series] : this.kernels.map((kernel) => convolve(series, kernel));
  }

  /** Row i × lags + l is series i, l lags later, over the time points that all lags have. */
  private delay({ rows, columns, data }: SeriesMatrix): Exact {
    const most = columns - this.timePoints;
    const result = {
      rows: rows * this.lags.length,
      columns: this.timePoints,
      data: new Float64Array(rows * this.lags.length * this.timePoints),
    };
    for (let i = 0; i < rows; i++) {
      this.lags.forEach((lag, l) => {
        const from = i * columns + most - lag;
        result.data.set(data.subarray(from, from + this.timePoints), (i * this.lags.length + l) * this.timePoints);
      });
    }
    return result;
  }
}

/** Rows of what the picture of a movie does, and how loud it is, over the time points in use. */
export function chosenConfounds(
  picture: Matrix | undefined,
  rows: readonly number[],
  sound: Matrix | undefined,
  timePoints: number,
): Matrix {
  const all = [...rows.map((row) => matrixRow(picture!, row)), ...(sound ? [sound.data] : [])];
  const chosen = createMatrix(all.length, timePoints);
  all.forEach((series, i) => matrixRow(chosen, i).set(series.subarray(0, timePoints)));
  return chosen;
}

/** A derivative of which no more is left than this adds nothing. */
const NEGLIGIBLE = 1e-6;

/** Rows of unit length at right angles to those before; NaN where nothing is left of them. */
function makeOrthonormal(series: Exact, before: readonly Exact[]): void {
  for (let i = 0; i < series.rows; i++) {
    const row = rowOf(series, i);
    const whole = Math.sqrt(dot(row, row));
    for (let pass = 0; pass < 2; pass++) for (const one of before) subtractProjection(row, rowOf(one, i));
    const length = Math.sqrt(dot(row, row));
    for (let t = 0; t < row.length; t++) row[t] = length > NEGLIGIBLE * whole ? row[t]! / length : NaN;
  }
}

/** The multiple correlation in the place of the first: √(r² + Σ added²), of the sign of r. */
export function combine(r: Float32Array | Float64Array, added: readonly ArrayLike<number>[]): void {
  if (added.length === 0) return;
  for (let i = 0; i < r.length; i++) {
    let squares = r[i]! * r[i]!;
    // What a derivative that adds nothing is correlated with is undefined, and adds nothing.
    for (const one of added) if (!Number.isNaN(one[i]!)) squares += one[i]! * one[i]!;
    r[i] = Math.sign(r[i]!) * Math.min(1, Math.sqrt(squares));
  }
}

function multipleR(first: number, rest: readonly number[]): number {
  const r = Float64Array.of(first);
  combine(
    r,
    rest.map((value) => [value]),
  );
  return r[0]!;
}

/** Index of the largest of a stretch, from its start; null where none is a number. */
function largest(values: ArrayLike<number>, from: number, count: number): number | null {
  let best: number | null = null;
  for (let k = 0; k < count; k++)
    if (best === null ? !Number.isNaN(values[from + k]!) : values[from + k]! > values[from + best]!) best = k;
  return best;
}

function cut({ rows, columns, data }: SeriesMatrix, start: number, length: number): SeriesMatrix {
  if (start === 0 && length === columns) return { rows, columns, data };
  const result = new Float64Array(rows * length);
  for (let i = 0; i < rows; i++) result.set(data.subarray(i * columns + start, i * columns + start + length), i * length);
  return { rows, columns: length, data: result };
}

function rowOf({ columns, data }: Exact, i: number): Float64Array {
  return data.subarray(i * columns, (i + 1) * columns);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t]! * b[t]!;
  return sum;
}
