import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listPairs } from '../../project/queries/couplings';
import { listLayers, listModels } from '../../project/queries/models';
import { listMovies } from '../../project/queries/movie-runs';
import { layerActivationKey } from '../activation-keys';
import { ByteCache } from '../byte-cache';
import { numbers, present, type ResourceRoute } from './resource';

/** Activations [filters, time] of the layers looked at last. */
const activations = new ByteCache<Promise<Matrix>>(256 << 20);

export const filterResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/layers\/(\d+)\/filters\/(\d+)\/activations\/(\d+)\.f32$/,
    async answer(project, [layer, filter, movieRun]) {
      const key = activationKey(project, Number(layer), Number(movieRun));
      const matrix = await activations.get(
        key,
        (found) => found.data.byteLength,
        async () =>
          present(
            withCache(project, (cache) => cache.readFilterActivation(key)),
            'these activations are not extracted yet',
          ),
      );
      const row = Number(filter);
      present(row < matrix.rows ? row : undefined, `there is no filter ${row}`);
      return numbers(matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns), [matrix.columns]);
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
  {
    pattern: /^\/resource\/couplings\/(\d+)\/pairs\.f64$/,
    answer(project, [coupling]) {
      const pairs = listPairs(project.database, Number(coupling));
      const data = new Float64Array(pairs.length * 4);
      pairs.forEach(({ fbn, filter, r, p }, i) => data.set([fbn, filter, r, p], i * 4));
      return numbers(data, [pairs.length, 4]);
    },
  },
];

function activationKey({ database }: Project, layerId: number, movieRunId: number): string {
  const movie = present(
    listMovies(database).find((one) => one.movieRunId === movieRunId),
    'this movie run has no frames',
  );
  for (const model of listModels(database)) {
    const layer = listLayers(database, model.id).find(({ id }) => id === layerId);
    if (layer) return layerActivationKey(model, layer, movie, 'max');
  }
  throw new UserError({ what: `there is no layer ${layerId}` });
}

function withCache<Result>(project: Project, use: (cache: ActivationCache) => Result): Result {
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return use(cache);
  } finally {
    cache.close();
  }
}
