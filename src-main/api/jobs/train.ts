import { existsSync, rmSync } from 'node:fs';
import type { Device } from '../../../src-preload/shared/domain/engine';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { TrainSettings } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { completeSettings } from '../../embedding/settings';
import { ActivationCache } from '../../project/activation-cache';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import {
  beginEmbedding,
  completeEmbedding,
  deleteEpochsFrom,
  listEpochs,
  storeEpoch,
  type Embedding,
  type Epoch,
} from '../../project/queries/embeddings';
import { currentMask } from '../../project/queries/masks';
import { listRuns, type Run } from '../../project/queries/runs';
import { explainDeviceFailure, resolveDevice } from '../devices';
import { embeddingKey } from '../keys';
import { assessFbns } from './assess';
import { keepStopped } from './keep-stopped';
import { filesExist, recordResult, trainingFiles } from './train-record';

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
  const device = resolveDevice(input.device);
  const { variant, fbns, seed } = input;
  const settings = settingsOf(input);
  completeSettings(settings);
  if (input.engine === 'tfjs' && input.threads !== undefined)
    throw new UserError({ what: 'the threads of the engine tfjs cannot be set', remedy: 'leave --threads out' });
  const inputs = { trainRuns: parts.train.map((run) => run.key), validationRuns: parts.validation.map((run) => run.key) };
  const keyOf = (decisive: Record<string, unknown>) =>
    embeddingKey({ variant, settings: decisive, maskHash: mask!.hash, ...inputs, device, engine: input.engine });
  const key = keyOf({ ...settings });
  const provenance = { engine: input.engine, device: { requested: input.device, actual: device }, seed };
  const embedding = beginEmbedding(database, { key, variant, fbns, maskId: mask!.id, settings, inputs, provenance });
  const finish = async (trained: Embedding, alreadyTrained: boolean) => {
    const encoded = await encodeMissing(trained, parts.test, { engine: input.engine, device }, context);
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
      ...{ project: project.folder, mask: mask!.file, settings, engine: input.engine, device },
      ...{ threads: input.threads ?? null, checkpoints, maps, resume: input.resume, keep: input.keep },
      train: parts.train.map(toTaskRun),
      validation: parts.validation.map(toTaskRun),
    },
    (epoch) => storeEpoch(database, embedding.id, epoch),
  ).catch((caught: unknown) => {
    throw explainDeviceFailure(device, caught);
  });
  const stopped = result.stopped ? stoppedSettings(settings, result.epochs.length) : undefined;
  const trained = stopped
    ? keepStopped(project, embedding, result, { key: keyOf(stopped), settings: stopped })
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
function settingsOf({ schedule, clipNorm, patience, heads, residualNorm, positions, ...input }: Input): TrainSettings {
  const { variant, fbns, epochs, batchSize, learningRate, seed } = input;
  return {
    ...{ variant, fbns, epochs, batchSize, learningRate, seed },
    ...(schedule !== 'constant' && { schedule }),
    ...(clipNorm !== null && { clipNorm }),
    ...(patience !== null && { patience }),
    ...(variant === 'lt-msa' && { heads, residualNorm, positions }),
  };
}

interface RunParts {
  train: Run[];
  validation: Run[];
  test: Run[];
}

/** The runs under the current mask, by the split; a small project without test subjects is encoded on all of them. */
function chooseRuns({ database }: Project, warn: (message: string) => void): RunParts {
  const runs = listRuns(database).filter((run) => run.maskIsCurrent);
  const part = (split: string) => runs.filter((run) => run.split === split);
  const [train, validation] = [part('train'), part('validation')];
  if (train.length === 0) {
    throw new UserError({
      what: 'there are no runs to train on',
      remedy: 'import fMRI with `syncact import-fmri`, or change the split with `syncact split`',
    });
  }
  if (validation.length === 0) warn('there are no validation subjects: the best epoch is chosen by the training loss');
  const test = part('test');
  if (test.length === 0)
    warn('there are no test subjects: FBN activations are averaged over all subjects, training ones included');
  return { train, validation, test: test.length > 0 ? test : runs };
}

function toTaskRun(run: Run): { name: string; file: string } {
  return { name: `${run.subject} ${run.movieRun}`, file: run.file };
}

/**
 * Brings the FBN activations of a trained embedding up to date: of test runs imported since, or after activations.sqlite was
 * deleted.
 */
async function encodeMissing(
  embedding: Embedding,
  test: readonly Run[],
  place: { engine: Input['engine']; device: Device },
  { project, runTask }: JobContext,
): Promise<Embedding> {
  const cache = existsSync(project.activationsFile) ? ActivationCache.openReadOnly(project.activationsFile) : undefined;
  const missing = test.filter((run) => !cache?.hasFbnActivation(embedding.key, run.key));
  cache?.close();
  const result = { ...embedding.result!, testSubjects: subjectsOf(test) };
  if (missing.length > 0) {
    const { explainedVariance } = await runTask('encode', {
      ...{ project: project.folder, checkpoint: result.best.file, embeddingKey: embedding.key, ...place, threads: null },
      encode: missing.map((run) => ({ ...toTaskRun(run), key: run.key })),
    });
    if (missing.length === test.length) result.explainedVariance = explainedVariance;
  }
  completeEmbedding(project.database, embedding.id, result, embedding.provenance);
  return { ...embedding, result };
}

function subjectsOf(runs: readonly Run[]): string[] {
  return [...new Set(runs.map((run) => run.subject))];
}

function describeOutput(project: Project, embedding: Embedding, alreadyTrained: boolean): TrainOutput {
  const { bestEpoch, secondsPerEpoch, maps, testSubjects } = embedding.result!;
  const { engine, engineVersion, provider, device, seed } = embedding.provenance as Pick<
    TrainOutput,
    'engine' | 'engineVersion' | 'provider' | 'device' | 'seed'
  >;
  return {
    ...{ embedding: embedding.id, variant: embedding.variant, fbns: embedding.fbns },
    ...{
      engine,
      engineVersion,
      provider: provider ?? device.actual,
      device,
      seed,
      bestEpoch,
      secondsPerEpoch,
      testSubjects,
      alreadyTrained,
    },
    epochs: listEpochs(project.database, embedding.id),
    maps: project.path(maps.file),
  };
}
