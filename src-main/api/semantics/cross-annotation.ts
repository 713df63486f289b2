import type { CrossAnnotationRow, CrossAnnotationView } from '../../../src-preload/shared/contract/semantics-views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listCouplings, listPairs } from '../../project/queries/couplings';
import { listLabelSets } from '../../project/queries/filter-labels';
import { listWordRelations } from '../../project/queries/word-relations';
import { agreementOf, countLinks } from '../../semantics/cross-annotation';
import { correctedPs } from '../pair-details';
import { bestTerms, comparedVocabularies, labelsOf } from './pair-words';

export interface CrossAnnotationRequest {
  coupling: number;
  /** The newest that the embedding is compared with, and the newest labels that the layer's pairs have any of, where left out. */
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
  if (!coupling)
    throw new UserError({
      code: 'not-found',
      what: `there is no coupling ${request.coupling}`,
      remedy: 'choose one in Coupling',
    });
  const vocabularies = comparedVocabularies(project, coupling.embeddingId);
  const vocabulary = vocabularies.find(({ id }) => id === request.vocabulary) ?? vocabularies.at(-1);
  const sets = listLabelSets(database).filter(({ layerId }) => layerId === coupling.layerId);
  const pairs = listPairs(database, coupling.id);
  const chosen = sets.filter(({ id }) => id === request.labels);
  const labelled = (chosen.length > 0 ? chosen : sets).map((set) => ({ name: set.name, labelOf: labelsOf(project, set) }));
  const set = labelled.findLast(({ labelOf }) => pairs.some(({ filter }) => labelOf(filter))) ?? labelled.at(-1);
  const termsOfFbn = vocabulary ? bestTerms(project, coupling.embeddingId, vocabulary, { ...request, count: 1 }) : () => [];
  const related = listWordRelations(database);
  const corrected = await correctedPs(project, coupling, pairs);
  const rows = pairs.map(({ fbn, filter, r, p }, i): CrossAnnotationRow => {
    const [term, label] = [termsOfFbn(fbn)[0] ?? null, set?.labelOf(filter) ?? null];
    const agreement = term && label ? agreementOf([term.term], [label.label], related) : null;
    return { fbn, filter, r, p, correctedP: corrected[i] ?? null, term, label, agreement };
  });
  const links = countLinks(rows.map(({ term, label }) => ({ term: term?.title ?? null, label: label?.label ?? null })));
  return { direction: coupling.direction, vocabulary: vocabulary?.name ?? null, labels: set?.name ?? null, rows, links };
}
