import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExtractedLayer, ExtractTask } from '../../../src-preload/shared/contract/compute-tasks';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { readModel, type LoadedModel } from '../../cnn/read-model';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { ActivationCache, type ActivationProvenance } from '../../project/activation-cache';
import { PartialActivations } from '../../project/partial-activations';
import { MovieRunExtraction } from '../movie-run-extraction';
import { SharedSession } from '../shared-session';
import { storeActivation } from '../store-activation';
import type { TaskHandler } from '../process';

/**
 * Extracts filter activations movie run by movie run, going on where an earlier extraction stopped. They gather by batches in a file
 * of their own, and go into the cache when a movie run is whole; a shard of an extraction leaves them there.
 */
export const extractTask: TaskHandler<'extract'> = async (input, context) => {
  const model = await readUnchangedModel(input);
  const unfinished = join(input.project, input.unfinished);
  await mkdir(dirname(unfinished), { recursive: true });
  const cache = input.shard ? undefined : ActivationCache.open(join(input.project, 'activations.sqlite'));
  const session = new SharedSession(input, model);
  const partial = PartialActivations.open(unfinished);
  const activations: ExtractedLayer[] = [];
  let framesPerSecond: number | null = null;
  try {
    if (input.shard) describeShard(partial, input, input.shard);
    for (const movieRun of input.movieRuns) {
      const extraction = new MovieRunExtraction(input, movieRun, partial, (key) => cache?.findFilterActivation(key));
      framesPerSecond = (await extraction.run(session, context)) ?? framesPerSecond;
      if (cache) finish(cache, partial, extraction.unfinishedKeys(), provenanceOf(input));
      activations.push(...extraction.describe());
    }
  } finally {
    await session.release();
    cache?.close();
    if (input.shard) partial.close();
    else partial.closeAndTidy();
  }
  // Node gives the resident set's peak in KiB.
  return { activations, framesPerSecond, peakMemoryBytes: 1024 * process.resourceUsage().maxRSS };
};

/** Says in a shard what it is, before anything is computed. */
function describeShard(partial: PartialActivations, input: ExtractTask, { wanted }: NonNullable<ExtractTask['shard']>): void {
  partial.setNote('provenance', provenanceOf(input));
  partial.setNote('wanted', wanted);
}

/** Moves what is whole into the cache. Killed in between, it is there twice, and is moved again. */
function finish(
  cache: ActivationCache,
  partial: PartialActivations,
  keys: readonly string[],
  provenance: ActivationProvenance,
): void {
  for (const key of keys) storeActivation(cache, key, partial.matrix(partial.find(key)!), provenance);
  partial.remove(keys);
}

function provenanceOf({ device, batchSize, threads, frameRule }: ExtractTask): ActivationProvenance {
  const engine = `${onnxruntimeEngine.name} ${onnxruntimeEngine.version}`;
  return { device, engine, batchSize, threads, frameRule, computedAt: new Date().toISOString() };
}

/** The model, if it is still the file that was imported: its hash is part of what the activations are stored under. */
async function readUnchangedModel({ model, contentHash }: ExtractTask): Promise<LoadedModel> {
  const loaded = await readModel(model);
  if (loaded.hash === contentHash) return loaded;
  throw new UserError({
    code: 'file-changed',
    what: 'the model file has changed since it was imported',
    file: model,
    remedy: 'import it again with `syncact import-model`',
  });
}
