import { UserError } from '../../src-preload/shared/domain/errors';
import type { NpyArray } from '../files/npy';

/** Fewest time points for which r has a p-value. */
const FEWEST_TIME_POINTS = 3;

/** Time series of equal length, one per row; a `Matrix` is one. */
export interface SeriesMatrix {
  /** Number of series. */
  rows: number;
  /** Number of time points. */
  columns: number;
  /** [series, time], row-major. */
  data: Float32Array | Float64Array;
}

/** Series made ready for products: zero mean, unit length. */
export interface UnitSeries {
  rows: number;
  columns: number;
  /** [series, time] in float64; ⟨u_i, u_j⟩ is Pearson's r. Zeros where a series is undefined. */
  data: Float64Array;
  /** 1 where the series varies and is finite; r with any other is undefined. */
  defined: Uint8Array;
}

/**
 * u = (x − mean) / ‖x − mean‖ for every series, in float64 with the mean taken twice, so that an offset that is large
 * beside the variation costs no accuracy.
 */
export function toUnitSeries(series: SeriesMatrix): UnitSeries {
  const { rows, columns } = series;
  const unit: UnitSeries = { rows, columns, data: new Float64Array(rows * columns), defined: new Uint8Array(rows) };
  for (let i = 0; i < rows; i++) {
    const from = series.data.subarray(i * columns, (i + 1) * columns);
    const to = unit.data.subarray(i * columns, (i + 1) * columns);
    unit.defined[i] = normalise(from, to) ? 1 : 0;
  }
  return unit;
}

/** z-scores with the population standard deviation of one series, or null where it is constant or not finite. */
export function toZScores(series: Float32Array | Float64Array): Float64Array | null {
  const z = new Float64Array(series.length);
  if (!normalise(series, z)) return null;
  const scale = Math.sqrt(series.length);
  return z.map((value) => value * scale);
}

/** Writes the unit series and says whether there is one. Counted loops: iterators take several times as long. */
function normalise(from: Float32Array | Float64Array, to: Float64Array): boolean {
  // Copied first, so that the loops see one type of array whatever is given.
  to.set(from);
  let low = Infinity;
  let high = -Infinity;
  let notFinite = 0;
  for (let t = 0; t < to.length; t++) {
    const value = to[t]!;
    if (value < low) low = value;
    if (value > high) high = value;
    notFinite += value - value;
  }
  // x − x is 0 for finite numbers only. Equality of the values, not a small deviation, makes a series constant: rounding
  // of the mean would hide it.
  if (notFinite !== 0 || !(high > low)) {
    to.fill(0);
    return false;
  }
  const size = Math.max(Math.abs(low), Math.abs(high));
  // Squares of such numbers would overflow or vanish.
  if (size > 1e140 || size < 1e-140) for (let t = 0; t < to.length; t++) to[t]! /= size;
  subtractMean(to);
  subtractMean(to);
  let sumOfSquares = 0;
  for (let t = 0; t < to.length; t++) sumOfSquares += to[t]! * to[t]!;
  const length = Math.sqrt(sumOfSquares);
  for (let t = 0; t < to.length; t++) to[t]! /= length;
  return true;
}

function subtractMean(values: Float64Array): void {
  let sum = 0;
  for (let t = 0; t < values.length; t++) sum += values[t]!;
  const mean = sum / values.length;
  for (let t = 0; t < values.length; t++) values[t]! -= mean;
}

/** What errors call the two sets of series: their files, or what they are. */
export interface SeriesNames {
  x: string;
  y: string;
}

/**
 * Refuses sets that cannot be correlated.
 * @throws UserError where the time axes differ in length or have fewer than 3 points, or a set is empty
 */
export function checkTimeAxes(x: SeriesMatrix, y: SeriesMatrix, names: SeriesNames): void {
  if (x.columns !== y.columns) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the series have different numbers of time points',
      file: names.y,
      expected: `${x.columns} as in ${names.x}`,
      found: `${y.columns}`,
      remedy: 'give both as [series × time] over the same movie run',
    });
  }
  for (const [series, file] of [[x, names.x] as const, [y, names.y] as const]) {
    if (series.rows === 0)
      throw new UserError({ code: 'too-little-data', what: 'there are no series', file, expected: 'at least one row' });
    if (series.columns < FEWEST_TIME_POINTS) {
      throw new UserError({
        code: 'too-little-data',
        what: 'the series are too short',
        file,
        expected: `at least ${FEWEST_TIME_POINTS} time points`,
        found: `${series.columns}`,
        remedy: 'give arrays as [series × time]',
      });
    }
  }
}

/**
 * The series of a .npy array [series × time]; numbers of any type become float64 unless they are float32 already.
 * @throws UserError where the array has not two dimensions
 */
export function toSeries({ shape, data, dtype }: NpyArray, file: string): SeriesMatrix {
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new UserError({
      code: 'file-kind',
      what: 'the array is no set of series',
      file,
      expected: 'two dimensions, [series × time]',
      found: `${dtype} [${shape.join(' × ')}]`,
      remedy: 'reshape it with numpy.reshape',
    });
  }
  const values = data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data, Number);
  return { rows, columns, data: values };
}
