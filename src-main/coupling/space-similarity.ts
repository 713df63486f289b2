import type { Rows } from './product';
import { centred, preparedTiles, standardised, timeKernel, type KernelOptions } from './time-kernel';
import type { SeriesMatrix } from './series';

/** How alike two spaces are, and what chance makes of it. */
export interface Similarity {
  value: number;
  /** Mean over circular shifts of one space against the other. */
  expected: number;
  /** (shifts that are at least as alike, and one) / (1 + shifts). */
  p: number;
  shifts: number;
}

/** Shifts that are tried, evenly over the run: p is never below 1/200. */
const MOST_SHIFTS = 199;

/**
 * Linear centred kernel alignment of two sets of series over the same time points, with the unbiased estimator of HSIC: 1 for spaces that
 * differ by a rotation and a scale, 0 in expectation for independent samples. Time points of autocorrelated series are not independent;
 * what that makes of chance is `expected`.
 * @param x [series, time] @param y [series, time]
 * @returns NaN where a space does not vary, or with fewer than four time points
 * @see Kornblith et al. 2019; Song et al. 2012, eq. 5; Nguyen et al. 2021
 */
export async function centredKernelAlignment(x: SeriesMatrix, y: SeriesMatrix, options: KernelOptions = {}): Promise<Similarity> {
  const kernelOf = async (series: SeriesMatrix) => withoutDiagonal(await timeKernel(series, series, centred, options));
  const [k, l] = [await kernelOf(x), await kernelOf(y)];
  const shifts = shiftsOf(x.columns);
  const [sumsOfK, sumsOfL] = [rowSums(k), rowSums(l)];
  const unbiased = (product: number, crossed: number, first: Float64Array, second: Float64Array) => {
    const n = x.columns;
    return product + (total(first) * total(second)) / ((n - 1) * (n - 2)) - (2 * crossed) / (n - 2);
  };
  const own = (kernel: Rows, sums: Float64Array) =>
    unbiased(shiftedProduct(kernel, kernel, 0), shiftedDot(sums, sums, 0), sums, sums);
  const scale = Math.sqrt(own(k, sumsOfK) * own(l, sumsOfL));
  return againstShifts(
    shifts,
    (shift) => unbiased(shiftedProduct(k, l, shift), shiftedDot(sumsOfK, sumsOfL, shift), sumsOfK, sumsOfL) / scale,
  );
}

/**
 * Representational similarity of two sets of series: Spearman's r of their dissimilarities, 1 − r of the patterns at every two time points,
 * each series z-scored over time first.
 * @param x [series, time] @param y [series, time]
 * @returns NaN where a space has fewer than three series that vary
 * @see Kriegeskorte et al. 2008
 */
export async function representationalSimilarity(
  x: SeriesMatrix,
  y: SeriesMatrix,
  options: KernelOptions = {},
): Promise<Similarity> {
  const [a, b] = [await patternCorrelations(x, options), await patternCorrelations(y, options)];
  if (!a || !b) return { value: NaN, expected: NaN, p: NaN, shifts: 0 };
  // 1 − r has the ranks of r turned round, on both sides: the correlation is the same.
  const [ranksOfX, ranksOfY] = [centredRanks(a), centredRanks(b)];
  const scale = Math.sqrt(shiftedProduct(ranksOfX, ranksOfX, 0) * shiftedProduct(ranksOfY, ranksOfY, 0));
  return againstShifts(shiftsOf(x.columns), (shift) => shiftedProduct(ranksOfX, ranksOfY, shift) / scale);
}

function againstShifts(shifts: readonly number[], similarity: (shift: number) => number): Similarity {
  const value = similarity(0);
  const others = shifts.map(similarity);
  const reached = others.filter((other) => other >= value - 1e-12).length;
  return {
    value,
    expected: others.reduce((sum, other) => sum + other, 0) / others.length,
    p: Number.isNaN(value) ? NaN : (reached + 1) / (others.length + 1),
    shifts: others.length,
  };
}

function shiftsOf(time: number): number[] {
  const count = Math.min(MOST_SHIFTS, time - 1);
  return Array.from({ length: count }, (_, i) => Math.round(((i + 1) * time) / (count + 1)));
}

/** Σ over time points t < t' of a(t, t') b(t − shift, t' − shift), around the run, twice: both are symmetric. */
function shiftedProduct(a: Rows, b: Rows, shift: number): number {
  const n = a.rows;
  let sum = 0;
  for (let t = 0; t < n; t++) {
    const [rowOfA, rowOfB] = [t * n, ((t - shift + n) % n) * n];
    // Columns of b lie shift places back, the first `shift` of them at the end of the row.
    const seam = Math.max(t + 1, shift);
    for (let u = t + 1; u < seam && u < n; u++) sum += a.data[rowOfA + u]! * b.data[rowOfB + u - shift + n]!;
    for (let u = seam; u < n; u++) sum += a.data[rowOfA + u]! * b.data[rowOfB + u - shift]!;
  }
  return 2 * sum;
}

function shiftedDot(a: Float64Array, b: Float64Array, shift: number): number {
  const n = a.length;
  return a.reduce((sum, value, t) => sum + value * b[(t - shift + n) % n]!, 0);
}

function withoutDiagonal(kernel: Rows): Rows {
  for (let t = 0; t < kernel.rows; t++) kernel.data[t * kernel.columns + t] = 0;
  return kernel;
}

function rowSums({ rows, columns, data }: Rows): Float64Array {
  return Float64Array.from({ length: rows }, (_, t) => total(data.subarray(t * columns, (t + 1) * columns)));
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** r of the patterns at every two time points [time, time]; undefined where they have too few series. */
async function patternCorrelations(series: SeriesMatrix, options: KernelOptions): Promise<Rows | undefined> {
  const sums = new Float64Array(series.columns);
  let count = 0;
  for (const { rows, columns, data } of preparedTiles(series, standardised)) {
    for (let i = 0; i < rows; i++) {
      // A series that does not vary is 0 throughout.
      if (data[i * columns] !== 0 || data[i * columns + 1] !== 0) count++;
      for (let t = 0; t < columns; t++) sums[t]! += data[i * columns + t]!;
    }
  }
  if (count < 3) return undefined;
  const kernel = await timeKernel(series, series, standardised, options);
  const deviation = Float64Array.from({ length: series.columns }, (_, t) =>
    Math.sqrt(Math.max(0, kernel.data[t * series.columns + t]! - sums[t]! ** 2 / count)),
  );
  for (let t = 0; t < series.columns; t++) {
    for (let u = 0; u < series.columns; u++) {
      const at = t * series.columns + u;
      const size = deviation[t]! * deviation[u]!;
      kernel.data[at] = size > 0 ? (kernel.data[at]! - (sums[t]! * sums[u]!) / count) / size : 0;
    }
  }
  return kernel;
}

/** Ranks of the entries above the diagonal (ties take their mean), less the mean rank, in both halves; the diagonal is 0. */
function centredRanks({ rows, columns, data }: Rows): Rows {
  const upper = new Float64Array((rows * (rows - 1)) / 2);
  let place = 0;
  for (let t = 0; t < rows; t++) for (let u = t + 1; u < columns; u++) upper[place++] = data[t * columns + u]!;
  const sorted = upper.slice().sort();
  const ranks = { rows, columns, data: new Float64Array(rows * columns) };
  const middle = (sorted.length - 1) / 2;
  for (let t = 0; t < rows; t++) {
    for (let u = t + 1; u < columns; u++) {
      const value = data[t * columns + u]!;
      const rank = (countBelow(sorted, value, false) + countBelow(sorted, value, true) - 1) / 2 - middle;
      ranks.data[t * columns + u] = rank;
      ranks.data[u * columns + t] = rank;
    }
  }
  return ranks;
}

/** How many of sorted values are smaller, or no larger. */
function countBelow(sorted: Float64Array, value: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
