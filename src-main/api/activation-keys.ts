import type { FrameRule, PreprocessingChoice } from '../../src-preload/shared/contract/compute-tasks';
import type { Layer, Model } from '../project/queries/models';
import type { Project } from '../project/project';
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

/** Where the ONNX file of a model lies. */
export function modelFile(project: Project, { file, sourcePath }: Model): string {
  return file === null ? sourcePath : project.path(file);
}

/**
 * How activations were made from feature maps, in one word: the reducer (`max`), with the frame rule where it is not the paper's
 * (`max, all frames`). Couplings are kept apart by it.
 */
export function activationForm(reducer: string, frameRule: FrameRule): string {
  return frameRule === 'last' ? reducer : `${reducer}${ALL_FRAMES}`;
}

const ALL_FRAMES = ', all frames';

/** The cache key of a layer's activations over a movie run. @param form from activationForm */
export function layerActivationKey(model: Model, layer: Pick<Layer, 'name'>, movie: Movie, form: string): string {
  const summary = model.summary as ModelSummary;
  const isMean = form.endsWith(ALL_FRAMES);
  return filterActivationKey({
    modelHash: summary.contentHash,
    layer: layer.name,
    reducer: isMean ? form.slice(0, -ALL_FRAMES.length) : form,
    ...(isMean && { frames: 'mean' }),
    preprocessing: summary.preprocessing,
    movie: movie.key,
  });
}
