import { multiplyTransposed, type Rows } from './product';
import { checkTimeAxes, toUnitSeries, type SeriesMatrix, type SeriesNames, type UnitSeries } from './series';

/** The rule of `effectiveSampleSizes` in one line, for reports. */
export const EFFECTIVE_N_RULE = 'N / (1 + 2 sum_k=1..round(N/4) (1-k/N) acf_x(k) acf_y(k)), clamped to [3, N]';

/**
 * The number of independent time points that a pair of autocorrelated series is worth:
 * N_ij = N / (1 + 2 Σ_{k=1}^{round(N/4)} (1 − k/N) a_i(k) b_j(k)), clamped to [3, N], with the biased autocorrelations
 * a(k) = Σ_t u_t u_{t+k} of the unit series. Computed as one product of [series, lag] matrices.
 * @param x [series, time]
 * @param y [series, time], same time axis
 * @returns float64 [x series, y series]; NaN where a series is constant or not finite
 * @throws UserError where the time axes differ or have fewer than 3 points
 * @see Bartlett 1946; Pyper & Peterman 1998
 */
export function effectiveSampleSizes(
  x: SeriesMatrix,
  y: SeriesMatrix,
  names: SeriesNames = { x: 'FBN activations', y: 'filter activations' },
): SeriesMatrix & { data: Float64Array } {
  checkTimeAxes(x, y, names);
  const time = x.columns;
  const ux = toUnitSeries(x);
  const uy = toUnitSeries(y);
  const sizes = { rows: x.rows, columns: y.rows, data: new Float64Array(x.rows * y.rows) };
  const weighted = autocorrelations(ux, (lag) => 1 - lag / time);
  const plain = autocorrelations(uy, () => 1);
  multiplyTransposed(weighted, plain, { data: sizes.data, offset: 0, stride: sizes.columns });
  for (let i = 0; i < sizes.rows; i++) {
    for (let j = 0; j < sizes.columns; j++) {
      const at = i * sizes.columns + j;
      sizes.data[at] = ux.defined[i] && uy.defined[j] ? sizeOf(time, sizes.data[at]!) : NaN;
    }
  }
  return sizes;
}

/**
 * The same of some pairs only: for thousands of filters the matrix is mostly of pairs that nobody asks for.
 * @param pairs rows of x and y whose series are defined
 * @returns one per pair
 */
export function effectiveSampleSizesOfPairs(
  x: SeriesMatrix,
  y: SeriesMatrix,
  pairs: readonly { fbn: number; filter: number }[],
): Float64Array {
  const [ofFbn, ofFilter] = [autocorrelationOf(x), autocorrelationOf(y)];
  const time = x.columns;
  return Float64Array.from(pairs, ({ fbn, filter }) => {
    const [a, b] = [ofFbn(fbn), ofFilter(filter)];
    return sizeOf(
      time,
      a.reduce((sum, value, k) => sum + (1 - (k + 1) / time) * value * b[k]!, 0),
    );
  });
}

/** N / (1 + 2 Σ), clamped to [3, N]. */
function sizeOf(time: number, sum: number): number {
  return Math.max(3, Math.min(time, time / (1 + 2 * sum)));
}

/** The autocorrelations of any row of a set, each computed when first asked for. */
function autocorrelationOf({ columns, data }: SeriesMatrix): (row: number) => Float64Array {
  const known = new Map<number, Float64Array>();
  return (row) => {
    const found = known.get(row);
    if (found) return found;
    const series = toUnitSeries({ rows: 1, columns, data: data.subarray(row * columns, (row + 1) * columns) });
    const made = autocorrelations(series, () => 1).data;
    known.set(row, made);
    return made;
  };
}

/** weight(k) · a(k) for the lags k = 1 … round(N/4): [series, lag]. */
function autocorrelations({ rows, columns: time, data }: UnitSeries, weight: (lag: number) => number): Rows {
  const lags = roundHalfToEven(time / 4);
  const result = new Float64Array(rows * lags);
  for (let i = 0; i < rows; i++) {
    const series = data.subarray(i * time, (i + 1) * time);
    for (let lag = 1; lag <= lags; lag++) {
      let sum = 0;
      for (let t = lag; t < time; t++) sum += series[t]! * series[t - lag]!;
      result[i * lags + lag - 1] = weight(lag) * sum;
    }
  }
  return { rows, columns: lags, data: result };
}

/** As Python's and IEEE's `round`, by which the rule is defined: 30.5 gives 30. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
