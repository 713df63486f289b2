import type { Table } from './table';

/** One pair with the names of what was coupled. */
export interface NamedPair {
  model: string;
  layer: string;
  movieRun: string;
  direction: 'fbn-to-filter' | 'filter-to-fbn';
  /** From 0, as volumes of the FBN maps. */
  fbn: number;
  /** From 0, as channels of the layer. */
  filter: number;
  r: number;
  p: number;
}

/** Every pair of an embedding, in the order given. */
export function buildPairTable(pairs: readonly NamedPair[]): Table {
  return {
    table: 'pairs',
    title: 'Pairs of FBNs and filters',
    caption:
      'Best filter of every FBN (fbn-to-filter, Eq. 2) and best FBN of every filter (filter-to-fbn, Eq. 1) by Pearson r; p of the ' +
      't-test with N - 2 degrees of freedom, as in the paper. FBNs and filters are counted from 0.',
    columns: [
      { name: 'model', label: 'Model' },
      { name: 'layer', label: 'Layer' },
      { name: 'movieRun', label: 'Movie run' },
      { name: 'direction', label: 'Direction' },
      { name: 'fbn', label: 'FBN' },
      { name: 'filter', label: 'Filter' },
      { name: 'r', label: 'r', decimals: 4 },
      { name: 'p', label: 'p' },
    ],
    rows: pairs.map((pair) => ({ ...pair, p: Number(pair.p.toPrecision(4)) })),
  };
}
