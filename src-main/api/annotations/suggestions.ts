import type { PairPlace } from '../../../src-preload/shared/contract/annotation-views';
import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { LogState } from '../../annotation/replay';
import { firstOf, ownDescriptions, type SuggestionSource } from '../../annotation/suggest';
import type { Project } from '../../project/project';
import { listFilterLabels, listLabelSets } from '../../project/queries/filter-labels';
import { listVocabularies } from '../../project/queries/vocabularies';
import { currentDecodings, readDecoding } from '../semantics/decodings';
import { passes } from '../semantics/filters';
import { kindsOfTerms, titleOfTerm } from '../semantics/terms';

/** Terms that make a suggestion. */
const TERMS = 3;

/**
 * Descriptions offered for a pair, the best source first: what the author wrote of the same FBN or filter before; else the terms that
 * the FBN's map is most like, and the label that the filter got. Nothing is offered that was not measured.
 */
export function suggestionSource(project: Project, state: LogState, author: string, pair: PairPlace): SuggestionSource {
  return firstOf(ownDescriptions(state, author), () => ({
    fbn: offerTerms(project, pair),
    filter: offerLabel(project, pair),
  }));
}

/** Correlations with terms of the decodings looked at last: pair after pair asks for the same. */
const decodings = new WeakMap<Project, { key: string; r: Matrix }>();

function offerTerms(project: Project, { embedding, fbn }: PairPlace) {
  const { database } = project;
  const decoding = currentDecodings(project).findLast((one) => one.embeddingId === embedding);
  const vocabulary = listVocabularies(database).find(({ id }) => id === decoding?.vocabularyId);
  if (!decoding || !vocabulary) return null;
  let known = decodings.get(project);
  if (known?.key !== decoding.key) {
    const r = readDecoding(project, decoding);
    if (!r) return null;
    decodings.set(project, (known = { key: decoding.key, r }));
  }
  const row = matrixRow(known.r, fbn);
  const { terms } = vocabulary.content;
  const best = [...row.keys()].filter((term) => row[term]! > 0).sort((a, b) => row[b]! - row[a]!);
  const kinds = kindsOfTerms(database, terms);
  const chosen = best.filter((term) => kinds[term] !== 'blocked').slice(0, TERMS);
  if (chosen.length === 0) return null;
  const strengths = chosen.map((term) => row[term]!.toFixed(2)).join(', ');
  return {
    text: chosen.map((term) => titleOfTerm(terms[term]!)).join(', '),
    from: `terms of ${vocabulary.name}, r ${strengths}`,
  };
}

/** The label of the filter that is furthest above its threshold; one that its own method would not give is not offered. */
function offerLabel({ database }: Project, { layer, filter }: PairPlace) {
  for (const set of listLabelSets(database).filter(({ layerId }) => layerId === layer)) {
    const [found] = listFilterLabels(database, set.id, filter);
    if (!found || found.label === '' || passes(set, found) === false) continue;
    const score = found.score === null ? '' : `, ${set.score ?? 'score'} ${found.score.toFixed(2)}`;
    const chance = found.chance === null ? '' : ` (chance ${found.chance.toFixed(2)})`;
    return { text: found.label, from: `label of ${set.name}${score}${chance}`.slice(0, 300) };
  }
  return null;
}
