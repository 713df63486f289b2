import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../src-preload/shared/domain/errors';
import { adamVector, weightValues, type AdamVector } from './adam';
import { openSafetensors, writeSafetensors, type SafetensorsFile, type SafetensorsTensor } from '../files/safetensors';
import type { GeneratorState } from './generator';
import type { EmbeddingWeights } from './computation';
import { commonLength } from './crop';
import { parameterCount, splitParameters } from './latent/model';
import { latentModel, type LatentSettings } from './latent/models';
import { isMapsFile, readMapsOf, readMapsFile } from './maps/maps-file';
import { DEFAULT_SETTINGS, settingsSchema, type EmbeddingSettings } from './settings';
import type { TrainingState } from './training-state';

/*
 * A checkpoint is a safetensors file. Tensors: `theta` [2m, voxels] (rows 0 … m−1 are Wᵀ, the FBN maps; rows m … 2m−1 are V),
 * `excludedVoxels` (uint32, ascending), and the latent part's weights under PyTorch's names (`enc.attn.in_proj_weight`, …); a
 * checkpoint to resume from also has `adam.firstMoment`, `adam.secondMoment` and `bestTheta` of Θ, and `latent.firstMoment`,
 * `latent.secondMoment` and `latent.best` [P] of the latent part's P weights in their order. Metadata: `format`, `description` (what it is) and `state` (how far it has come), in JSON.
 */
const FORMAT = 'syncact-embedding-1';

const count = z.int().nonnegative();
const sampleSchema = z.strictObject({ name: z.string(), time: z.int().positive() });
const descriptionSchema = z.strictObject({
  settings: settingsSchema,
  voxels: z.int().positive(),
  excludedVoxels: count,
  train: z.array(sampleSchema),
  validation: z.array(sampleSchema),
  /** The epoch whose weights `theta` holds. */
  epoch: count,
  engine: z.string(),
  engineVersion: z.string(),
  device: z.string(),
});
const uint32 = z.int().min(0).max(0xffffffff);
const stateSchema = z.strictObject({
  step: count,
  generator: z.tuple([uint32, uint32, uint32, uint32]),
  history: z.array(
    z.strictObject({ epoch: count, trainLoss: z.number(), validationLoss: z.number().nullable(), seconds: z.number() }),
  ),
  current: z
    .strictObject({
      order: z.array(count),
      starts: z.array(count).optional(),
      position: count,
      lossSum: z.number(),
      steps: count,
      seconds: z.number(),
      runLosses: z.array(z.number()).optional(),
    })
    .nullable(),
  best: z.strictObject({ epoch: count, loss: z.number() }).nullable(),
});

/** What a checkpoint says about the training it belongs to. */
export interface CheckpointDescription {
  settings: EmbeddingSettings;
  voxels: number;
  /** Number of voxels that take no part. */
  excludedVoxels: number;
  train: { name: string; time: number }[];
  validation: { name: string; time: number }[];
  epoch: number;
  engine: string;
  engineVersion: string;
  device: string;
}

/** A trained embedding. */
export interface Embedding extends EmbeddingWeights {
  description: CheckpointDescription;
  excludedVoxels: Uint32Array;
}

/** What brings runs into an embedding and back, trained here or not. */
export interface Encoder extends EmbeddingWeights {
  settings: LatentSettings;
  voxels: number;
  excludedVoxels: Uint32Array;
  /** Row of theta that the first map is, and what is to be added to each map. */
  maps: { firstRow: number; offsets: Float32Array };
}

/** The two files of a training. */
export function checkpointPaths(folder: string): { last: string; best: string } {
  return { last: join(folder, 'last.safetensors'), best: join(folder, 'best.safetensors') };
}

/**
 * Writes best.safetensors (the weights of the best epoch) and then last.safetensors (everything needed to resume), each
 * atomically. In this order, a process killed in between resumes from the older `last`, comes to the same best again and loses nothing.
 * @throws UserError where a weight is not finite; nothing is written then
 */
export async function writeCheckpoints(
  folder: string,
  state: TrainingState,
  description: Omit<CheckpointDescription, 'epoch'>,
  excludedVoxels: Uint32Array,
): Promise<void> {
  const { weights, best, history } = state;
  const { theta, latent } = weights;
  if (![theta, latent].every(({ values }) => values.every(Number.isFinite))) throw divergedWeights(folder);
  const paths = checkpointPaths(folder);
  const shape = [2 * description.settings.fbns, description.voxels];
  const float = (name: string, data: Float32Array, dims: readonly number[] = shape): SafetensorsTensor => ({
    ...{ name, dtype: 'F32', shape: [...dims], data },
  });
  const model = latentModel(description.settings);
  const named = (values: EmbeddingWeights) => [
    float('theta', values.theta),
    ...splitParameters(model, values.latent).map((part, i) => float(model.parameters[i]!.name, part, model.parameters[i]!.shape)),
  ];
  const excluded: SafetensorsTensor = {
    name: 'excludedVoxels',
    dtype: 'U32',
    shape: [excludedVoxels.length],
    data: excludedVoxels,
  };
  const metadata = (epoch: number) => ({ format: FORMAT, description: JSON.stringify({ ...description, epoch }) });
  if (best) await writeSafetensors(paths.best, [...named(best.weights), excluded], metadata(best.epoch));
  const tensors = [...named(weightValues(weights)), excluded];
  tensors.push(float('adam.firstMoment', theta.firstMoment), float('adam.secondMoment', theta.secondMoment));
  if (best) tensors.push(float('bestTheta', best.weights.theta));
  const flat = [latent.values.length];
  if (latent.values.length > 0) {
    tensors.push(float('latent.firstMoment', latent.firstMoment, flat), float('latent.secondMoment', latent.secondMoment, flat));
    if (best) tensors.push(float('latent.best', best.weights.latent, flat));
  }
  const { generator, current } = state;
  const stored = { step: weights.step, generator, history, current, best: best && { epoch: best.epoch, loss: best.loss } };
  await writeSafetensors(paths.last, tensors, { ...metadata(history.length), state: JSON.stringify(stored) });
}

/**
 * Reads the embedding of any checkpoint.
 * @throws UserError where the file is damaged or was not written by this program
 */
export async function readEmbedding(path: string): Promise<Embedding> {
  const file = await openSafetensors(path);
  try {
    return await readWeights(file);
  } finally {
    await file.close();
  }
}

/**
 * Reads what encodes runs from any checkpoint, or from maps that were not trained (maps/maps-file.ts): they are encoded as LT is,
 * by the weights of their regression.
 * @throws UserError where the file is damaged or was not written by this program
 */
export async function readEncoder(path: string): Promise<Encoder> {
  const file = await openSafetensors(path);
  try {
    if (isMapsFile(file)) {
      const { description, theta, means, excludedVoxels } = await readMapsFile(file);
      const { fbns, voxels } = description;
      const settings: LatentSettings = { ...DEFAULT_SETTINGS, variant: 'lt', fbns };
      return { settings, voxels, theta, latent: new Float32Array(), excludedVoxels, maps: { firstRow: fbns, offsets: means } };
    }
    const { description, theta, latent, excludedVoxels } = await readWeights(file);
    const { settings, voxels } = description;
    return { settings, voxels, theta, latent, excludedVoxels, maps: { firstRow: 0, offsets: new Float32Array(settings.fbns) } };
  } finally {
    await file.close();
  }
}

/**
 * Reads the map of one FBN: a row of theta, and nothing else of it.
 * @returns [voxels]; NaN at voxels that took no part
 */
export async function readMap(path: string, fbn: number): Promise<Float32Array> {
  return (await readMaps(path, [fbn]))[0]!;
}

/** The maps of several FBNs, in the order asked for; the file is opened once. */
export async function readMaps(path: string, fbns: readonly number[]): Promise<Float32Array[]> {
  const file = await openSafetensors(path);
  try {
    if (isMapsFile(file)) return await readMapsOf(file, fbns);
    const { settings, voxels, excludedVoxels } = readDescription(file);
    const excluded = await file.readUint32('excludedVoxels', [excludedVoxels]);
    const maps: Float32Array[] = [];
    for (const fbn of fbns) {
      const map = await file.readFloat32Rows('theta', [2 * settings.fbns, voxels], fbn, 1);
      for (const voxel of excluded) map[voxel] = NaN;
      maps.push(map);
    }
    return maps;
  } finally {
    await file.close();
  }
}

/**
 * Reads the whole state of a training from its last.safetensors.
 * @throws UserError where the file is damaged, foreign, or holds no state (best.safetensors)
 */
export async function readTrainingState(path: string): Promise<Embedding & { state: TrainingState }> {
  const file = await openSafetensors(path);
  try {
    const embedding = await readWeights(file);
    const { step, generator, history, current, best } = parseMetadata(file, 'state', stateSchema);
    const shape = [2 * embedding.description.settings.fbns, embedding.description.voxels];
    const flat = [embedding.latent.length];
    const vector = async (values: Float32Array, name: string, dims: number[]): Promise<AdamVector> => ({
      values,
      firstMoment: await file.readFloat32(`${name}.firstMoment`, dims),
      secondMoment: await file.readFloat32(`${name}.secondMoment`, dims),
    });
    const empty = new Float32Array();
    const hasLatent = embedding.latent.length > 0;
    const state: TrainingState = {
      weights: {
        theta: await vector(embedding.theta, 'adam', shape),
        latent: hasLatent ? await vector(embedding.latent, 'latent', flat) : adamVector(empty),
        step,
      },
      generator: generator satisfies GeneratorState,
      history,
      current,
      best: best && {
        ...best,
        weights: {
          theta: await file.readFloat32('bestTheta', shape),
          latent: hasLatent ? await file.readFloat32('latent.best', flat) : empty,
        },
      },
    };
    checkState(state, embedding.description, path);
    return { ...embedding, state };
  } finally {
    await file.close();
  }
}

function readDescription(file: SafetensorsFile): CheckpointDescription {
  const format = file.metadata.get('format');
  if (format !== FORMAT) throw foreign(file.path, `format "${FORMAT}"`, format === undefined ? 'none' : `"${format}"`);
  return parseMetadata(file, 'description', descriptionSchema);
}

async function readWeights(file: SafetensorsFile): Promise<Embedding> {
  const description = readDescription(file);
  const { settings, voxels } = description;
  const model = latentModel(settings);
  const latent = new Float32Array(parameterCount(model));
  for (const [i, part] of splitParameters(model, latent).entries()) {
    const { name, shape } = model.parameters[i]!;
    part.set(await file.readFloat32(name, [...shape]));
  }
  return {
    description,
    latent,
    theta: await file.readFloat32('theta', [2 * settings.fbns, voxels]),
    excludedVoxels: await file.readUint32('excludedVoxels', [description.excludedVoxels]),
  };
}

function parseMetadata<Schema extends z.ZodType>(file: SafetensorsFile, key: string, schema: Schema): z.infer<Schema> {
  const text = file.metadata.get(key);
  if (text === undefined) throw foreign(file.path, `the ${key} of a training`, 'none');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw foreign(file.path, `the ${key} of a training in JSON`, 'something else');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw foreign(file.path, `the ${key} of a training`, `${issue?.path.join('.')}: ${issue?.message}`);
}

/** Numbers that must agree with each other, lest a damaged file be trained on. */
function checkState({ current, history }: TrainingState, { train, settings }: CheckpointDescription, path: string): void {
  if (history.some(({ epoch }, i) => epoch !== i + 1)) throw foreign(path, 'epochs in order', 'others');
  if (current === null) return;
  const seen = new Set(current.order);
  const isPermutation = current.order.length === train.length && seen.size === train.length && Math.max(...seen) < train.length;
  if (!isPermutation || current.position > train.length) throw foreign(path, `an order of ${train.length} samples`, 'another');
  const times = train.map(({ time }) => time);
  const length = commonLength(settings, times);
  const fits = length === null ? !current.starts : current.starts?.every((start, i) => start + length <= times[i]!);
  if (!fits || (current.starts && current.starts.length !== times.length)) throw foreign(path, 'stretches of the runs', 'others');
}

function foreign(file: string, expected: string, found: string): UserError {
  return new UserError({
    code: 'file-kind',
    what: 'this is not a checkpoint of an embedding that can be used here',
    file,
    expected,
    found,
    remedy: 'name the last.safetensors or best.safetensors of a training',
  });
}

function divergedWeights(folder: string): UserError {
  return new UserError({
    code: 'not-finite',
    what: 'the training diverged: its weights are no longer finite',
    file: folder,
    remedy: 'lower the learning rate; the last good checkpoint has been kept',
  });
}
