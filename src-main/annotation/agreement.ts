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
  /** Its large-sample 95 % confidence interval, kept inside [−1, 1]. */
  interval: [number, number] | null;
  /** Why there is no κ. */
  why: string | null;
}

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959963984540054;

/**
 * Cohen's κ (Cohen 1960, Educational and Psychological Measurement 20:37–46) with the large-sample variance of Fleiss, Cohen and
 * Everitt (1969, Psychological Bulletin 72:323–327, equation 13; also Fleiss, Levin and Paik 2003, section 18.1). With p_ij the share
 * of things that the first put into i and the second into j, p_i. and p_.j the margins:
 *
 *   n (1 − p_e)⁴ var κ = Σ_i p_ii [(1 − p_e) − (p_.i + p_i.)(1 − p_o)]²
 *                        + (1 − p_o)² Σ_{i≠j} p_ij (p_.i + p_j.)² − (p_o p_e − 2 p_e + p_o)²
 *
 * @param ratings one entry for each thing: what the first rater said, and the second
 */
export function cohensKappa(ratings: readonly (readonly [string, string])[]): Kappa {
  const n = ratings.length;
  if (n === 0) return { n, agreement: null, kappa: null, interval: null, why: 'nothing was rated by both' };
  const categories = [...new Set(ratings.flat())].sort();
  const place = new Map(categories.map((category, i) => [category, i]));
  const k = categories.length;
  const p = Array.from({ length: k }, () => new Float64Array(k));
  for (const [first, second] of ratings) p[place.get(first)!]![place.get(second)!]! += 1 / n;
  const rows = p.map((row) => row.reduce((sum, value) => sum + value, 0));
  const columns = rows.map((_, j) => p.reduce((sum, row) => sum + row[j]!, 0));
  const observed = ratings.filter(([first, second]) => first === second).length / n;
  const expected = rows.reduce((sum, row, i) => sum + row * columns[i]!, 0);
  if (k === 1) return { n, agreement: observed, kappa: null, interval: null, why: `both always say “${categories[0]}”` };
  const kappa = (observed - expected) / (1 - expected);
  let diagonal = 0;
  let others = 0;
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      const share = p[i]![j]!;
      if (i === j) diagonal += share * (1 - expected - (columns[i]! + rows[i]!) * (1 - observed)) ** 2;
      else others += share * (columns[i]! + rows[j]!) ** 2;
    }
  }
  const last = observed * expected - 2 * expected + observed;
  const variance = (diagonal + (1 - observed) ** 2 * others - last ** 2) / (n * (1 - expected) ** 4);
  const error = Math.sqrt(Math.max(0, variance));
  return {
    ...{ n, agreement: observed, kappa, why: null },
    interval: [Math.max(-1, kappa - Z * error), Math.min(1, kappa + Z * error)],
  };
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
export function agreementOf(pairs: readonly RatedPair[], vocabulary: Vocabulary): ({ field: string } & Kappa)[] {
  const by = (field: string, value: (annotation: Annotation) => string | null | undefined) => {
    const ratings = pairs.flatMap(({ first, second }) => {
      const [one, other] = [value(first), value(second)];
      return one && other ? [[one, other] as const] : [];
    });
    return { field, ...cohensKappa(ratings) };
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
