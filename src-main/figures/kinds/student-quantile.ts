import { correlationPValue } from '../../coupling/significance';

/**
 * The quantile t of Student's distribution with P(T ≤ t) = `share`, by bisection on the p of the correlation r that has this t,
 * r = t / √(t² + degrees), so that one distribution function serves all.
 * @param share above 0.5
 */
export function studentQuantile(share: number, degreesOfFreedom: number): number {
  const wanted = 2 * (1 - share);
  let [low, high] = [0, 1];
  for (let i = 0; i < 100; i++) {
    const r = (low + high) / 2;
    if (correlationPValue(r, degreesOfFreedom) > wanted) low = r;
    else high = r;
  }
  const r = (low + high) / 2;
  return (r * Math.sqrt(degreesOfFreedom)) / Math.sqrt(1 - r * r);
}
