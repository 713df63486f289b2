import { rmSync } from 'node:fs';
import type { TrainSettings } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { commonLength } from '../../embedding/crop';
import { completeSettings } from '../../embedding/settings';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import {
  beginEmbedding,
  deleteEpochsFrom,
  listEpochs,
  storeEpoch,
  type Embedding,
  type Epoch,
  type TrainingCrop,
} from '../../project/queries/embeddings';
import { currentMask } from '../../project/queries/masks';
import type { Run } from '../../project/queries/runs';
import type { Computer } from '../devices';
import { embeddingKey } from '../keys';
import { assessFbns } from './assess';
import { chooseRuns, encodeMissing, toTaskRun } from './encode-missing';
import { keepStopped } from './keep-stopped';
import { filesExist, recordResult, trainingFiles } from './train-record';
import { explainTrainingFailure, placeTraining } from './training-place';

type Input = ParsedJobInput<'train'>;

export interface TrainOutput {
  embedding: number;
  variant: string;
  fbns: number;
  engine: string;
  engineVersion: string;
  /** What of the engine computed: "cpu", "webgpu", "wasm", … */
  provider: string;
  device: { requested: string; actual: string };
  /** Why this device. */
  deviceReason: string;
  seed: number;
  epochs: Epoch[];
  bestEpoch: number;
  secondsPerEpoch: number;
  /** The FBN maps, a 4D NIfTI file. */
  maps: string;
  testSubjects: string[];
  alreadyTrained: boolean;
}

/**
 * Trains an embedding on the training runs under the current mask, and encodes the test runs with it; same settings and runs, no
 * recomputation; measures the FBNs by them. One that is asked to finish early is kept as a training of the epochs done.
 */
export async function train(input: Input, context: JobContext): Promise<TrainOutput> {
  const { project, runTask, warn } = context;
  const { database } = project;
  const mask = currentMask(database);
  const parts = chooseRuns(project, warn);
  if (parts.validation.length === 0) warn('there are no validation subjects: the best epoch is chosen by the training loss');
  const { variant, fbns, seed, engine } = input;
  const settings = settingsOf(input, parts.train);
  completeSettings(settings);
  if (input.engine === 'tfjs' && input.threads !== undefined)
    throw new UserError({
      code: 'device-unavailable',
      what: 'the threads of the engine tfjs cannot be set',
      remedy: 'leave --threads out',
    });
  const inputs = { trainRuns: parts.train.map((run) => run.key), validationRuns: parts.validation.map((run) => run.key) };
  const crop = describeCrop(input.crop, parts.train);
  const keyOf = (decisive: Record<string, unknown>, { device, provider }: Computer) => {
    // The backends of tfjs round differently; onnxruntime's devices say all.
    const computer = { device, engine, ...(engine === 'tfjs' && { provider }) };
    return embeddingKey({ variant, settings: decisive, maskHash: mask!.hash, ...inputs, ...computer });
  };
  const problem = { settings, voxels: mask!.voxels, time: crop?.timePoints ?? Math.max(...timesOf(parts.train)) };
  const place = await placeTraining(input, problem, (computer) => keyOf({ ...settings }, computer), context);
  const { device, provider, why } = place;
  const key = keyOf({ ...settings }, place);
  const provenance = { engine, provider, device: { requested: input.device, actual: device }, deviceReason: why, seed };
  const record = { key, variant, fbns, maskId: mask!.id, settings, inputs: { ...inputs, ...(crop && { crop }) }, provenance };
  const embedding = beginEmbedding(database, record);
  const finish = async (trained: Embedding, alreadyTrained: boolean) => {
    const encoded = await encodeMissing(trained, parts.test, { engine, device }, context);
    await assessFbns(encoded, context);
    return describeOutput(project, encoded, alreadyTrained);
  };
  if (embedding.state === 'complete' && filesExist(project, embedding)) return finish(embedding, true);
  const { checkpoints, maps } = trainingFiles(key);
  if (!input.resume) {
    deleteEpochsFrom(database, embedding.id, 0);
    rmSync(project.path(checkpoints), { recursive: true, force: true });
  }
  const result = await runTask(
    'train',
    {
      ...{ project: project.folder, mask: mask!.file, settings, engine, device },
      ...{ threads: input.threads ?? null, checkpoints, maps, resume: input.resume, keep: input.keep },
      train: parts.train.map(toTaskRun),
      validation: parts.validation.map(toTaskRun),
    },
    ({ runLosses, ...epoch }) => storeEpoch(database, embedding.id, epoch, runLosses),
  ).catch(async (caught: unknown) => {
    throw await explainTrainingFailure(input, device, caught);
  });
  const stopped = result.stopped ? stoppedSettings(settings, result.epochs.length) : undefined;
  const trained = stopped
    ? keepStopped(project, embedding, result, { key: keyOf(stopped, place), settings: stopped })
    : recordResult(project, embedding, result);
  return finish(trained, false);
}

/**
 * Settings of a training that ended after so many epochs. Where the learning rate stays the same they are those of a training that
 * was to have so many, with the same numbers; else it depended on the epochs planned.
 */
function stoppedSettings(settings: TrainSettings, epochs: number): Record<string, unknown> {
  return settings.schedule ? { ...settings, stoppedAfter: epochs } : { ...settings, epochs };
}

/**
 * What decides the numbers. What has its default is left out of it where it was added later, so that embeddings made before keep
 * their keys.
 */
function settingsOf(input: Input, train: readonly Run[]): TrainSettings {
  const { variant, fbns, epochs, batchSize, learningRate, seed } = input;
  const { schedule, clipNorm, patience, crop, heads, residualNorm, positions } = input;
  const isCut = commonLength({ crop }, timesOf(train)) !== null;
  return {
    ...{ variant, fbns, epochs, batchSize, learningRate, seed },
    ...(schedule !== 'constant' && { schedule }),
    ...(clipNorm !== null && { clipNorm }),
    ...(patience !== null && { patience }),
    ...(isCut && { crop }),
    ...(variant === 'lt-msa' && { heads, residualNorm, positions }),
  };
}

function timesOf(runs: readonly Run[]): number[] {
  return runs.map(({ volumes }) => volumes);
}

/** How the training runs are cut, in numbers; undefined where they are not. */
function describeCrop(crop: Input['crop'], train: readonly Run[]): TrainingCrop | undefined {
  const timePoints = commonLength({ crop }, timesOf(train));
  if (timePoints === null) return undefined;
  return { from: crop, timePoints, runs: train.filter(({ volumes }) => volumes > timePoints).length };
}

function describeOutput(project: Project, embedding: Embedding, alreadyTrained: boolean): TrainOutput {
  const { bestEpoch, secondsPerEpoch, maps, testSubjects } = embedding.result!;
  const { engine, engineVersion, provider, device, deviceReason, seed } = embedding.provenance as unknown as TrainOutput;
  return {
    ...{ embedding: embedding.id, variant: embedding.variant, fbns: embedding.fbns, engine, engineVersion, device },
    // Those that were trained before these were recorded were trained on the CPU that was asked for.
    ...{ provider: provider ?? device.actual, deviceReason: deviceReason ?? 'asked for' },
    ...{ seed, bestEpoch: bestEpoch!, secondsPerEpoch: secondsPerEpoch!, testSubjects, alreadyTrained },
    epochs: listEpochs(project.database, embedding.id),
    maps: project.path(maps.file),
  };
}
