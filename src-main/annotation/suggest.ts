import type { PairIdentity, Suggestion } from '../../src-preload/shared/contract/annotations';
import { currentDecision, type LogState } from './replay';

/** Something that offers descriptions; null where it has none for a side. */
export type SuggestionSource = (pair: PairIdentity) => Suggestion;

/**
 * What an author has already written about the same FBN, or the same filter, in other pairs: the newest description of each. Only
 * the author's own: a second pass stays blind.
 */
export function ownDescriptions(state: LogState, author: string): SuggestionSource {
  return (pair) => {
    const [fbn, filter] = [new Map<string, number>(), new Map<string, number>()];
    let [newestFbn, newestFilter] = [
      { text: '', counter: 0 },
      { text: '', counter: 0 },
    ];
    for (const log of state.pairs.values()) {
      const { identity } = log;
      const isSameFbn = identity.embedding === pair.embedding && identity.fbn === pair.fbn;
      const isSameFilter = identity.model === pair.model && identity.layer === pair.layer && identity.filter === pair.filter;
      if (isSameFbn === isSameFilter) continue;
      const decision = currentDecision(state, log, author);
      const after = decision?.after;
      if (!after || after.status === 'unseen' || after.status === 'rejected') continue;
      const text = (isSameFbn ? after.fbn : after.filter).trim();
      if (text === '') continue;
      const counts = isSameFbn ? fbn : filter;
      counts.set(text, (counts.get(text) ?? 0) + 1);
      if (isSameFbn && decision.counter > newestFbn.counter) newestFbn = { text, counter: decision.counter };
      if (isSameFilter && decision.counter > newestFilter.counter) newestFilter = { text, counter: decision.counter };
    }
    const offer = (text: string, count: number | undefined, side: string) =>
      text === '' ? null : { text, from: `yours, of the same ${side} in ${count} other ${count === 1 ? 'pair' : 'pairs'}` };
    return {
      fbn: offer(newestFbn.text, fbn.get(newestFbn.text), 'FBN'),
      filter: offer(newestFilter.text, filter.get(newestFilter.text), 'filter'),
    };
  };
}

/** The first source that has something, for each side. */
export function firstOf(...sources: readonly SuggestionSource[]): SuggestionSource {
  return (pair) => {
    const offered: Suggestion = { fbn: null, filter: null };
    for (const source of sources) {
      if (offered.fbn && offered.filter) break;
      const { fbn, filter } = source(pair);
      offered.fbn ??= fbn;
      offered.filter ??= filter;
    }
    return offered;
  };
}
