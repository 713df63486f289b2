import type { CrossAnnotationRow, CrossAnnotationView } from '../../../src-preload/shared/contract/semantics-views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import type { Project } from '../../project/project';
import { listCouplings, listPairs } from '../../project/queries/couplings';
import { listFilterLabels, listLabelSets, type FilterLabel, type LabelSet } from '../../project/queries/filter-labels';
import { listDecodings, listVocabularies, type Vocabulary } from '../../project/queries/vocabularies';
import { listWordRelations } from '../../project/queries/word-relations';
import { agreementOf, countLinks } from '../../semantics/cross-annotation';
import { correctedPs } from '../pair-details';
import { passes } from './filters';
import { kindsOfTerms, readDecoding, titleOfTerm } from './terms';

export interface CrossAnnotationRequest {
  coupling: number;
  /** The newest that the embedding is compared with, and the newest labels of the layer, where left out. */
  vocabulary?: number | undefined;
  labels?: number | undefined;
  /** Whether anatomical, clinical and method words count as descriptions too. */
  allKinds: boolean;
}

/**
 * d_f ↔ d_g of every pair of a coupling: the term that the FBN's map is most like, and the filter's label, each with its source. In
 * the direction of Eq. 1 the FBN describes the filter, in that of Eq. 2 the filter the FBN.
 */
export async function crossAnnotate(project: Project, request: CrossAnnotationRequest): Promise<CrossAnnotationView> {
  const { database } = project;
  const coupling = listCouplings(database).find(({ id }) => id === request.coupling);
  if (!coupling) throw new UserError({ what: `there is no coupling ${request.coupling}`, remedy: 'choose one in Coupling' });
  const vocabulary = chooseVocabulary(project, coupling.embeddingId, request.vocabulary);
  const sets = listLabelSets(database).filter(({ layerId }) => layerId === coupling.layerId);
  const set = sets.find(({ id }) => id === request.labels) ?? sets.at(-1);
  const wordsOfFbn = vocabulary ? bestTerms(project, coupling.embeddingId, vocabulary, request.allKinds) : () => null;
  const wordsOfFilter = set ? labelsOf(project, set) : () => null;
  const related = listWordRelations(database);
  const pairs = listPairs(database, coupling.id);
  const corrected = await correctedPs(project, coupling, pairs);
  const rows = pairs.map(({ fbn, filter, r, p }, i): CrossAnnotationRow => {
    const [term, label] = [wordsOfFbn(fbn), wordsOfFilter(filter)];
    const agreement = term && label ? agreementOf([term.term], [label.label], related) : null;
    return { fbn, filter, r, p, correctedP: corrected[i] ?? null, term, label, agreement };
  });
  const links = countLinks(rows.map(({ term, label }) => ({ term: term?.title ?? null, label: label?.label ?? null })));
  return { direction: coupling.direction, vocabulary: vocabulary?.name ?? null, labels: set?.name ?? null, rows, links };
}

function chooseVocabulary({ database }: Project, embeddingId: number, id: number | undefined): Vocabulary | undefined {
  const decoded = new Set(
    listDecodings(database)
      .filter((one) => one.embeddingId === embeddingId)
      .map(({ vocabularyId }) => vocabularyId),
  );
  const usable = listVocabularies(database).filter((vocabulary) => decoded.has(vocabulary.id));
  return usable.find((vocabulary) => vocabulary.id === id) ?? usable.at(-1);
}

/** Of every FBN, the functional term (or any that is not blocked) of the largest r above 0. */
export function bestTerms(project: Project, embeddingId: number, vocabulary: Vocabulary, allKinds: boolean) {
  const r = readDecoding(project, embeddingId, vocabulary.id);
  const { terms } = vocabulary.content;
  const kinds = kindsOfTerms(project.database, terms);
  const counts = (term: number) => kinds[term] !== 'blocked' && (allKinds || kinds[term] === 'functional');
  return (fbn: number): CrossAnnotationRow['term'] => {
    if (!r || fbn >= r.rows) return null;
    const row = matrixRow(r, fbn);
    let best = -1;
    for (let term = 0; term < row.length; term++) {
      if (counts(term) && row[term]! > (best < 0 ? 0 : row[best]!)) best = term;
    }
    return best < 0 ? null : { term: terms[best]!, title: titleOfTerm(terms[best]!), r: row[best]! };
  };
}

/** Of every filter its label; filters without one, or with an IoU of 0.04 or less, have none. */
export function labelsOf({ database }: Project, set: LabelSet) {
  const byFilter = new Map<number, FilterLabel>(listFilterLabels(database, set.id).map((label) => [label.filter, label]));
  return (filter: number): CrossAnnotationRow['label'] => {
    const found = byFilter.get(filter);
    if (!found || found.label === '' || passes(set, found) === false) return null;
    return { label: found.label.replace(/-[sc]$/, '').replaceAll('_', ' '), category: found.category, score: found.score };
  };
}
