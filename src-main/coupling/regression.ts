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
