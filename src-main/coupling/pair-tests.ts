import { controlledCopies, controlledNullMaxima, type ControlledNullOptions } from './controlled-null';
import type { ControlledSeries } from './controlled-series';
import { effectiveSampleSizesOfPairs } from './effective-n';
import { nullMaxima } from './null-maxima';
import type { SeriesMatrix } from './series';
import { correlationPValue, multipleCorrelationPValue } from './significance';
import type { Surrogates } from './surrogates';

type Place = { fbn: number; filter: number };

/** How the r of pairs are tested: on series as they are, or under control. */
export interface PairTests {
  /** Two-sided p that takes time points for independent samples and the pair for one named beforehand. */
  p(r: number): number;
  /** Independent time points that the two series of each pair are worth. */
  effectiveN(pairs: readonly Place[]): Float64Array;
  /** p with so many of them. */
  pEffective(r: number, effectiveN: number): number;
  /** The series itself and the copies that nullMaxima gives maxima of. */
  copies(surrogates: Surrogates): number;
  /** As nullMaxima. */
  nullMaxima(surrogates: Surrogates, options: ControlledNullOptions): Promise<SeriesMatrix & { data: Float64Array }>;
}

/** @param x FBN activations [fbns, time] @param y filter activations [filters, time] */
export function plainTests(x: SeriesMatrix, y: SeriesMatrix): PairTests {
  return {
    p: (r) => correlationPValue(r, x.columns - 2),
    effectiveN: (pairs) => effectiveSampleSizesOfPairs(x, y, pairs),
    pEffective: (r, effectiveN) => correlationPValue(r, effectiveN - 2),
    copies: ({ rows }) => rows,
    nullMaxima: (surrogates, options) => nullMaxima(x, y, surrogates, options),
  };
}

/** Partners whose series are held at a time. */
const PAIRS_AT_A_TIME = 1024;

/**
 * Confounds take a degree of freedom each; with derivatives r is a multiple correlation of three regressors, tested by F. The effective
 * N is that of what is left of the series, in proportion to the degrees of freedom that are left of N.
 */
export function controlledTests(series: ControlledSeries): PairTests {
  const { timePoints, basis, regressors } = series;
  const share = (timePoints - basis.length) / timePoints;
  return {
    p: (r) => multipleCorrelationPValue(r, regressors, timePoints - basis.length - 1 - regressors),
    effectiveN(pairs) {
      const sizes = new Float64Array(pairs.length);
      for (let start = 0; start < pairs.length; start += PAIRS_AT_A_TIME) {
        const some = pairs.slice(start, start + PAIRS_AT_A_TIME);
        const partners = { rows: some.length, columns: timePoints, data: new Float64Array(some.length * timePoints) };
        some.forEach(({ fbn, filter }, i) => {
          partners.data.set(series.partner(fbn, filter)?.series ?? new Float64Array(timePoints).fill(NaN), i * timePoints);
        });
        const places = some.map(({ fbn }, i) => ({ fbn, filter: i }));
        sizes.set(effectiveSampleSizesOfPairs(series.x, partners, places), start);
      }
      return sizes.map((size) => Math.max(3, size * share));
    },
    pEffective: (r, effectiveN) => multipleCorrelationPValue(r, regressors, effectiveN - 1 - regressors),
    copies: (surrogates) => controlledCopies(series, surrogates),
    nullMaxima: (surrogates, options) => controlledNullMaxima(series, surrogates, options),
  };
}
