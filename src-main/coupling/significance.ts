import betainc from '@stdlib/math-base-special-betainc';

/** Pairs with a larger p are not significant. */
export const SIGNIFICANCE_LEVEL = 0.05;

/**
 * Two-sided p of Pearson's r by the t-test: t = r √(df / (1 − r²)) and p = I_{r²}(1/2, df/2), upper tail, which keeps its
 * relative accuracy (1e-9) where 1 − cdf(t) would be zero.
 * @param r in [−1, 1]
 * @param degreesOfFreedom N − 2, or the effective N less 2; need not be whole
 * @returns NaN where r is NaN or there are no degrees of freedom
 */
export function correlationPValue(r: number, degreesOfFreedom: number): number {
  return multipleCorrelationPValue(r, 1, degreesOfFreedom);
}

/**
 * p of a multiple correlation R by the F-test, F = (R² / k) / ((1 − R²) / df) and p = I_{R²}(k/2, df/2), upper tail; with one
 * regressor the p of correlationPValue.
 * @param r R of any sign, in [−1, 1]
 * @param regressors k
 * @param degreesOfFreedom of what the regressors leave
 * @returns NaN where R is NaN or there are no degrees of freedom
 */
export function multipleCorrelationPValue(r: number, regressors: number, degreesOfFreedom: number): number {
  if (Number.isNaN(r) || !(degreesOfFreedom > 0)) return NaN;
  return betainc(Math.min(1, r * r), regressors / 2, degreesOfFreedom / 2, true, true);
}

/**
 * Benjamini–Hochberg: q_(k) = min over l ≥ k of p_(l) · m / l for the m p-values in ascending order, at most 1.
 * @param pValues NaN where undefined; those do not count in m
 * @returns q in the order given; NaN where p is NaN
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const defined = pValues.map((p, index) => ({ p, index })).filter(({ p }) => !Number.isNaN(p));
  defined.sort((a, b) => b.p - a.p);
  const q = pValues.map(() => NaN);
  let smallest = 1;
  defined.forEach(({ p, index }, position) => {
    smallest = Math.min(smallest, (p * defined.length) / (defined.length - position));
    q[index] = smallest;
  });
  return q;
}
