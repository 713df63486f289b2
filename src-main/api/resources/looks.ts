import type { LookAtMapResult } from '../../../src-preload/shared/contract/compute-tasks';
import { filterStatistics } from '../../../src-preload/shared/contract/filter-statistics';
import { ActivationCache } from '../../project/activation-cache';
import { listMovies } from '../../project/queries/movie-runs';
import { ByteCache } from '../byte-cache';
import { summariseRuns } from '../filter-summary';
import { layerOf, lookAtLayer, lookService, lookTask, maxKey } from '../look';
import { numbers, present, type ResourceRoute } from './resource';

/** Feature maps looked at last. */
const maps = new ByteCache<Promise<LookAtMapResult>>(32 << 20);

/** What is looked at of filters besides their activations. */
export const lookResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/layers\/(\d+)\/statistics\.f32$/,
    async answer(project, [id]) {
      const { model, layer } = layerOf(project, Number(id));
      const cache = ActivationCache.openReadOnly(project.activationsFile);
      try {
        const keys = listMovies(project.database).map((movie) => maxKey(model, layer, movie));
        const table = present(await summariseRuns(cache, keys), 'these activations are not extracted yet');
        return numbers(table, [table.length / filterStatistics.length, filterStatistics.length]);
      } finally {
        cache.close();
      }
    },
  },
  {
    pattern: /^\/resource\/layers\/(\d+)\/kernels\.f32$/,
    async answer(project, [id]) {
      const { kernels } = await lookAtLayer(project, Number(id));
      const { dims, data } = present(kernels, 'this layer does not look at the picture itself: its kernels are no pictures');
      return numbers(data, dims);
    },
  },
  {
    pattern: /^\/resource\/layers\/(\d+)\/filters\/(\d+)\/maps\/(\d+)\/(\d+)\.f32$/,
    async answer(project, [id, filter, movieRun, frame], { request }) {
      const found = layerOf(project, Number(id));
      const movie = present(
        listMovies(project.database).find((one) => one.movieRunId === Number(movieRun)),
        'this movie run has no frames',
      );
      present(Number(frame) < movie.frames || undefined, `there is no frame ${frame}`);
      present(Number(filter) < (found.layer.filters ?? Infinity) || undefined, `there is no filter ${filter}`);
      const frames = project.path(movie.file);
      const task = { ...lookTask(project, found), filter: Number(filter), frames, frame: Number(frame) };
      const { height, width, data } = await maps.get(
        JSON.stringify(task),
        (map) => map.data.byteLength,
        () => lookService.ask('look-at-map', task, request.signal),
      );
      return numbers(data, [height, width]);
    },
  },
];
