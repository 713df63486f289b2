import { UserError } from '../../../src-preload/shared/domain/errors';
import type { ExtractResult } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { ModelDescription } from '../../cnn/describe-model';
import { selectLayers } from '../../cnn/select-layers';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import { listModels, type Model } from '../../project/queries/models';
import { listMovies, type Movie } from '../../project/queries/movie-runs';
import { layerActivationKey, type ModelSummary } from '../activation-keys';
import { explainDeviceFailure, resolveDevice } from '../devices';

export interface ExtractOutput extends ExtractResult {
  model: string;
  device: { requested: string; actual: string };
}

/** Extracts the activations of a model's layers over the movie runs; what the cache holds is not computed again. */
export async function extract(input: ParsedJobInput<'extract'>, { project, runTask }: JobContext): Promise<ExtractOutput> {
  const model = findModel(project, input.model);
  const movies = chooseMovies(project, input.movieRuns);
  const { contentHash, preprocessing, description } = model.summary as ModelSummary;
  const layers = selectLayers(description as ModelDescription, input.layers);
  const device = resolveDevice(input.device);
  const result = await runTask('extract', {
    ...{ project: project.folder, model: model.sourcePath, contentHash, reducer: input.reducer, device },
    preprocessing,
    batchSize: input.batchSize ?? null,
    threads: input.threads ?? null,
    movieRuns: movies.map((movie) => ({
      movieRun: movie.movieRun,
      frames: movie.file,
      layers: layers.map((layer) => ({ name: layer.name, key: layerActivationKey(model, layer, movie, input.reducer) })),
    })),
  }).catch((caught: unknown) => {
    throw explainDeviceFailure(device, caught);
  });
  return { model: model.name, device: { requested: input.device, actual: device }, ...result };
}

/** @throws UserError naming the models there are */
export function findModel({ database }: Project, name: string): Model {
  const models = listModels(database);
  const model = models.find((candidate) => candidate.name === name);
  if (model) return model;
  const names = models.map((candidate) => candidate.name).join(', ');
  throw new UserError({
    what: `there is no model "${name}" in the project`,
    ...(names && { expected: names }),
    remedy: 'import it with `syncact import-model`',
  });
}

function chooseMovies({ database }: Project, names: readonly string[] | undefined): Movie[] {
  const movies = listMovies(database);
  if (movies.length === 0)
    throw new UserError({ what: 'the project has no movie', remedy: 'import one with `syncact import-movie`' });
  for (const name of names ?? []) {
    if (movies.some((movie) => movie.movieRun === name)) continue;
    throw new UserError({ what: `movie run "${name}" has no movie`, expected: movies.map((movie) => movie.movieRun).join(', ') });
  }
  return movies.filter((movie) => names === undefined || names.includes(movie.movieRun));
}
