/** One pair of a coupling; `index` is its place in the coupling's list. */
export interface Pair {
  index: number;
  fbn: number;
  filter: number;
  r: number;
  p: number;
}

/** @param table [pairs, 4]: FBN, filter, r, p */
export function pairsOf(table: Float64Array): Pair[] {
  const pairs = new Array<Pair>(table.length / 4);
  for (let index = 0; index < pairs.length; index++) {
    const at = index * 4;
    pairs[index] = { index, fbn: table[at]!, filter: table[at + 1]!, r: table[at + 2]!, p: table[at + 3]! };
  }
  return pairs;
}

/** Which pairs are to be seen. */
export interface PairFilter {
  search: string;
  leastR: number;
  onlySignificant: boolean;
  /** Only pairs that are each other's best, by the pairs of the other direction; undefined where those are not there. */
  mutual: ReadonlySet<string> | undefined;
}

export function filterPairs(pairs: readonly Pair[], { search, leastR, onlySignificant, mutual }: PairFilter): Pair[] {
  const matches = pairMatcher(search);
  return pairs.filter(
    (pair) => pair.r >= leastR && (!onlySignificant || pair.p <= 0.05) && (!mutual || mutual.has(pairKey(pair))) && matches(pair),
  );
}

export function pairKey({ fbn, filter }: Pick<Pair, 'fbn' | 'filter'>): string {
  return `${fbn} ${filter}`;
}

/**
 * A test for what was searched for: "fbn 25", "filter 107", "107" (either side), "r > 0.3", "p < 0.01"; all parts count. Read once,
 * asked for every pair.
 */
export function pairMatcher(search: string): (pair: Pair) => boolean {
  const parts = search.toLowerCase().match(/(?:fbn|filter)\s*\d+|[rp]\s*[<>]\s*-?[\d.]+|\d+/g) ?? [];
  const tests = parts.map((part): ((pair: Pair) => boolean) => {
    const comparison = /^([rp])\s*([<>])\s*(-?[\d.]+)$/.exec(part);
    if (comparison) {
      const [name, limit] = [comparison[1] as 'r' | 'p', Number(comparison[3])];
      return comparison[2] === '>' ? (pair) => pair[name] > limit : (pair) => pair[name] < limit;
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
