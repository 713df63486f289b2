import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { matrixRow } from '../../src-preload/shared/domain/matrix';
import { summariseFilters } from '../cnn/filter-statistics';
import { findTopFrames } from '../cnn/top-frames';
import type { ActivationCache, ActivationProvenance, StoredTopFrames } from '../project/activation-cache';

/** Most activated frames kept per filter, and how far apart in TRs they must lie to show different scenes. */
const TOP_FRAMES = { count: 10, minimumDistance: 3 };

/** Stores a layer's activations [filters × time] of one movie run with what is looked up often: statistics and top frames. */
export function storeActivation(cache: ActivationCache, key: string, activation: Matrix, provenance: ActivationProvenance): void {
  cache.writeFilterActivation({
    ...{ key, activation, provenance },
    statistics: summariseFilters(activation),
    top: topFramesOf(activation),
  });
}

function topFramesOf(activation: Matrix): StoredTopFrames {
  const { count } = TOP_FRAMES;
  const indices = new Int32Array(activation.rows * count).fill(-1);
  for (let filter = 0; filter < activation.rows; filter++) {
    const frames = findTopFrames(matrixRow(activation, filter), TOP_FRAMES);
    frames.forEach(({ frame }, rank) => (indices[filter * count + rank] = frame));
  }
  return { framesPerFilter: count, indices };
}
