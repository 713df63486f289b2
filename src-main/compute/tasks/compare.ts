import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { compareLayer, type ComparedRun } from '../../coupling/compare-layer';
import { createEngineProduct } from '../../coupling/product';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskHandler } from '../process';
import { averageFbnActivations, cutTime } from './couple';

/** Compares layers with FBN space one after the other. */
export const compareTask: TaskHandler<'compare'> = async ({ activations, layers }, context) => {
  const cache = ActivationCache.openReadOnly(activations);
  const engine = await createEngineProduct(onnxruntimeEngine);
  // Progress is counted in layers.
  const within = { ...context, progress: () => {} };
  try {
    for (const [index, { embeddingKey, runs }] of layers.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'comparing layers with FBNs', done: index, total: layers.length, unit: 'layers' });
      const compared = runs.map(({ movieRun, scans, filterActivation, timePoints }): ComparedRun => ({
        movieRun,
        x: averageFbnActivations(cache, { embeddingKey, runs: scans, timePoints }),
        y: cutTime(cache.readFilterActivation(filterActivation)!, timePoints),
      }));
      context.part({ index, comparison: await compareLayer(compared, { product: engine.product, context: within }) });
    }
    context.progress({ stage: 'comparing layers with FBNs', done: layers.length, total: layers.length, unit: 'layers' });
  } finally {
    await engine.release();
    cache.close();
  }
  return null;
};
