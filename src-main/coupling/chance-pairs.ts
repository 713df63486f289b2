import { countAtLeast } from './circular-shift-null';
import { correlationPValue } from './significance';

/** How often a chance pair is called significant at each level, by way of telling its p. */
export interface ChanceShares {
  /** Chance pairs that were tested. */
  tested: number;
  /** p of the t-test, as for a pair named beforehand; the same times the partners (Bonferroni); by the null of the maximum. Counts. */
  naive: Float64Array;
  bonferroni: Float64Array;
  corrected: Float64Array;
}

/** @param levels of significance, in (0, 1) */
export function noChanceShares(levels: readonly number[]): ChanceShares {
  const zeros = () => new Float64Array(levels.length);
  return { tested: 0, naive: zeros(), bonferroni: zeros(), corrected: zeros() };
}

/**
 * Counts null copies as if they were pairs: in each of them an FBN found its best filter by chance alone. The naive p is that of its r;
 * the corrected p ranks it among the other half of the copies (first half against second, as neighbouring shifts are alike).
 * @param maxima [copies] of one FBN, the largest r in each; those without a value do not count
 * @param into what is counted on
 */
export function countChancePairs(
  maxima: Float32Array,
  { timePoints, partners }: { timePoints: number; partners: number },
  levels: readonly number[],
  into: ChanceShares,
): void {
  const copies = maxima.filter((r) => !Number.isNaN(r));
  const sorted = copies.slice().sort();
  const halves = [copies.slice(0, copies.length >> 1), copies.slice(copies.length >> 1)] as const;
  const [first, second] = halves.map((half) => half.slice().sort()) as [Float32Array, Float32Array];
  into.tested += copies.length;
  for (const [i, level] of levels.entries()) {
    into.naive[i]! += countAtLeast(sorted, significantR(level, timePoints));
    into.bonferroni[i]! += countAtLeast(sorted, significantR(level / partners, timePoints));
    into.corrected[i]! += countOfSmallP(first, second, level) + countOfSmallP(second, first, level);
  }
}

/** How many of sorted values have p = (others at least as large, and one) / (1 + n) of at most a level. */
function countOfSmallP(values: Float32Array, others: Float32Array, level: number): number {
  // So many of the others may be as large; the value must lie above the next one down.
  const allowed = Math.floor(level * (others.length + 1) + 1e-9) - 1;
  if (allowed < 0) return 0;
  if (allowed >= others.length) return values.length;
  const border = others[others.length - 1 - allowed]!;
  return values.length - firstAbove(values, border);
}

/** Place of the first of sorted values that is larger. */
function firstAbove(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

const known = new Map<string, number>();

/** The least positive r with p of at most a level, by halving; to 1e-9. */
function significantR(level: number, timePoints: number): number {
  const key = `${level} ${timePoints}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  let [low, high] = [0, 1];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (correlationPValue(middle, timePoints - 2) <= level) high = middle;
    else low = middle;
  }
  known.set(key, high);
  return high;
}
