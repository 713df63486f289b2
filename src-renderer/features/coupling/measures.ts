import type { CouplingView } from '../../../src-preload/shared/contract/views';
import type { StatisticsMode } from '../../stores/mode';
import { formatNumber, formatR } from '../../ui/format';

/** What a cell of the matrix can show of its coupling. */
export interface Measure {
  name: string;
  label: string;
  /** null: not known, or not computed. */
  value: (coupling: CouplingView) => number | null;
  format: (value: number | null) => string;
}

const share = (count: number | undefined, all: number) => (count === undefined || all === 0 ? null : (all - count) / all);
const percent = (value: number | null) => (value === null ? '–' : `${formatNumber(100 * value, 0)} %`);

export const measures: readonly Measure[] = [
  { name: 'mean-r', label: 'mean r', value: ({ meanR }) => meanR, format: formatR },
  {
    ...{ name: 'matched', label: 'mean r, count-matched', format: formatR },
    value: ({ correction }) => correction?.matchedMeanR ?? null,
  },
  {
    ...{ name: 'z', label: 'z of mean r', format: (value) => formatNumber(value, 1) },
    value: ({ correction }) => correction?.z ?? null,
  },
  {
    ...{ name: 'significant-paper', label: 'pairs with p ≤ 0.05 (paper)', format: percent },
    value: ({ notSignificant, pairs }) => share(notSignificant, pairs),
  },
  {
    ...{ name: 'significant-null', label: 'pairs with p ≤ 0.05 (null)', format: percent },
    value: ({ correction, pairs }) => share(correction?.notSignificantNull, pairs),
  },
  {
    ...{ name: 'significant-q', label: 'pairs with q ≤ 0.05', format: percent },
    value: ({ correction, pairs }) => share(correction?.notSignificantQ, pairs),
  },
  {
    ...{ name: 'significant-family', label: 'pairs with p ≤ 0.05 (family)', format: percent },
    value: ({ correction, pairs }) => share(correction?.notSignificantFamily, pairs),
  },
];

/** The measure of this name, or the one that the mode puts first. */
export function measureNamed(name: string | undefined, mode: StatisticsMode): Measure {
  return (
    measures.find((one) => one.name === name) ?? measures.find((one) => one.name === (mode === 'paper' ? 'mean-r' : 'matched'))!
  );
}
