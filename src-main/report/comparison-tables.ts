import type { DepthProfile, LayerComparison, ModelHierarchy } from '../../src-preload/shared/contract/comparisons';
import type { Table } from './table';

/** The comparison of a layer with FBN space, with its names; layers of a model rise with depth. */
export interface NamedComparison {
  model: string;
  layer: string;
  comparison: LayerComparison;
}

/**
 * For every FBN the layer that predicts it best, and the centre of its r over depth. Layers count as evenly spaced; models with a single
 * layer have no depth and are left out.
 */
export function hierarchyOf(comparisons: readonly NamedComparison[]): ModelHierarchy[] {
  return [...Map.groupBy(comparisons, ({ model }) => model)].flatMap(([model, all]) => {
    const layers = all.filter(({ comparison }) => comparison.ridgeOfFbns !== null);
    if (layers.length < 2) return [];
    const fbns = layers[0]!.comparison.ridgeOfFbns!.flatMap((_, fbn) => profileOf(fbn, layers) ?? []);
    return [{ model, layers: layers.map(({ layer }) => layer), fbns }];
  });
}

function profileOf(fbn: number, layers: readonly NamedComparison[]): DepthProfile | null {
  const r = layers.map(({ comparison }) => comparison.ridgeOfFbns![fbn] ?? null);
  const best = r.reduce<number | null>((at, value, i) => (value !== null && (at === null || value > r[at]!) ? i : at), null);
  if (best === null) return null;
  const weights = r.map((value) => Math.max(0, value ?? 0));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const centre = sum > 0 ? weights.reduce((all, weight, i) => all + weight * depthOf(i, r.length), 0) / sum : null;
  return { fbn, r, best, centre };
}

/** 0 the first layer, 1 the last. */
function depthOf(place: number, layers: number): number {
  return place / (layers - 1);
}

/** Tables of whole layers against FBN space, by name. */
export const comparisonTables: Record<string, (comparisons: readonly NamedComparison[]) => Table> = {
  layers: (comparisons) => ({
    table: 'layers',
    title: 'Whole layers against the FBNs, by movie run',
    caption:
      'Ridge r: mean over FBNs of the r with which all filters predict them in this run, trained on the other runs, the penalty chosen ' +
      'within those. CKA: linear centred kernel alignment of filters and FBNs over time, unbiased form. RSA: Spearman r of the ' +
      'dissimilarities (1 - r of patterns) of every two time points. By chance: mean over circular shifts of time; p is never below ' +
      '1/(shifts + 1).',
    columns: [
      { name: 'model', label: 'Model' },
      { name: 'layer', label: 'Layer' },
      { name: 'movieRun', label: 'Movie run' },
      { name: 'ridge', label: 'ridge r', decimals: 4 },
      { name: 'cka', label: 'CKA', decimals: 4 },
      { name: 'ckaChance', label: 'CKA by chance', decimals: 4 },
      { name: 'ckaP', label: 'p (CKA)', decimals: 3 },
      { name: 'rsa', label: 'RSA', decimals: 4 },
      { name: 'rsaChance', label: 'RSA by chance', decimals: 4 },
      { name: 'rsaP', label: 'p (RSA)', decimals: 3 },
    ],
    rows: comparisons.flatMap(({ model, layer, comparison }) =>
      comparison.runs.map(({ movieRun, ridge, alignment, similarity }) => ({
        ...{ model, layer, movieRun, ridge },
        ...{ cka: alignment.value, ckaChance: alignment.expected, ckaP: alignment.p },
        ...{ rsa: similarity.value, rsaChance: similarity.expected, rsaP: similarity.p },
      })),
    ),
  }),
  hierarchy: (comparisons) => ({
    table: 'hierarchy',
    title: 'How deep in a network every FBN is predicted best',
    caption:
      'r with which all filters of a layer predict an FBN in runs that took no part (ridge), averaged over runs. Depth runs from 0, the ' +
      'first layer coupled, to 1, the last; centre: depths weighted by r where it is above 0. Models with two layers or more. FBNs are ' +
      'counted from 0.',
    columns: [
      { name: 'model', label: 'Model' },
      { name: 'fbn', label: 'FBN' },
      { name: 'bestLayer', label: 'Best layer' },
      { name: 'bestR', label: 'its r', decimals: 4 },
      { name: 'bestDepth', label: 'its depth', decimals: 2 },
      { name: 'centre', label: 'centre of depth', decimals: 2 },
    ],
    rows: hierarchyOf(comparisons).flatMap(({ model, layers, fbns }) =>
      fbns.map(({ fbn, r, best, centre }) => ({
        ...{ model, fbn, bestLayer: layers[best]!, bestR: r[best]!, bestDepth: depthOf(best, layers.length), centre },
      })),
    ),
  }),
};
