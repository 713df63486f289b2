import type { Annotation, PairIdentity } from '../../src-preload/shared/contract/annotations';
import { annotationOf, currentDecision, pairKey, type LogState } from './replay';

/** An FBN of one embedding and the FBN of another one whose map is most like its own, one to one; r of the two maps, without sign. */
export interface MapMatch {
  from: number;
  to: number;
  r: number;
}

export interface CarryPlan {
  carried: { source: PairIdentity; pair: PairIdentity; r: number; after: Annotation }[];
  /** Own annotations of the old embedding, of which are not carried over … */
  annotations: number;
  /** … for FBNs that have no partner, or one whose map is too little alike, */
  unlike: number;
  /** for pairs that are none in the new embedding, */
  notPaired: number;
  /** and for pairs that are annotated there already. */
  annotated: number;
}

/**
 * Which of an author's annotations go over to the matched FBNs of another embedding. Nothing that was said there is replaced, and
 * only pairs that are pairs there get anything.
 * @param leastR of two maps that count as the same FBN
 * @param isPair whether the new embedding has such a pair
 */
export function planCarry(
  state: LogState,
  author: string,
  { from, to, matches, leastR }: { from: string; to: string; matches: readonly MapMatch[]; leastR: number },
  isPair: (identity: PairIdentity) => boolean,
): CarryPlan {
  const partners = new Map(matches.map((match) => [match.from, match]));
  const plan: CarryPlan = { carried: [], annotations: 0, unlike: 0, notPaired: 0, annotated: 0 };
  for (const log of state.pairs.values()) {
    const { identity: source } = log;
    if (source.embedding !== from) continue;
    const after = currentDecision(state, log, author)?.after;
    if (!after || after.status === 'unseen') continue;
    plan.annotations += 1;
    const partner = partners.get(source.fbn);
    const pair = { ...source, embedding: to, fbn: partner?.to ?? 0 };
    if (!partner || partner.r < leastR) plan.unlike += 1;
    else if (!isPair(pair)) plan.notPaired += 1;
    else if (annotationOf(state, pair, author)) plan.annotated += 1;
    else plan.carried.push({ source, pair, r: partner.r, after });
  }
  plan.carried.sort((a, b) => (pairKey(a.pair) < pairKey(b.pair) ? -1 : 1));
  return plan;
}
