import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EncodeTask, TrainTask } from '../../../src-preload/shared/contract/compute-tasks';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { checkpointPaths } from '../../embedding/checkpoint';
import { encodeRuns } from '../../embedding/encode';
import { takesFloat16 } from '../../embedding/takes-float16';
import { trainEmbedding, type OnEpoch, type TrainingRequest, type TrainingResult } from '../../embedding/train';
import { hashFile } from '../../files/hash';
import { readMask } from '../../fmri/mask';
import { ActivationCache } from '../../project/activation-cache';
import { placeOf } from '../place';
import type { TaskHandler } from '../process';
import { keepBytes, RunFiles } from '../run-files';
import { writeMaps } from './maps';

/** Trains an embedding and writes its maps. */
export const trainTask: TaskHandler<'train'> = async (input, context) => {
  const { result, excludedVoxels } = await trainOn(
    input,
    input.keep ? { ...context, finishSignal: AbortSignal.abort() } : context,
    (epoch, runLosses) => context.part({ ...epoch, runLosses }),
  );
  await writeMaps(join(input.project, input.maps), result.checkpoints.best, await readMask(join(input.project, input.mask)));
  const written = async (file: string) => ({ file, hash: await hashFile(join(input.project, file)) });
  const { epochs, bestEpoch, secondsPerEpoch, engineVersion, provider, threads, stopped } = result;
  return {
    ...{ epochs, bestEpoch, secondsPerEpoch, engineVersion, provider, threads, stopped, excludedVoxels },
    best: await written(`${input.checkpoints}/best.safetensors`),
    last: await written(`${input.checkpoints}/last.safetensors`),
    maps: await written(input.maps),
  };
};

/** What a training takes of a task. */
type TrainingInput = Omit<TrainTask, 'maps' | 'keep'>;

/** Trains an embedding on run files of a project; goes on from the last checkpoint where asked to and there is one. */
export async function trainOn(
  input: TrainingInput,
  context: WorkContext,
  onEpoch: OnEpoch,
): Promise<{ result: TrainingResult; excludedVoxels: number }> {
  const { settings, resume } = input;
  const place = await placeOf(input);
  const files = new RunFiles(input.project, !(await takesFloat16(place)));
  try {
    const { voxels } = await readMask(join(input.project, input.mask));
    const [train, validation] = [await files.open(input.train), await files.open(input.validation)];
    const excludedVoxels = files.invalidVoxels();
    const checkpointFolder = join(input.project, input.checkpoints);
    mkdirSync(checkpointFolder, { recursive: true });
    const { last } = checkpointPaths(checkpointFolder);
    const request: TrainingRequest = {
      ...{ ...place, train, validation, voxels: voxels.length, excludedVoxels, settings, checkpointFolder },
      keepBytes: keepBytes(),
      ...(resume && existsSync(last) && { resumeFrom: last }),
    };
    return { result: await trainEmbedding(request, context, onEpoch), excludedVoxels: excludedVoxels.length };
  } finally {
    await files.close();
  }
}

/** Encodes runs with a trained embedding and stores their FBN activations. */
export const encodeTask: TaskHandler<'encode'> = async (input, context) => {
  const files = new RunFiles(input.project, !(await takesFloat16(await placeOf(input))));
  try {
    return { explainedVariance: await storeActivations(input, files, context) };
  } finally {
    await files.close();
  }
};

/** Encodes the runs asked for and stores their FBN activations; returns the mean share of variance explained. */
async function storeActivations(input: EncodeTask, files: RunFiles, context: WorkContext): Promise<number | null> {
  const samples = await files.open(input.encode);
  const cache = ActivationCache.open(join(input.project, 'activations.sqlite'));
  let explained = 0;
  try {
    await encodeRuns(
      { ...(await placeOf(input)), checkpoint: join(input.project, input.checkpoint), samples },
      context,
      (index, run) => {
        cache.writeFbnActivation(input.embeddingKey, input.encode[index]!.key, run.activations);
        explained += run.explainedVariance;
      },
    );
  } finally {
    cache.close();
  }
  return samples.length > 0 ? explained / samples.length : null;
}
