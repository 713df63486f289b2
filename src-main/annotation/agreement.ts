import type { Annotation } from '../../src-preload/shared/contract/annotations';
import { decisionOf } from './compare';
import { currentDecision, type LogState, type PairLog } from './replay';
import type { Vocabulary } from './tags';

/** How two raters agree over the same things, beyond what chance gives. */
export interface Kappa {
  /** Things that both rated. */
  n: number;
  /** Share rated the same, in [0, 1]; null where n is 0. */
  agreement: number | null;
  /** Cohen's κ = (p_o − p_e) / (1 − p_e); null where it is not defined. */
  kappa: number | null;
  /** Its 95 % confidence interval, inside [−1, 1]; null where the ratings cannot give one. */
  interval: [number, number] | null;
  /** Why there is no κ, or no interval; null where both are there. */
  why: string | null;
}

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959963984540054;

/**
 * Cohen's κ (Cohen 1960, Educational and Psychological Measurement 20:37–46) and an interval that is honest about few things. Cohen's
 * standard error takes p_e for known, so that κ is a share p_o on another scale; the interval is the score interval of that share
 * (Wilson 1927, Journal of the American Statistical Association 22:209–212) on the same scale:
 *
 *   c ± h = [p_o + z²/2n ± z √(p_o (1 − p_o)/n + z²/4n²)] / (1 + z²/n),   κ from (c − h − p_e) / (1 − p_e) to (c + h − p_e) / (1 − p_e)
 *
 * The large-sample variance of Fleiss, Cohen and Everitt (1969) is 0 where κ is 1 and far too small near it; this one keeps its width.
 * Where somebody uses one category only, p_o is p_e whatever the other says: κ is 0 by construction, says nothing, and has no interval.
 * @param ratings one entry for each thing: what the first rater said, and the second
 * @param names of the two, for the words where something cannot be said
 */
export function cohensKappa(
  ratings: readonly (readonly [string, string])[],
  names: readonly [string, string] = ['the first', 'the second'],
): Kappa {
  const n = ratings.length;
  if (n === 0) return { n, agreement: null, kappa: null, interval: null, why: 'nothing was rated by both' };
  const [rows, columns] = [countOf(ratings.map(([first]) => first)), countOf(ratings.map(([, second]) => second))];
  const observed = ratings.filter(([first, second]) => first === second).length / n;
  let expected = 0;
  for (const [category, count] of rows) expected += (count / n) * ((columns.get(category) ?? 0) / n);
  const single = [rows, columns].map((counts) => (counts.size === 1 ? [...counts.keys()][0]! : undefined));
  if (single[0] !== undefined && single[0] === single[1])
    return { n, agreement: observed, kappa: null, interval: null, why: `both always say “${single[0]}”` };
  const onScale = (share: number) => (share - expected) / (1 - expected);
  const constant = single.findIndex((category) => category !== undefined);
  if (constant >= 0) {
    const why = n === 1 ? 'one pair says nothing' : `${names[constant]} always says “${single[constant]}”`;
    return { n, agreement: observed, kappa: 0, interval: null, why };
  }
  const [low, high] = wilsonInterval(observed, n);
  return { n, agreement: observed, kappa: onScale(observed), interval: [Math.max(-1, onScale(low)), onScale(high)], why: null };
}

/** The 95 % score interval of a share of n things (Wilson 1927). */
function wilsonInterval(share: number, n: number): [number, number] {
  const middle = share + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  const scale = 1 + Z ** 2 / n;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}

function countOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** What two raters said of one pair. */
export interface RatedPair {
  log: PairLog;
  first: Annotation;
  second: Annotation;
}

/** Pairs that both have kept or rejected; a skipped one is not rated. */
export function ratedByBoth(state: LogState, first: string, second: string): RatedPair[] {
  const rated: RatedPair[] = [];
  for (const log of state.pairs.values()) {
    const one = currentDecision(state, log, first)?.after;
    const other = currentDecision(state, log, second)?.after;
    if (one && other && decisionOf(one) && decisionOf(other)) rated.push({ log, first: one, second: other });
  }
  return rated;
}

/** Agreement in every field that has categories, and in each tag that one of the two has used. */
export function agreementOf(
  pairs: readonly RatedPair[],
  vocabulary: Vocabulary,
  names: readonly [string, string],
): ({ field: string } & Kappa)[] {
  const by = (field: string, value: (annotation: Annotation) => string | null | undefined) => {
    const ratings = pairs.flatMap(({ first, second }) => {
      const [one, other] = [value(first), value(second)];
      return one && other ? [[one, other] as const] : [];
    });
    return { field, ...cohensKappa(ratings, names) };
  };
  const has = (annotation: Annotation, tag: string) => annotation.tags.some((id) => vocabulary.resolve(id)?.id === tag);
  const used = vocabulary.tags.filter(({ id }) => pairs.some(({ first, second }) => has(first, id) || has(second, id)));
  return [
    by('decision', decisionOf),
    by('relation', ({ relation }) => relation),
    by('confidence', ({ confidence }) => confidence),
    by('flag', ({ flagged }) => (flagged ? 'flagged' : 'not flagged')),
    ...used.map(({ id, name }) => by(`tag “${name}”`, (annotation) => (has(annotation, id) ? 'given' : 'not given'))),
  ];
}
