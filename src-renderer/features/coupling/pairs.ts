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
  return Array.from({ length: table.length / 4 }, (_, index) => {
    const [fbn, filter, r, p] = table.subarray(index * 4, index * 4 + 4);
    return { index, fbn: fbn!, filter: filter!, r: r!, p: p! };
  });
}

/** Whether a pair is what was searched for: "fbn 25", "filter 107", "107" (either side), "r > 0.3", "p < 0.01"; all parts count. */
export function matchPair(pair: Pair, search: string): boolean {
  const parts = search.toLowerCase().match(/(?:fbn|filter)\s*\d+|[rp]\s*[<>]\s*-?[\d.]+|\d+/g) ?? [];
  return parts.every((part) => {
    const comparison = /^([rp])\s*([<>])\s*(-?[\d.]+)$/.exec(part);
    if (comparison) {
      const value = pair[comparison[1] as 'r' | 'p'];
      return comparison[2] === '>' ? value > Number(comparison[3]) : value < Number(comparison[3]);
    }
    const number = Number(/\d+$/.exec(part)![0]);
    if (part.startsWith('fbn')) return pair.fbn === number;
    if (part.startsWith('filter')) return pair.filter === number;
    return pair.fbn === number || pair.filter === number;
  });
}
