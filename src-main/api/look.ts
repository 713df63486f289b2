import type { LookAtLayerResult } from '../../src-preload/shared/contract/compute-tasks';
import type { LayerLook } from '../../src-preload/shared/contract/model-views';
import { UserError } from '../../src-preload/shared/domain/errors';
import { ComputeService } from '../jobs/compute-service';
import { ActivationCache } from '../project/activation-cache';
import type { Project } from '../project/project';
import { findLayer, type Layer, type Model } from '../project/queries/models';
import { listMovies, type Movie } from '../project/queries/movie-runs';
import { layerActivationKey, modelFile, type ModelSummary } from './activation-keys';
import { ByteCache } from './byte-cache';

/** Answers questions about models while a person looks at them; one for the program, as one window is looked at. */
export const lookService = new ComputeService();

const layers = new ByteCache<Promise<LookAtLayerResult>>(32 << 20);

/** A layer of the project with its model. @throws UserError where there is none */
export function layerOf({ database }: Project, id: number): { model: Model; layer: Layer } {
  const found = findLayer(database, id);
  if (!found) throw new UserError({ code: 'not-found', what: `there is no layer ${id}` });
  return found;
}

/** What a compute process must know to look at a layer. */
export function lookTask(project: Project, { model, layer }: { model: Model; layer: Layer }) {
  const { contentHash, preprocessing } = model.summary as ModelSummary;
  return { model: modelFile(project, model), contentHash, preprocessing, layer: layer.name };
}

export function lookAtLayer(project: Project, id: number): Promise<LookAtLayerResult> {
  const task = lookTask(project, layerOf(project, id));
  return layers.get(
    JSON.stringify(task),
    ({ kernels }) => 200 + (kernels?.data.byteLength ?? 0),
    () => lookService.ask('look-at-layer', task),
  );
}

/** What is known of a layer for looking into its filters. */
export async function describeLook(project: Project, id: number): Promise<LayerLook> {
  const { model, layer } = layerOf(project, id);
  const movies = listMovies(project.database);
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  const runs = movies.flatMap((movie) => {
    const provenance = cache.readProvenance(maxKey(model, layer, movie));
    return provenance ? [{ movieRunId: movie.movieRunId, movieRun: movie.movieRun, frames: movie.frames, provenance }] : [];
  });
  cache.close();
  const size = movies[0] && { width: movies[0].width, height: movies[0].height };
  const looked = await lookAtLayer(project, id).catch((caught: unknown) =>
    caught instanceof UserError ? caught : Promise.reject(caught),
  );
  const isLooked = !(looked instanceof UserError);
  return {
    ...{ layerId: id, modelId: model.id, model: model.name, layer: layer.name, filters: layer.filters, runs },
    receptiveField: isLooked ? looked.receptiveField : null,
    hasKernels: isLooked && looked.kernels !== null,
    input: {
      width: (isLooked ? looked.input.width : null) ?? size?.width ?? null,
      height: (isLooked ? looked.input.height : null) ?? size?.height ?? null,
    },
    problem: isLooked ? null : looked.message,
  };
}

/** Key of a layer's activations in the paper's form. */
export function maxKey(model: Model, layer: Layer, movie: Movie): string {
  return layerActivationKey(model, layer, movie, 'max');
}
