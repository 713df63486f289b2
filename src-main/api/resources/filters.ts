import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listMovies } from '../../project/queries/movie-runs';
import { layerOf, maxKey } from '../look';
import { numbers, present, type ResourceRoute } from './resource';

export const filterResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/layers\/(\d+)\/filters\/(\d+)\/activations\/(\d+)\.f32$/,
    answer(project, [layer, filter, movieRun]) {
      const key = activationKey(project, Number(layer), Number(movieRun));
      const series = withCache(project, (cache) => {
        const { filters } = present(cache.findFilterActivation(key), 'these activations are not extracted yet');
        present(Number(filter) < filters ? filters : undefined, `there is no filter ${filter}`);
        return cache.readFilterSeries(key, Number(filter))!;
      });
      return numbers(series, [series.length]);
    },
  },
  {
    pattern: /^\/resource\/layers\/(\d+)\/filters\/(\d+)\/top-frames\/(\d+)\.i32$/,
    answer(project, [layer, filter, movieRun]) {
      const key = activationKey(project, Number(layer), Number(movieRun));
      const found = present(
        withCache(project, (cache) => cache.readTopFrames(key)),
        'these activations are not extracted yet',
      );
      const { framesPerFilter, indices } = found;
      const frames = indices.slice(Number(filter) * framesPerFilter, (Number(filter) + 1) * framesPerFilter);
      const known = frames.filter((frame) => frame >= 0);
      return numbers(known, [known.length]);
    },
  },
];

function activationKey(project: Project, layerId: number, movieRunId: number): string {
  const movie = present(
    listMovies(project.database).find((one) => one.movieRunId === movieRunId),
    'this movie run has no frames',
  );
  const { model, layer } = layerOf(project, layerId);
  return maxKey(model, layer, movie);
}

function withCache<Result>(project: Project, use: (cache: ActivationCache) => Result): Result {
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return use(cache);
  } finally {
    cache.close();
  }
}
