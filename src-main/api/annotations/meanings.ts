import type { FbnAndFilterMeanings } from '../../../src-preload/shared/contract/annotation-views';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import type { Project } from '../../project/project';
import { listCouplings } from '../../project/queries/couplings';
import { listLabelSets } from '../../project/queries/filter-labels';
import { listDecodings, listVocabularies } from '../../project/queries/vocabularies';
import { labelsOf } from '../semantics/cross-annotation';
import { kindsOfTerms, readDecoding, titleOfTerm } from '../semantics/terms';

/** Terms of an FBN that a filter of the queue looks at: as many as are listed beside its map. */
const TERMS = 10;

/** What an embedding's FBNs and the filters of its couplings are called by terms and labels, from every set that is there. */
export function viewMeanings(project: Project, embedding: number): FbnAndFilterMeanings {
  return { terms: termsOfFbns(project, embedding), labels: labelsOfFilters(project, embedding) };
}

function termsOfFbns(project: Project, embedding: number): string[][] {
  const { database } = project;
  const decoded = new Set(listDecodings(database).flatMap((one) => (one.embeddingId === embedding ? one.vocabularyId : [])));
  const found: string[][] = [];
  for (const vocabulary of listVocabularies(database).filter(({ id }) => decoded.has(id))) {
    const r = readDecoding(project, embedding, vocabulary.id);
    if (!r) continue;
    const { terms } = vocabulary.content;
    const kinds = kindsOfTerms(database, terms);
    const counts = kinds.map((kind) => kind !== 'blocked');
    for (let fbn = 0; fbn < r.rows; fbn++) {
      const strongest = strongestOf(matrixRow(r, fbn), counts, TERMS).map((term) => titleOfTerm(terms[term]!));
      found[fbn] = [...(found[fbn] ?? []), ...strongest];
    }
  }
  return found;
}

/** Places of the largest values above 0, largest first, of those that count. */
function strongestOf(values: ArrayLike<number>, counts: readonly boolean[], most: number): number[] {
  const best: number[] = [];
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!;
    if (!counts[place] || !(value > 0)) continue;
    if (best.length === most && value <= values[best[most - 1]!]!) continue;
    let at = best.length;
    while (at > 0 && values[best[at - 1]!]! < value) at -= 1;
    best.splice(at, 0, place);
    if (best.length > most) best.pop();
  }
  return best;
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
