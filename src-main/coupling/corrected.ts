import { roundingOf, summariseNull } from './circular-shift-null';
import type { CorrelateOptions } from './correlate';
import { bestFbnOfFilter, bestFilterOfFbn, findPairs, type Pair, type PairingDirection } from './pairs';
import { plainTests, type PairTests } from './pair-tests';
import type { SeriesMatrix } from './series';
import { benjaminiHochberg, SIGNIFICANCE_LEVEL } from './significance';
import type { Surrogates } from './surrogates';

/** One pair with what survives of its significance. */
export interface CorrectedPair extends Pair {
  /** Independent time points that the two autocorrelated series are worth. */
  effectiveN: number;
  /** The t-test with effective N − 2 degrees of freedom: honest for a pair named beforehand, not for the best of many. */
  pEffective: number;
  /** (surrogates whose largest r over all partners is at least r, and one) / (1 + n). Never below 1 / (1 + n). */
  pNull: number;
  /** Benjamini–Hochberg q of pNull over the pairs of the coupling. */
  q: number;
  /** The same against the largest r of all pairs together: family-wise over the pairs (Nichols & Holmes 2002). */
  pFamily: number;
  /** 95 % quantile of the pair's null. */
  q95: number;
  /** Whether each is the other's best. */
  isMutual: boolean;
}

/** The pairs of one direction against their null. */
export interface CorrectedPairs {
  direction: PairingDirection;
  pairs: CorrectedPair[];
  /** Number of surrogates n. */
  surrogates: number;
  /** Mean r over the pairs, and what it is under the null: its mean and standard deviation over the surrogates. */
  meanR: number;
  expectedMeanR: number;
  deviationOfMeanR: number;
  /** Filter-count-matched mean r: meanR − expectedMeanR; models and layers of any width compare by it. */
  matchedMeanR: number;
  /** matchedMeanR / deviationOfMeanR. */
  z: number;
  /** (surrogates whose mean r is at least meanR, and one) / (1 + n). */
  pOfMeanR: number;
  /** Pairs with pNull, q, pFamily above 0.05. */
  notSignificant: { null: number; q: number; family: number };
}

/** What is corrected, and by which null. */
export interface CorrectionRequest {
  /** FBN activations [fbns, time]. */
  x: SeriesMatrix;
  /** Filter activations [filters, time]. */
  y: SeriesMatrix;
  /** Their r [fbns, filters]; NaN where undefined. */
  r: SeriesMatrix;
  directions: readonly PairingDirection[];
  surrogates: Surrogates;
  /** Where the pairs are of x and y under control. */
  tests?: PairTests | undefined;
}

/**
 * The pairs of either direction with corrected significance. All FBNs go through the same surrogates together, so that what they
 * share stays shared: the null of the mean r and of the family keep the dependence between FBNs.
 * @param onNull given the maxima of the FBNs [fbns, 1 + n], to be kept
 * @see docs/statistics.md
 */
export async function correctPairs(
  { x, y, r, directions, surrogates, tests = plainTests(x, y) }: CorrectionRequest,
  options: CorrelateOptions = {},
  onNull?: (maxima: SeriesMatrix) => void,
): Promise<CorrectedPairs[]> {
  const rounding = roundingOf(options);
  const sides = new Map(directions.map((direction) => [direction, new NullOfPairs(tests.copies(surrogates), rounding)]));
  const filters = sides.get('filter-to-fbn');
  const onFilter = filters && ((filter: number, maxima: Float64Array | null) => filters.add(filter, maxima));
  const maxima = await tests.nullMaxima(surrogates, { ...options, onFilter });
  onNull?.(maxima);
  for (let fbn = 0; fbn < x.rows; fbn++) {
    const own = maxima.data.subarray(fbn * maxima.columns, (fbn + 1) * maxima.columns);
    sides.get('fbn-to-filter')?.add(fbn, Number.isNaN(own[0]) ? null : own);
  }
  const best = { filter: bestFilterOfFbn(r), fbn: bestFbnOfFilter(r) };
  return [...sides].map(([direction, side]) => {
    const pairs = findPairs(r, direction, tests.p);
    const sizes = tests.effectiveN(pairs);
    const nulls = pairs.map((pair) => side.of(direction === 'fbn-to-filter' ? pair.fbn : pair.filter));
    const q = benjaminiHochberg(nulls.map(({ p }) => p));
    return {
      direction,
      ...side.summarise(),
      pairs: pairs.map((pair, i) => ({
        ...pair,
        effectiveN: sizes[i]!,
        pEffective: tests.pEffective(pair.r, sizes[i]!),
        pNull: nulls[i]!.p,
        q: q[i]!,
        pFamily: side.familyP(nulls[i]!.observed),
        q95: nulls[i]!.q95,
        isMutual: best.filter[pair.fbn] === pair.filter && best.fbn[pair.filter] === pair.fbn,
      })),
      notSignificant: {
        null: count(nulls, ({ p }) => p > SIGNIFICANCE_LEVEL),
        q: count(q, (value) => value > SIGNIFICANCE_LEVEL),
        family: count(nulls, ({ observed }) => side.familyP(observed) > SIGNIFICANCE_LEVEL),
      },
    };
  });
}

/** What is kept of the maxima of all pairs of a direction: one number per surrogate, not one per pair and surrogate. */
class NullOfPairs {
  private readonly nulls = new Map<number, { observed: number; p: number; q95: number }>();
  private readonly sums: Float64Array;
  private readonly largest: Float64Array;

  constructor(
    copies: number,
    private readonly rounding: number,
  ) {
    this.sums = new Float64Array(copies);
    this.largest = new Float64Array(copies).fill(-Infinity);
  }

  add(index: number, maxima: Float64Array | null): void {
    if (!maxima) return;
    const { observed, p, q95 } = summariseNull(maxima, this.rounding);
    this.nulls.set(index, { observed, p, q95 });
    for (let copy = 0; copy < maxima.length; copy++) {
      this.sums[copy]! += maxima[copy]!;
      if (maxima[copy]! > this.largest[copy]!) this.largest[copy] = maxima[copy]!;
    }
  }

  of(index: number): { observed: number; p: number; q95: number } {
    return this.nulls.get(index)!;
  }

  familyP(observed: number): number {
    return (count(this.largest.subarray(1), (value) => value >= observed - this.rounding) + 1) / this.largest.length;
  }

  summarise(): Omit<CorrectedPairs, 'direction' | 'pairs' | 'notSignificant'> {
    const means = this.sums.map((sum) => sum / this.nulls.size);
    const others = means.subarray(1);
    const meanR = means[0]!;
    const expectedMeanR = others.reduce((sum, value) => sum + value, 0) / others.length;
    const deviationOfMeanR = Math.sqrt(others.reduce((sum, value) => sum + (value - expectedMeanR) ** 2, 0) / others.length);
    return {
      ...{ surrogates: others.length, meanR, expectedMeanR, deviationOfMeanR },
      matchedMeanR: meanR - expectedMeanR,
      z: (meanR - expectedMeanR) / deviationOfMeanR,
      pOfMeanR: (count(others, (value) => value >= meanR - this.rounding) + 1) / means.length,
    };
  }
}

function count<Value>(values: ArrayLike<Value>, test: (value: Value) => boolean): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) if (test(values[i]!)) found++;
  return found;
}
