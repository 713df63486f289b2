import type { SeriesMatrix } from './series';
import { correlationPValue, SIGNIFICANCE_LEVEL } from './significance';

/** Which side looks for its partner: Eq. 2 (`fbn-to-filter`) or Eq. 1 (`filter-to-fbn`) of the paper. */
export type PairingDirection = 'fbn-to-filter' | 'filter-to-fbn';

/** An FBN and a filter, one of which is the best partner of the other. */
export interface Pair {
  fbn: number;
  filter: number;
  r: number;
  /** Two-sided p of the t-test with N − 2 degrees of freedom. */
  p: number;
}

/**
 * Eq. 2: for every FBN the filter with the largest signed r.
 * @param r [fbns, filters], NaN where undefined
 * @returns null where no r of the FBN is defined; of equals the first
 * @see Sync-ACT, Eq. 2
 */
export function bestFilterOfFbn(r: SeriesMatrix): (number | null)[] {
  return Array.from({ length: r.rows }, (_, fbn) => argmax(r.data, fbn * r.columns, r.columns, 1));
}

/**
 * Eq. 1: for every filter the FBN with the largest signed r.
 * @param r [fbns, filters], NaN where undefined
 * @returns null where no r of the filter is defined; of equals the first
 * @see Sync-ACT, Eq. 1
 */
export function bestFbnOfFilter(r: SeriesMatrix): (number | null)[] {
  return Array.from({ length: r.columns }, (_, filter) => argmax(r.data, filter, r.rows, r.columns));
}

function argmax(data: SeriesMatrix['data'], offset: number, count: number, stride: number): number | null {
  let best: number | null = null;
  let largest = -Infinity;
  for (let k = 0; k < count; k++) {
    // NaN is larger than nothing.
    if (data[offset + k * stride]! > largest) {
      largest = data[offset + k * stride]!;
      best = k;
    }
  }
  return best;
}

/**
 * The pairs of one direction, in the order of the side that looks for its partner; sides without one are left out.
 * @param r [fbns, filters], NaN where undefined
 * @param timePoints N of the series that r was computed from; or how its p follows from r
 */
export function findPairs(r: SeriesMatrix, direction: PairingDirection, timePoints: number | ((r: number) => number)): Pair[] {
  const p = typeof timePoints === 'number' ? (value: number) => correlationPValue(value, timePoints - 2) : timePoints;
  const pairOf = (fbn: number, filter: number): Pair => {
    const value = r.data[fbn * r.columns + filter]!;
    return { fbn, filter, r: value, p: p(value) };
  };
  if (direction === 'fbn-to-filter') {
    return bestFilterOfFbn(r).flatMap((filter, fbn) => (filter === null ? [] : [pairOf(fbn, filter)]));
  }
  return bestFbnOfFilter(r).flatMap((fbn, filter) => (fbn === null ? [] : [pairOf(fbn, filter)]));
}

/** One cell of the paper's tables. */
export interface PairSummary {
  /** Pairs that exist; with `undefinedPairs` the number of FBNs (Eq. 2) or filters (Eq. 1). */
  pairs: number;
  /** FBNs or filters without a partner, because their own series is constant or not finite, or all others are. */
  undefinedPairs: number;
  /** Mean r over the pairs; NaN where there are none. */
  meanR: number;
  /** Pairs with p > 0.05. */
  notSignificant: number;
  /** Their share of the pairs, in [0, 1]; NaN where there are none. */
  shareNotSignificant: number;
}

/** Mean r and the count that is not significant at p ≤ 0.05, as in the paper's tables. Parameters as in `findPairs`. */
export function summarisePairs(
  r: SeriesMatrix,
  direction: PairingDirection,
  timePoints: number | ((r: number) => number),
): PairSummary {
  const pairs = findPairs(r, direction, timePoints);
  const notSignificant = pairs.filter(({ p }) => p > SIGNIFICANCE_LEVEL).length;
  return {
    pairs: pairs.length,
    undefinedPairs: (direction === 'fbn-to-filter' ? r.rows : r.columns) - pairs.length,
    meanR: pairs.reduce((sum, pair) => sum + pair.r, 0) / pairs.length,
    notSignificant,
    shareNotSignificant: notSignificant / pairs.length,
  };
}
