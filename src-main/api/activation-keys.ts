import type { PreprocessingChoice } from '../../src-preload/shared/contract/compute-tasks';
import type { Layer, Model } from '../project/queries/models';
import type { Movie } from '../project/queries/movie-runs';
import { filterActivationKey } from './keys';

/** What is stored with a model: how frames are prepared for it, and its layers as the cnn room describes them. */
export interface ModelSummary {
  /** Hash of the file and of its external data. */
  contentHash: string;
  preprocessing: PreprocessingChoice;
  /** A ModelDescription of the cnn room. */
  description: unknown;
}

/** The cache key of a layer's activations over a movie run. */
export function layerActivationKey(model: Model, layer: Pick<Layer, 'name'>, movie: Movie, reducer: string): string {
  const summary = model.summary as ModelSummary;
  return filterActivationKey({
    modelHash: summary.contentHash,
    layer: layer.name,
    reducer,
    preprocessing: summary.preprocessing,
    movie: movie.key,
  });
}
