import { correlationPValue } from './significance';

/** A straight line y = intercept + slope · x by least squares. */
export interface LinearRegression {
  /** Points. */
  n: number;
  slope: number;
  intercept: number;
  /** Share of the variance of y that the line explains, in [0, 1]. */
  r2: number;
  /** Two-sided p of the slope by the t-test with n − 2 degrees of freedom. */
  p: number;
  slopeStdErr: number;
}

/**
 * Fits a line, such as ImageNet top-1 accuracy over mean r of the CNNs of Table 1.
 * @param x finite numbers
 * @param y finite numbers, as many
 * @returns all NaN but `n` where fewer than three points are given or x or y does not vary
 */
export function linearRegression(x: readonly number[], y: readonly number[]): LinearRegression {
  if (x.length !== y.length) throw new Error(`${x.length} x values and ${y.length} y values`);
  const n = x.length;
  const meanX = mean(x);
  const meanY = mean(y);
  const varies = (values: readonly number[]) => values.some((value) => value !== values[0]);
  if (n < 3 || !varies(x) || !varies(y)) return { n, slope: NaN, intercept: NaN, r2: NaN, p: NaN, slopeStdErr: NaN };
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let k = 0; k < n; k++) {
    const dx = x[k]! - meanX;
    const dy = y[k]! - meanY;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  const slope = xy / xx;
  const r = Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
  return {
    n,
    slope,
    intercept: meanY - slope * meanX,
    r2: r * r,
    p: correlationPValue(r, n - 2),
    slopeStdErr: Math.sqrt(((1 - r * r) * yy) / xx / (n - 2)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The line without one of its points. */
export interface LineWithout extends LinearRegression {
  /** Which point is left out. */
  index: number;
}

/** How much the line rests on single points: the line without each of them in turn. */
export function leaveOneOut(x: readonly number[], y: readonly number[]): LineWithout[] {
  const without = (values: readonly number[], index: number) => values.filter((_, i) => i !== index);
  return x.map((_, index) => ({ index, ...linearRegression(without(x, index), without(y, index)) }));
}

/**
 * 95 % confidence band of the line: ŷ ± t₀.₉₇₅ s √(1/n + (x₀ − x̄)² / Σ(x − x̄)²) with n − 2 degrees of freedom.
 * @returns the bounds at each of the places; NaN where there is no line
 */
export function confidenceBand(
  x: readonly number[],
  line: LinearRegression,
  places: readonly number[],
): { x: number; low: number; middle: number; high: number }[] {
  const { n, slope, intercept, slopeStdErr } = line;
  const meanX = mean(x);
  const xx = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  // slopeStdErr = s / √xx.
  const scale = criticalT(n - 2) * slopeStdErr * Math.sqrt(xx);
  return places.map((place) => {
    const middle = intercept + slope * place;
    const half = scale * Math.sqrt(1 / n + (place - meanX) ** 2 / xx);
    return { x: place, low: middle - half, middle, high: middle + half };
  });
}

/** The |t| that is exceeded with probability 0.05: by bisection on r, of which t = r √(df / (1 − r²)) is a rising function. */
function criticalT(degreesOfFreedom: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (correlationPValue(middle, degreesOfFreedom) > 0.05) low = middle;
    else high = middle;
  }
  return low * Math.sqrt(degreesOfFreedom / (1 - low * low));
}
