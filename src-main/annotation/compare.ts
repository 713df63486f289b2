import type { Annotation, Basis, DecisionEvent, PairIdentity } from '../../src-preload/shared/contract/annotations';
import { currentAdjudication, currentDecision, type LogState, type PairLog } from './replay';
import { tagNames, type Vocabulary } from './tags';

/** Fields that two people can differ in, with what they say as text. */
export const comparedFields = ['decision', 'relation', 'FBN description', 'filter description', 'tags', 'flag'] as const;
export type ComparedField = (typeof comparedFields)[number];

/** What an annotation says in each field; text without the differences that mean nothing. */
export function fieldsOf(annotation: Annotation, vocabulary: Vocabulary): Record<ComparedField, string> {
  const { relation, fbn, filter, tags, flagged } = annotation;
  return {
    decision: decisionOf(annotation) ?? '',
    relation: relation ?? '',
    'FBN description': plain(fbn),
    'filter description': plain(filter),
    tags: tagNames(vocabulary, tags).sort().join(', '),
    flag: flagged ? 'flagged' : '',
  };
}

/** Whether a pair is kept or rejected; undefined where that is still open. */
export function decisionOf({ status }: Annotation): 'kept' | 'rejected' | undefined {
  if (status === 'accepted' || status === 'edited') return 'kept';
  return status === 'rejected' ? 'rejected' : undefined;
}

function plain(text: string): string {
  return text.normalize('NFC').trim().replace(/\s+/g, ' ').toLocaleLowerCase('en');
}

/** The decisions of everybody that stand for a pair, by author. */
export function standingDecisions(state: LogState, log: PairLog): DecisionEvent[] {
  const found = [...log.decisions.keys()].flatMap((author) => currentDecision(state, log, author) ?? []);
  return found.filter(({ after }) => after !== null && after.status !== 'unseen').sort((a, b) => (a.author < b.author ? -1 : 1));
}

/** Fields in which decided annotations of a pair differ. Whether a text was entered at all is no disagreement about its meaning. */
export function differingFields(annotations: readonly Annotation[], vocabulary: Vocabulary): ComparedField[] {
  const decided = annotations.filter((one) => decisionOf(one) !== undefined).map((one) => fieldsOf(one, vocabulary));
  return comparedFields.filter((field) => {
    const values = new Set(decided.map((one) => one[field]));
    if (field !== 'decision' && field !== 'tags' && field !== 'flag') values.delete('');
    return values.size > 1;
  });
}

/** Fields that make a pair one to adjudicate: the judgement, not the wording. */
const judged: readonly ComparedField[] = ['decision', 'relation'];

/** Whether people differ in their judgement of a pair, and nobody has adjudicated since. */
export function isDisagreement(state: LogState, log: PairLog, vocabulary: Vocabulary): boolean {
  const decisions = standingDecisions(state, log);
  if (decisions.length < 2) return false;
  const adjudication = currentAdjudication(state, log);
  if (adjudication?.after && decisions.every(({ id }) => adjudication.between.includes(id))) return false;
  const annotations = decisions.map(({ after }) => after!);
  return differingFields(annotations, vocabulary).some((field) => judged.includes(field));
}

/** What is no longer as it was when a decision was made, in words; nothing where all is. */
export function describeChanges(before: Basis, now: Basis, { fbn, filter }: PairIdentity): string[] {
  const changes: string[] = [];
  if (before.checkpoint !== now.checkpoint)
    changes.push(
      now.checkpoint ? 'the embedding was trained again since, with the same settings' : 'the embedding is not trained',
    );
  const name = (one: Basis['couplings'][number]) => `${one.movieRun} ${one.direction}`;
  const current = new Map(now.couplings.map((one) => [name(one), one]));
  for (const old of before.couplings) {
    const one = current.get(name(old));
    const way = old.direction === 'fbn-to-filter' ? `the best filter of FBN ${fbn}` : `the best FBN of filter ${filter}`;
    if (!one) changes.push(`made against a pair of ${old.movieRun} (r ${old.r.toFixed(3)}): it is no longer ${way} there`);
    else if (one.key !== old.key)
      changes.push(`${old.movieRun} was computed again since: r ${old.r.toFixed(3)} then, ${one.r.toFixed(3)} now`);
  }
  const were = new Map(before.bestFilters.map((one) => [one.movieRun, one.filter]));
  for (const { movieRun, filter: best } of now.bestFilters) {
    const was = were.get(movieRun);
    if (was !== undefined && was !== best) changes.push(`${movieRun}: the partner differs now, filter ${best} instead of ${was}`);
  }
  return changes;
}
