import type { TermView } from '../../../src-preload/shared/contract/semantics-views';
import type { WordKind } from '../../../src-preload/shared/domain/words';

/** Which terms are shown: of one kind, or all that are not blocked. */
export type ShownKind = Exclude<WordKind, 'blocked'> | 'all';

export const kindOptions: readonly { value: ShownKind; label: string }[] = [
  { value: 'all', label: 'all words' },
  { value: 'functional', label: 'functional' },
  { value: 'anatomical', label: 'anatomical' },
  { value: 'clinical', label: 'clinical' },
  { value: 'method', label: 'method' },
];

/** A term with its r and its rank among those shown, 1 for the first. */
export interface RankedTerm extends TermView {
  place: number;
  r: number;
  rank: number;
}

/**
 * The terms that a map is most like (largest r first) or unlike (smallest first).
 * @param r [terms]; NaN ranks nowhere
 */
export function rankTerms(
  terms: readonly TermView[],
  r: Float32Array,
  { kind, unlike, most }: { kind: ShownKind; unlike: boolean; most: number },
): RankedTerm[] {
  const fits = ({ kind: own }: TermView) => own !== 'blocked' && (kind === 'all' || own === kind);
  const sign = unlike ? -1 : 1;
  return terms
    .map((term, place) => ({ ...term, place, r: r[place] ?? NaN }))
    .filter((term) => fits(term) && term.r * sign > 0)
    .sort((a, b) => sign * (b.r - a.r))
    .slice(0, most)
    .map((term, i) => ({ ...term, rank: i + 1 }));
}
