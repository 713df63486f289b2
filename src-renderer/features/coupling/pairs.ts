import { pairColumns } from '../../../src-preload/shared/contract/resources';
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

/** What a search looks at; q is not known everywhere. */
export type SearchedPair = Pick<Pair, 'fbn' | 'filter' | 'r' | 'p'> & Partial<Pick<Pair, 'q'>>;

/**
 * A test for what was searched for: "fbn 25", "filter 107", "107" (either side), "r > 0.3", "p < 0.01", "q < 0.05"; all parts count. Read once,
 * asked for every pair.
 */
export function pairMatcher(search: string): (pair: SearchedPair) => boolean {
  const parts = search.toLowerCase().match(/(?:fbn|filter)\s*\d+|[rpq]\s*[<>]\s*-?[\d.]+|\d+/g) ?? [];
  const tests = parts.map((part): ((pair: SearchedPair) => boolean) => {
    const comparison = /^([rpq])\s*([<>])\s*(-?[\d.]+)$/.exec(part);
    if (comparison) {
      const [name, limit] = [comparison[1] as 'r' | 'p' | 'q', Number(comparison[3])];
      return comparison[2] === '>' ? (pair) => (pair[name] ?? NaN) > limit : (pair) => (pair[name] ?? NaN) < limit;
    }
    const number = Number(/\d+$/.exec(part)![0]);
    if (part.startsWith('fbn')) return (pair) => pair.fbn === number;
    if (part.startsWith('filter')) return (pair) => pair.filter === number;
    return (pair) => pair.fbn === number || pair.filter === number;
  });
  return (pair) => tests.every((test) => test(pair));
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
