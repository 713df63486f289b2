import { adamVector, weightValues, type Weights } from './adam';
import type { EmbeddingWeights } from './computation';
import { cropStarts, type Crop } from './crop';
import { Generator, type GeneratorState } from './generator';
import { parameterCount, splitParameters } from './latent/model';
import { latentModel } from './latent/models';
import type { EmbeddingSettings } from './settings';

/** One line of the learning curve. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  /** Mean over the epoch's steps of the loss each step saw before it changed the weights. */
  trainLoss: number;
  /** Loss of the validation samples with the weights at the end of the epoch; null without validation samples. */
  validationLoss: number | null;
  /** Time the epoch took, validation included. */
  seconds: number;
}

/** What each run alone comes to in an epoch, in the order the runs were given; null where it is not known. */
export interface RunLosses {
  /** Of the training runs: with the weights before the step that used them. */
  train: (number | null)[];
  /** Of the validation runs: with the weights at the end of the epoch. */
  validation: number[];
}

/** What an unfinished epoch has come to, so that it can be taken up between any two steps. */
export interface EpochProgress {
  /** Indices of the training samples in the order of this epoch. */
  order: number[];
  /** First time point of each training sample's stretch; left out where samples are not cut. */
  starts?: number[] | undefined;
  /** How many of them have been used. */
  position: number;
  /** Sum of the losses of the steps taken. */
  lossSum: number;
  steps: number;
  seconds: number;
  /** Loss of each training sample used so far, in the order of their use; left out by older checkpoints. */
  runLosses?: number[] | undefined;
}

/** The best epoch so far: by validation loss, or by training loss where there is no validation. */
export interface BestEpoch {
  epoch: number;
  loss: number;
  weights: EmbeddingWeights;
}

/** Everything a training needs to go on as if it had never stopped. */
export interface TrainingState {
  weights: Weights;
  generator: GeneratorState;
  /** Finished epochs. */
  history: EpochRecord[];
  /** The epoch under way; null between epochs. */
  current: EpochProgress | null;
  best: BestEpoch | null;
}

/**
 * The state before the first step. W and V are drawn as PyTorch's nn.Linear draws its weights: uniform in ±1/√(fan in), where the
 * fan in is the number of voxels that take part for W and the number of FBNs for V. Θ is drawn row by row from the seed, then the
 * latent part's weights in their order, as PyTorch draws them.
 * @param excludedVoxels columns of Θ that stay 0
 */
export function initialState(settings: EmbeddingSettings, voxels: number, excludedVoxels: Uint32Array): TrainingState {
  const { fbns, seed } = settings;
  const generator = Generator.fromSeed(seed);
  const theta = new Float32Array(2 * fbns * voxels);
  const encoderBound = 1 / Math.sqrt(voxels - excludedVoxels.length);
  const decoderBound = 1 / Math.sqrt(fbns);
  for (let i = 0; i < theta.length; i++) theta[i] = generator.nextSymmetric() * (i < fbns * voxels ? encoderBound : decoderBound);
  clearColumns(theta, voxels, excludedVoxels);
  return {
    weights: { theta: adamVector(theta), latent: adamVector(initialLatent(settings, generator)), step: 0 },
    generator: generator.state,
    history: [],
    current: null,
    best: null,
  };
}

function initialLatent(settings: EmbeddingSettings, generator: Generator): Float32Array {
  const latent = latentModel(settings);
  const values = new Float32Array(parameterCount(latent));
  for (const [p, part] of splitParameters(latent, values).entries()) {
    const { initial } = latent.parameters[p]!;
    for (let i = 0; i < part.length; i++)
      part[i] = 'value' in initial ? initial.value : initial.bound * generator.nextSymmetric();
  }
  return values;
}

/** Sets columns of a matrix [rows, voxels] to 0. */
export function clearColumns(matrix: Float32Array, voxels: number, columns: Uint32Array): void {
  if (columns.length === 0) return;
  for (let row = 0; row < matrix.length; row += voxels) for (const column of columns) matrix[row + column] = 0;
}

/**
 * Draws the order of the next epoch, and where its stretches begin.
 * @param times of the training samples
 * @param length that they are cut to; null where they are not
 */
export function beginEpoch(state: TrainingState, crop: Crop, times: readonly number[], length: number | null): EpochProgress {
  const generator = Generator.fromState(state.generator);
  const order = generator.permutation(times.length);
  const starts = length === null ? {} : { starts: cropStarts(crop, times, length, generator) };
  state.generator = generator.state;
  return (state.current = { order, ...starts, position: 0, lossSum: 0, steps: 0, seconds: 0, runLosses: [] });
}

/** The losses of an epoch's training samples in the order they were given. */
export function trainLossesByRun({ order, position, runLosses = [] }: EpochProgress): (number | null)[] {
  const losses = new Array<number | null>(order.length).fill(null);
  // An epoch taken up from an older checkpoint knows those of its later steps only.
  const first = position - runLosses.length;
  for (const [i, loss] of runLosses.entries()) losses[order[first + i]!] = loss;
  return losses;
}

/** Enters a finished epoch into the history and remembers its weights where it is the best so far. */
export function finishEpoch(state: TrainingState, validationLoss: number | null): EpochRecord {
  const { lossSum, steps, seconds } = state.current!;
  const record: EpochRecord = { epoch: state.history.length + 1, trainLoss: lossSum / steps, validationLoss, seconds };
  state.history.push(record);
  state.current = null;
  const loss = validationLoss ?? record.trainLoss;
  if (state.best === null || loss < state.best.loss) {
    const { theta, latent } = weightValues(state.weights);
    const weights = state.best?.weights ?? { theta: new Float32Array(theta.length), latent: new Float32Array(latent.length) };
    weights.theta.set(theta);
    weights.latent.set(latent);
    state.best = { epoch: record.epoch, loss, weights };
  }
  return record;
}
