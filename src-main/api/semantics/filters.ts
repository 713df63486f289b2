import type { FilterMeaning, ImageSetView, LabelSetView } from '../../../src-preload/shared/contract/semantics-views';
import type { Project } from '../../project/project';
import { listFilterLabels, listLabelSets, type FilterLabel, type LabelSet } from '../../project/queries/filter-labels';
import { listImageSets } from '../../project/queries/image-sets';
import { listLayers, listModels } from '../../project/queries/models';
import { openFilterPictures } from '../../semantics/dissection/picture-file';
import { IOU_THRESHOLD } from '../../semantics/filter-labels/label-file';

/** Names of models and layers by the layer's id. */
function layersById({ database }: Project) {
  const all = listModels(database).flatMap((model) =>
    listLayers(database, model.id).map(({ id, name, filters }) => [id, { model: model.name, layer: name, filters }] as const),
  );
  return new Map(all);
}

export function viewLabelSets(project: Project): LabelSetView[] {
  const layers = layersById(project);
  return listLabelSets(project.database).map((set) => {
    const { id, layerId, name, method, score, content, importedAt } = set;
    const labels = listFilterLabels(project.database, id);
    return {
      ...{ id, layerId, ...layers.get(layerId)!, name, method, score, origin: content.origin, numbering: content.numbering },
      labels: labels.filter(({ label }) => label !== '').length,
      passing: score === 'IoU' ? labels.filter((label) => passes(set, label)).length : null,
      importedAt,
    };
  });
}

export function viewImageSets(project: Project): ImageSetView[] {
  const layers = layersById(project);
  return listImageSets(project.database).map(({ id, layerId, name, folder, content, madeAt }) => {
    const { model, layer } = layers.get(layerId)!;
    return { id, layerId, model, layer, name, folder, pictures: content.pictures, madeAt };
  });
}

/** Whether a label is one by Network Dissection's rule; null where its score is no IoU. */
export function passes({ score: kind }: Pick<LabelSet, 'score'>, { score }: Pick<FilterLabel, 'score'>): boolean | null {
  return kind === 'IoU' ? (score ?? 0) > IOU_THRESHOLD : null;
}

/** Labels and pictures of one filter. */
export async function describeFilter(project: Project, layerId: number, filter: number): Promise<FilterMeaning> {
  const { database } = project;
  const labels = listLabelSets(database)
    .filter((set) => set.layerId === layerId)
    .flatMap((set) => listFilterLabels(database, set.id, filter).map((label) => ({ set, label })));
  const images: FilterMeaning['images'] = [];
  for (const { id, name, file, layerId: own } of listImageSets(database)) {
    if (own !== layerId) continue;
    const open = await openFilterPictures(project.path(file));
    images.push({ set: id, name, pictures: filter < open.filters ? open.list(filter) : [] });
    await open.close();
  }
  return {
    labels: labels.map(({ set, label }) => ({
      ...{ set: set.name, method: set.method, label: label.label, category: label.category, score: label.score },
      ...{ scoreName: set.score, passes: passes(set, label), chance: label.chance },
      candidates: label.candidates
        .map(({ chance, ...candidate }) => ({ ...candidate, chance: chance ?? null }))
        .sort((a, b) => b.score - a.score),
    })),
    images,
  };
}
