import { join } from 'node:path';
import type { MergeShardsResult, MergeShardsTask, ReducerName } from '../../../src-preload/shared/contract/compute-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { ActivationCache, type ActivationProvenance } from '../../project/activation-cache';
import { PartialActivations } from '../../project/partial-activations';
import { storeActivation } from '../store-activation';
import type { TaskHandler } from '../process';

/** Puts the activations of shards together and into the cache, key by key; what is there already stays. They are complete. */
export const mergeShardsTask: TaskHandler<'merge-shards'> = async ({ project, files, keys }: MergeShardsTask, context) => {
  const cache = ActivationCache.open(join(project, 'activations.sqlite'));
  const shards = files.map((file) => PartialActivations.open(join(project, file)));
  const result: MergeShardsResult = { merged: [], alreadyThere: 0 };
  try {
    for (const [done, key] of keys.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'merging shards', done, total: keys.length, unit: 'layers' });
      if (cache.findFilterActivation(key)) {
        result.alreadyThere++;
        continue;
      }
      const { movieRun, layer, reducer, filters, frames, matrix, holders } = gather(shards, key);
      storeActivation(cache, key, matrix, provenanceOf(holders));
      result.merged.push({ movieRun, layer, reducer: reducer as ReducerName, filters, frames });
    }
    context.progress({ stage: 'merging shards', done: keys.length, total: keys.length, unit: 'layers' });
  } finally {
    shards.forEach((shard) => shard.close());
    cache.close();
  }
  return result;
};

function gather(shards: readonly PartialActivations[], key: string) {
  const parts = shards.flatMap((shard) => {
    const part = shard.find(key);
    return part ? [{ shard, part }] : [];
  });
  const { part } = parts[0]!;
  const matrix: Matrix = createMatrix(part.filters, part.frames);
  for (const { shard, part } of parts) shard.fill(part.id, matrix);
  return { ...part, matrix, holders: parts.map(({ shard }) => shard) };
}

/** What the shards were computed with; several where machines differed. */
function provenanceOf(shards: readonly PartialActivations[]): ActivationProvenance {
  const notes = shards.map((shard) => shard.note('provenance') as ActivationProvenance);
  const all = (name: string) => [...new Set(notes.map((note) => note[name] ?? null))].join(' and ');
  return {
    ...{ device: all('device'), engine: all('engine'), frameRule: all('frameRule'), shards: shards.length },
    computedAt: new Date().toISOString(),
  };
}
