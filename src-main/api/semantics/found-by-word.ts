import type { FbnsOfTerm, LabelledFilter, WordsView } from '../../../src-preload/shared/contract/semantics-views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { titleOfLabel } from '../../../src-preload/shared/domain/words';
import type { Project } from '../../project/project';
import { listFilterLabels, listLabelSets, type LabelSet } from '../../project/queries/filter-labels';
import { listLayers, listModels } from '../../project/queries/models';
import { listVocabularies } from '../../project/queries/vocabularies';
import { currentDecodings, readDecoding } from './decodings';
import { passes } from './filters';
import { titleOfTerm } from './terms';

/** Words to be found by: terms of all vocabularies, and labels that pass, each once. */
export function listWords({ database }: Project): WordsView {
  const terms = new Map<string, WordsView['terms'][number]>();
  for (const { name, content } of listVocabularies(database))
    for (const term of content.terms) terms.set(term, { term, title: titleOfTerm(term), vocabulary: name });
  const labels = new Map<string, Set<string>>();
  for (const set of listLabelSets(database)) {
    for (const found of listFilterLabels(database, set.id)) {
      if (found.label === '' || passes(set, found) === false) continue;
      const label = titleOfLabel(found.label);
      labels.set(label, (labels.get(label) ?? new Set()).add(`${set.layerId} ${found.filter}`));
    }
  }
  return { terms: [...terms.values()], labels: [...labels].map(([label, filters]) => ({ label, filters: filters.size })) };
}

/** The filters of one set of labels, or of all sets those with a label as it is read, best first. */
export function listLabelledFilters({ database }: Project, wanted: { set: number } | { label: string }): LabelledFilter[] {
  const layers = new Map(
    listModels(database).flatMap((model) =>
      listLayers(database, model.id).map(({ id, name }) => [id, { modelId: model.id, model: model.name, layer: name }] as const),
    ),
  );
  const rowsOf = (set: LabelSet): LabelledFilter[] => {
    const place = layers.get(set.layerId);
    if (!place) return [];
    return listFilterLabels(database, set.id)
      .map((found) => ({
        ...{ ...place, layerId: set.layerId, set: set.name, filter: found.filter, label: titleOfLabel(found.label) },
        ...{ category: found.category, score: found.score, scoreName: set.score, chance: found.chance },
        passes: found.label === '' ? false : passes(set, found),
      }))
      .filter(({ label }) => 'set' in wanted || label === wanted.label);
  };
  const sets = listLabelSets(database).filter(({ id }) => !('set' in wanted) || id === wanted.set);
  return sets.flatMap(rowsOf).sort((a, b) => (b.score ?? -1) - (a.score ?? -1));
}

/** The FBNs of the newest embedding compared with a vocabulary whose maps are most like a term's, largest r first. */
export function listFbnsOfTerm(project: Project, wanted: { vocabulary: number; term: string }, most = 12): FbnsOfTerm | null {
  const vocabulary = listVocabularies(project.database).find(({ id }) => id === wanted.vocabulary);
  const place = vocabulary?.content.terms.indexOf(wanted.term) ?? -1;
  if (place < 0) throw new UserError({ code: 'not-found', what: `there is no term "${wanted.term}" in this vocabulary` });
  const decoding = currentDecodings(project)
    .filter(({ vocabularyId }) => vocabularyId === wanted.vocabulary)
    .sort((a, b) => a.embeddingId - b.embeddingId)
    .at(-1);
  const r = decoding && readDecoding(project, decoding);
  if (!r) return null;
  const fbns = Array.from({ length: r.rows }, (_, fbn) => ({ fbn, r: r.data[fbn * r.columns + place]! }))
    .filter((one) => one.r > 0)
    .sort((a, b) => b.r - a.r)
    .slice(0, most);
  return { embedding: decoding.embeddingId, fbns };
}
