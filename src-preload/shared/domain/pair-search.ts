/** What a search looks at; q is not known everywhere. */
export interface SearchedPair {
  fbn: number;
  filter: number;
  r: number;
  p: number;
  q?: number;
}

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
