import type { FbnAndFilterMeanings } from '../../../src-preload/shared/contract/annotation-views';
import type { Project } from '../../project/project';
import { listCouplings } from '../../project/queries/couplings';
import { readEmbedding } from '../../project/queries/embeddings';
import { listLabelSets } from '../../project/queries/filter-labels';
import { listVocabularies } from '../../project/queries/vocabularies';
import { currentDecodings } from '../semantics/decodings';
import { bestTerms, labelsOf } from '../semantics/pair-words';

/** Terms of an FBN that a filter of the queue looks at: as many as are listed beside its map. */
const TERMS = 10;

/** What an embedding's FBNs and the filters of its couplings are called by terms and labels, from every set that is there. */
export function viewMeanings(project: Project, embedding: number): FbnAndFilterMeanings {
  return { terms: termsOfFbns(project, embedding), labels: labelsOfFilters(project, embedding) };
}

function termsOfFbns(project: Project, embedding: number): string[][] {
  const decoded = new Set(currentDecodings(project).flatMap((one) => (one.embeddingId === embedding ? one.vocabularyId : [])));
  const fbns = readEmbedding(project.database, embedding)?.fbns ?? 0;
  const found = Array.from({ length: fbns }, (): string[] => []);
  for (const vocabulary of listVocabularies(project.database).filter(({ id }) => decoded.has(id))) {
    const termsOf = bestTerms(project, embedding, vocabulary, { allKinds: true, count: TERMS });
    for (const [fbn, terms] of found.entries()) terms.push(...termsOf(fbn).map(({ title }) => title));
  }
  return found;
}

function labelsOfFilters(project: Project, embedding: number): FbnAndFilterMeanings['labels'] {
  const filters = new Map(listCouplings(project.database, embedding).map((one) => [one.layerId, one.filters]));
  const byLayer = new Map<number, Map<number, string[]>>();
  for (const set of listLabelSets(project.database)) {
    const count = filters.get(set.layerId);
    if (count === undefined) continue;
    const labels = labelsOf(project, set);
    const layer = byLayer.get(set.layerId) ?? new Map<number, string[]>();
    byLayer.set(set.layerId, layer);
    for (let filter = 0; filter < count; filter++) {
      const label = labels(filter)?.label;
      if (label !== undefined) layer.set(filter, [...(layer.get(filter) ?? []), label]);
    }
  }
  return [...byLayer].map(([layer, named]) => ({ layer, filters: [...named].map(([filter, labels]) => ({ filter, labels })) }));
}
