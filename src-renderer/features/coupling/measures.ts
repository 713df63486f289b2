import type { CouplingView } from '../../../src-preload/shared/contract/views';
import type { StatisticsMode } from '../../stores/mode';
import type { StoredSimilarity } from '../../../src-preload/shared/contract/comparisons';
import { formatNumber, formatR } from '../../ui/format';

/** What a cell of the matrix can show of its coupling. */
export interface Measure {
  name: string;
  label: string;
  /** null: not known, or not computed. */
  value: (coupling: CouplingView) => number | null;
  format: (value: number | null) => string;
  /** What has to be computed for it; `pairs` are always there. */
  needs: 'pairs' | 'correction' | 'comparison';
}

const share = (count: number | undefined, all: number) => (count === undefined || all === 0 ? null : (all - count) / all);
const percent = (value: number | null) => (value === null ? '–' : `${formatNumber(100 * value, 0)} %`);

const less = ({ value, expected }: StoredSimilarity) => (value === null || expected === null ? null : value - expected);

export const measures: readonly Measure[] = [
  { name: 'mean-r', label: 'mean r', value: ({ meanR }) => meanR, format: formatR, needs: 'pairs' },
  {
    ...{ name: 'matched', needs: 'correction' as const, label: 'mean r, count-matched', format: formatR },
    value: ({ correction }) => correction?.matchedMeanR ?? null,
  },
  {
    ...{ name: 'z', needs: 'correction' as const, label: 'z of mean r', format: (value) => formatNumber(value, 1) },
    value: ({ correction }) => correction?.z ?? null,
  },
  {
    ...{ name: 'significant-paper', needs: 'pairs' as const, label: 'pairs with p ≤ 0.05 (paper)', format: percent },
    value: ({ notSignificant, pairs }) => share(notSignificant, pairs),
  },
  {
    ...{ name: 'significant-null', needs: 'correction' as const, label: 'pairs with p ≤ 0.05 (null)', format: percent },
    value: ({ correction, pairs }) => share(correction?.notSignificantNull, pairs),
  },
  {
    ...{ name: 'significant-q', needs: 'correction' as const, label: 'pairs with q ≤ 0.05', format: percent },
    value: ({ correction, pairs }) => share(correction?.notSignificantQ, pairs),
  },
  {
    ...{ name: 'significant-family', needs: 'correction' as const, label: 'pairs with p ≤ 0.05 (family)', format: percent },
    value: ({ correction, pairs }) => share(correction?.notSignificantFamily, pairs),
  },
  {
    ...{ name: 'ridge', needs: 'comparison' as const, label: 'all filters: ridge r, held out', format: formatR },
    value: ({ comparison }) => comparison?.ridge ?? null,
  },
  {
    ...{ name: 'cka', needs: 'comparison' as const, label: 'all filters: CKA', format: formatR },
    value: ({ comparison }) => comparison?.alignment.value ?? null,
  },
  {
    ...{ name: 'cka-less-chance', needs: 'comparison' as const, label: 'all filters: CKA less chance', format: formatR },
    value: ({ comparison }) => comparison && less(comparison.alignment),
  },
  {
    ...{ name: 'rsa', needs: 'comparison' as const, label: 'all filters: RSA', format: formatR },
    value: ({ comparison }) => comparison?.similarity.value ?? null,
  },
  {
    ...{ name: 'rsa-less-chance', needs: 'comparison' as const, label: 'all filters: RSA less chance', format: formatR },
    value: ({ comparison }) => comparison && less(comparison.similarity),
  },
];

/** The measure of this name, or the one that the mode puts first. */
export function measureNamed(name: string | undefined, mode: StatisticsMode): Measure {
  return (
    measures.find((one) => one.name === name) ?? measures.find((one) => one.name === (mode === 'paper' ? 'mean-r' : 'matched'))!
  );
}
