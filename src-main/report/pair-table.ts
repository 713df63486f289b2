import type { Table } from './table';

/** One pair with the names of what was coupled. */
export interface NamedPair {
  model: string;
  layer: string;
  movieRun: string;
  direction: 'fbn-to-filter' | 'filter-to-fbn';
  /** How activations were made and what was done to them. */
  form: string;
  /** Delay of the filter that was chosen; null where there was no choice. */
  lagSeconds: number | null;
  /** From 0, as volumes of the FBN maps. */
  fbn: number;
  /** From 0, as channels of the layer. */
  filter: number;
  r: number;
  p: number;
  /** null: in paper mode only. */
  correction: {
    effectiveN: number;
    pEffective: number;
    pNull: number;
    q: number;
    pFamily: number;
    isMutual: boolean;
  } | null;
}

const correctedColumns: Table['columns'] = [
  { name: 'effectiveN', label: 'effective N', decimals: 1 },
  { name: 'pEffective', label: 'p (effective N)', isP: true },
  { name: 'pNull', label: 'p (null of the maximum)', isP: true },
  { name: 'q', label: 'q', isP: true },
  { name: 'pFamily', label: 'p (family)', isP: true },
  { name: 'isMutual', label: 'mutual best' },
];

/** Every pair of an embedding, in the order given; the columns of corrected mode where any pair has them. */
export function buildPairTable(pairs: readonly NamedPair[]): Table {
  const hasForms = pairs.some(({ form }) => form !== 'max');
  const hasLags = pairs.some(({ lagSeconds }) => lagSeconds !== null);
  const isCorrected = pairs.some(({ correction }) => correction !== null);
  return {
    table: 'pairs',
    title: 'Pairs of FBNs and filters',
    caption:
      'Best filter of every FBN (fbn-to-filter, Eq. 2) and best FBN of every filter (filter-to-fbn, Eq. 1) by Pearson r; p (paper) of ' +
      'the t-test with N - 2 degrees of freedom. FBNs and filters are counted from 0.' +
      (isCorrected
        ? ' Effective N: independent time points that the two autocorrelated series are worth. p (null of the maximum): share of null ' +
          'copies of the FBN activations whose largest r over all partners is at least as large, never below 1/(n + 1); q: ' +
          'Benjamini-Hochberg over the pairs; p (family): against the largest r of all pairs together.'
        : ''),
    columns: [
      { name: 'model', label: 'Model' },
      { name: 'layer', label: 'Layer' },
      { name: 'movieRun', label: 'Movie run' },
      { name: 'direction', label: 'Direction' },
      ...(hasForms ? [{ name: 'form', label: 'Activations' }] : []),
      { name: 'fbn', label: 'FBN' },
      { name: 'filter', label: 'Filter' },
      ...(hasLags ? [{ name: 'lagSeconds', label: 'lag', unit: 's' }] : []),
      { name: 'r', label: 'r', decimals: 4 },
      { name: 'p', label: 'p (paper)', isP: true },
      ...(isCorrected ? correctedColumns : []),
    ],
    rows: pairs.map(({ correction, form, lagSeconds, ...pair }) => ({
      ...pair,
      ...(hasForms && { form }),
      ...(hasLags && { lagSeconds }),
      ...correction,
    })),
  };
}
