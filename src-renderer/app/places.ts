import type { ModelView } from '../../src-preload/shared/contract/model-views';
import type { EmbeddingView } from '../../src-preload/shared/contract/views';

/** The embedding a screen is on, or else the newest that is complete. */
export function currentEmbedding(embeddings: readonly EmbeddingView[], shown?: unknown): EmbeddingView | undefined {
  const byId = embeddings.find(({ id }) => String(id) === String(shown));
  const newest = [...embeddings].sort((one, other) => other.id - one.id);
  return byId ?? newest.find(({ state }) => state === 'complete') ?? newest[0];
}

/** A filter named in words. */
export interface FilterPlace {
  model: number;
  layer: number;
  layerName: string;
  filter: number;
}

/**
 * "layer4 107", "layer4 · filter 107", "filter 107" or "107" (of the layer `near`): the filter meant, in the first model that has
 * such a layer and filter; undefined where there is none.
 */
export function placeOfFilter(models: readonly ModelView[], text: string, near?: number): FilterPlace | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s·,:]+/)
    .filter((word) => word !== '' && word !== 'filter' && word !== 'filters');
  const number = words.pop();
  if (number === undefined || !/^\d+$/.test(number)) return undefined;
  const filter = Number(number);
  const all = models.flatMap((model) => model.layers.map((layer) => ({ model, layer })));
  const fits = all.filter(({ model, layer }) => {
    if (layer.filters !== null && filter >= layer.filters) return false;
    if (words.length === 0) return near === undefined ? layer.isLastConvolution : layer.id === near;
    return words.every((word) => layer.name.toLowerCase().includes(word) || model.name.toLowerCase().includes(word));
  });
  const exact = fits.find(({ layer }) => words.includes(layer.name.toLowerCase()));
  const best = fits.find(({ layer }) => layer.id === near) ?? exact ?? fits[0];
  return best && { model: best.model.id, layer: best.layer.id, layerName: best.layer.name, filter };
}
