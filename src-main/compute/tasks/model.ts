import { join } from 'node:path';
import type { DescribedCheckpoint, DescribedLayer, DescribeModelTask } from '../../../src-preload/shared/contract/compute-tasks';
import { architectures } from '../../cnn/architectures';
import { imagenetNormalisation, parametersOf, type Architecture } from '../../cnn/architectures/architecture';
import { buildModel, networkModel, weightsOf, type Weights } from '../../cnn/build-model';
import { countParameters } from '../../cnn/catalogue';
import { readCheckpointInfo } from '../../cnn/checkpoint-info';
import { describeModel, type ModelDescription } from '../../cnn/describe-model';
import { findArchitecture, matchCheckpoint, type CheckpointMatch } from '../../cnn/match-checkpoint';
import { randomWeights } from '../../cnn/random-weights';
import { readModel } from '../../cnn/read-model';
import { selectLayers } from '../../cnn/select-layers';
import type { CheckpointFile } from '../../files/checkpoint-file';
import { hashBytes, hashFile } from '../../files/hash';
import { openCheckpoint, sniffCheckpoint } from '../../files/open-checkpoint';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import type { TaskContext, TaskHandler } from '../process';

/**
 * Reads an ONNX file or a checkpoint and tells its layers, which of them is the last convolution, and which end blocks. A checkpoint
 * is converted to ONNX on request.
 */
export const describeModelTask: TaskHandler<'describe-model'> = async (input, context) => {
  context.progress({ stage: 'reading the model', done: 0, total: 0, unit: 'files' });
  if (await sniffCheckpoint(input.file)) return describeCheckpoint(input, context);
  const model = await readModel(input.file);
  const description = describeModel(model);
  return {
    hash: await hashFile(input.file, context.signal),
    contentHash: model.hash,
    checkpoint: null,
    description,
    layers: describeLayers(description),
  };
};

async function describeCheckpoint(input: DescribeModelTask, context: TaskContext) {
  const checkpoint = await openCheckpoint(input.file);
  try {
    const match = matchCheckpoint(checkpoint, architectures, input.architecture);
    const { architecture, classes } = match;
    const hash = await hashFile(input.file, context.signal);
    const description = describeModel({ path: input.file, model: networkModel(architecture, classes) });
    const { mean, deviation } = architecture.normalisation ?? imagenetNormalisation;
    const converted = input.convertTo ? await convert(checkpoint, match, hash, input.convertTo, context) : null;
    const described: DescribedCheckpoint = {
      ...{ format: checkpoint.format, architecture: architecture.name, title: architecture.title, classes },
      parameters: countParameters(architecture, classes),
      ...{ inputSize: architecture.inputSize, mean: [...mean], deviation: [...deviation], converted },
    };
    return {
      ...{ hash, contentHash: converted?.hash ?? hash, checkpoint: described, description },
      layers: describeLayers(description),
    };
  } finally {
    await checkpoint.close();
  }
}

/** Raise it when the same checkpoint would give another ONNX file. */
const CONVERTER_VERSION = 1;

/** Builds a bundled architecture with made-up weights, as an ONNX file in the project. */
export const randomModelTask: TaskHandler<'random-model'> = async ({ project, folder, seed, classes, ...input }, context) => {
  const architecture = findArchitecture(architectures, input.architecture);
  const { name, title, inputSize, normalisation } = architecture;
  const file = `${folder}/random-${name}-${seed}${classes === null ? '' : `-${classes}`}-${MAKER_VERSION}.onnx`;
  const weights = randomWeights(architecture, seed, classes);
  const stage = `making random weights of ${title}`;
  const converted = await writeNetwork({ project, file, architecture, weights, stage }, context);
  const description = describeModel({ path: file, model: networkModel(architecture, classes) });
  const { mean, deviation } = normalisation ?? imagenetNormalisation;
  return {
    ...{ architecture: name, title, classes, parameters: countParameters(architecture, classes), inputSize },
    ...{ mean: [...mean], deviation: [...deviation], converted, description, layers: describeLayers(description) },
  };
};

/** Raise it when the same seed would give other weights. */
const MAKER_VERSION = 1;

async function convert(
  checkpoint: CheckpointFile,
  match: CheckpointMatch,
  sourceHash: string,
  { project, folder }: { project: string; folder: string },
  context: TaskContext,
) {
  const { architecture } = match;
  const name = hashBytes([sourceHash, architecture.name, CONVERTER_VERSION].join()).slice(0, 16);
  const file = `${folder}/${architecture.name}-${name}.onnx`;
  const weights = weightsOf(checkpoint, match);
  return writeNetwork({ project, file, architecture, weights, stage: `converting ${architecture.title}` }, context);
}

/** Writes a network into the project, tensor by tensor. @param file relative to the project */
async function writeNetwork(
  {
    project,
    file,
    architecture,
    weights,
    stage,
  }: { project: string; file: string; architecture: Architecture; weights: Weights; stage: string },
  context: TaskContext,
) {
  const total = parametersOf(architecture).size;
  let done = 0;
  const counted: Weights = {
    classes: weights.classes,
    read(parameter) {
      throwIfCancelled(context.signal);
      context.progress({ stage, done: done++, total, unit: 'tensors' });
      return weights.read(parameter);
    },
  };
  await buildModel(join(project, file), architecture, counted, { 'syncact.architecture': architecture.name });
  return { file, hash: await hashFile(join(project, file), context.signal) };
}

function describeLayers(description: ModelDescription): DescribedLayer[] {
  const [last] = selectLayers(description, 'last');
  const blocks = selectLayers(description, 'blocks').map((layer) => layer.name);
  return description.layers.map(({ name, filters, kind }) => {
    const block = blocks.indexOf(name);
    return { name, filters, kind, isLastConvolution: name === last?.name, blockIndex: block < 0 ? null : block };
  });
}

/** Lists the tensors of a checkpoint. */
export const checkpointInfoTask: TaskHandler<'checkpoint-info'> = ({ file }) => readCheckpointInfo(file);
