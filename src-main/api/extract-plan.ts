import type {
  ExtractTask,
  MovieRunToExtract,
  ReducerName,
  WantedActivation,
} from '../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { ModelDescription } from '../cnn/describe-model';
import { selectLayers } from '../cnn/select-layers';
import { hashBytes } from '../files/hash';
import type { Project } from '../project/project';
import { listModels, type Model } from '../project/queries/models';
import { listMovies, type Movie } from '../project/queries/movie-runs';
import { activationForm, layerActivationKey, modelFile, type ModelSummary } from './activation-keys';
import { resolveDevice } from './devices';

/** Where activations gather that belong to no shard. */
const UNFINISHED = 'unfinished/activations.partial';

/** Which part of an extraction one job of an array computes; `index` counts from 1. */
export interface Shard {
  index: number;
  count: number;
}

/** The task that an extraction comes to. */
export function planExtraction(project: Project, input: ParsedJobInput<'extract'>, shard: Shard | null = null): ExtractTask {
  const model = findModel(project, input.model);
  const movies = chooseMovies(project, input.movieRuns);
  const { contentHash, preprocessing, description } = model.summary as ModelSummary;
  const layers = selectLayers(description as ModelDescription, input.layers, input.beforeActivation ? 'before' : 'activated');
  const reducers = [...new Set([input.reducer].flat())];
  const keysOf = (layer: { name: string }, movie: Movie) =>
    Object.fromEntries(
      reducers.map((reducer) => [reducer, layerActivationKey(model, layer, movie, activationForm(reducer, input.frames))]),
    ) as Record<ReducerName, string>;
  const movieRuns = movies.map((movie): MovieRunToExtract => {
    const { movieRun, frames, file, source, sourceHash, trSeconds, offsetSeconds, width, height } = movie;
    return {
      ...{ movieRun, frames, file, start: 0, end: frames },
      movie: { source, sourceHash, trSeconds, offsetSeconds, width, height },
      layers: layers.map((layer) => ({ name: layer.name, keys: keysOf(layer, movie) })),
    };
  });
  return {
    ...{ project: project.folder, name: model.name, model: modelFile(project, model), contentHash, preprocessing, reducers },
    ...{ frameRule: input.frames, device: resolveDevice(input.device) },
    shard: shard && { ...shard, wanted: wantedOf(model, movieRuns) },
    batchSize: input.batchSize ?? null,
    threads: input.threads ?? null,
    movieRuns: shard ? cut(movieRuns, shard) : movieRuns,
    unfinished: shard ? shardFile(model, movieRuns, shard) : UNFINISHED,
  };
}

function wantedOf({ name: model }: Model, movieRuns: readonly MovieRunToExtract[]): WantedActivation[] {
  return movieRuns.flatMap(({ movieRun, frames, layers }) =>
    layers.flatMap(({ name: layer, keys }) => Object.values(keys).map((key) => ({ key, model, layer, movieRun, frames }))),
  );
}

/** The stretches of movie runs that a shard computes: all frames, one run after another, in as equal parts as can be. */
function cut(movieRuns: readonly MovieRunToExtract[], { index, count }: Shard): MovieRunToExtract[] {
  const total = movieRuns.reduce((sum, { frames }) => sum + frames, 0);
  const [from, to] = [Math.floor(((index - 1) * total) / count), Math.floor((index * total) / count)];
  let before = 0;
  return movieRuns.flatMap((run) => {
    const [start, end] = [Math.max(0, from - before), Math.min(run.frames, to - before)];
    before += run.frames;
    return start < end ? [{ ...run, start, end }] : [];
  });
}

/** The same request gives the same names, so that a shard that was stopped goes on. */
function shardFile(model: Model, movieRuns: readonly MovieRunToExtract[], { index, count }: Shard): string {
  const keys = wantedOf(model, movieRuns).map(({ key }) => key);
  const request = hashBytes(keys.join('\n')).slice(0, 8);
  return `shards/${model.name.replace(/[^\w.-]+/g, '_')}-${request}.${index}-of-${count}.shard`;
}

/** @throws UserError naming the models there are */
export function findModel({ database }: Project, name: string): Model {
  const models = listModels(database);
  const model = models.find((candidate) => candidate.name === name);
  if (model) return model;
  const names = models.map((candidate) => candidate.name).join(', ');
  throw new UserError({
    code: 'not-found',
    what: `there is no model "${name}" in the project`,
    ...(names && { expected: names }),
    remedy: 'import it with `syncact import-model`',
  });
}

function chooseMovies({ database }: Project, names: readonly string[] | undefined): Movie[] {
  const movies = listMovies(database);
  if (movies.length === 0)
    throw new UserError({
      code: 'earlier-step-missing',
      what: 'the project has no movie',
      remedy: 'import one with `syncact import-movie`',
    });
  for (const name of names ?? []) {
    if (movies.some((movie) => movie.movieRun === name)) continue;
    throw new UserError({
      code: 'not-found',
      what: `movie run "${name}" has no movie`,
      expected: movies.map((movie) => movie.movieRun).join(', '),
    });
  }
  return movies.filter((movie) => names === undefined || names.includes(movie.movieRun));
}
