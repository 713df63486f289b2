import { pairColumns } from '../../../src-preload/shared/contract/resources';
import { pairMatcher } from '../../../src-preload/shared/domain/pair-search';
import type { StatisticsMode } from '../../stores/mode';

/** One pair of a coupling; `index` is its place in the coupling's list. What corrected mode finds is NaN before it was computed. */
export type Pair = { index: number } & Record<(typeof pairColumns)[number], number>;

/** @param table [pairs, columns], as pairColumns names them */
export function pairsOf(table: Float64Array): Pair[] {
  const width = pairColumns.length;
  const pairs = new Array<Pair>(table.length / width);
  for (let index = 0; index < pairs.length; index++) {
    const pair = { index } as Pair;
    for (let column = 0; column < width; column++) pair[pairColumns[column]!] = table[index * width + column]!;
    pairs[index] = pair;
  }
  return pairs;
}

/** The p that the mode goes by: the t-test's, or that of the null of the maximum. */
export function pOfMode(pair: Pair, mode: StatisticsMode): number {
  return mode === 'paper' ? pair.p : pair.pNull;
}

/** Which pairs are to be seen. */
export interface PairFilter {
  search: string;
  leastR: number;
  onlySignificant: boolean;
  mode: StatisticsMode;
  /** Only pairs that are each other's best, by the pairs of the other direction; undefined where those are not there. */
  mutual: ReadonlySet<string> | undefined;
}

export function filterPairs(pairs: readonly Pair[], { search, leastR, onlySignificant, mode, mutual }: PairFilter): Pair[] {
  const matches = pairMatcher(search);
  return pairs.filter(
    (pair) =>
      pair.r >= leastR &&
      (!onlySignificant || pOfMode(pair, mode) <= 0.05) &&
      (!mutual || mutual.has(pairKey(pair))) &&
      matches(pair),
  );
}

export function pairKey({ fbn, filter }: Pick<Pair, 'fbn' | 'filter'>): string {
  return `${fbn} ${filter}`;
}

/** What is paired most often: hubs, the most frequent first. */
export function countHubs(pairs: readonly Pair[], side: 'fbn' | 'filter', most: number): { index: number; pairs: number }[] {
  const counts = new Map<number, number>();
  for (const pair of pairs) counts.set(pair[side], (counts.get(pair[side]) ?? 0) + 1);
  return [...counts]
    .map(([index, count]) => ({ index, pairs: count }))
    .sort((a, b) => b.pairs - a.pairs || a.index - b.index)
    .slice(0, most);
}
