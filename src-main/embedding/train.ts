import { CancelledError, throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { applyAdam, clippingScale, weightValues } from './adam';
import { measureCeiling } from './ceiling';
import { checkpointPaths, readTrainingState } from './checkpoint';
import { CheckpointWriter } from './checkpoint-writer';
import { createComputation, type EmbeddingComputation, type EmbeddingWeights, type LossTerms } from './computation';
import { commonLength, cropSample } from './crop';
import { checkLoss, isFinite, nonFiniteGradient, NonFiniteError, nonFiniteWeights } from './non-finite';
import { learningRateAt } from './schedule';
import { SampleReader, SumsOfSquares, type LoadedSample, type SampleGroup, type SampleSource } from './samples';
import { completeSettings, type EmbeddingSettings } from './settings';
import {
  beginEpoch,
  clearColumns,
  finishEpoch,
  initialState,
  type EpochProgress,
  trainLossesByRun,
  type EpochRecord,
  type RunLosses,
  type TrainingState,
} from './training-state';
import { checkResumable, checkSamples, describeTraining } from './training-data';
import type { OnEpoch, TrainingRequest, TrainingResult } from './training-request';

export type { OnEpoch, TrainingRequest, TrainingResult };

/** Mean squared error over the samples of a batch, and of each of them. */
interface LossOfRuns {
  loss: number;
  ofRuns: number[];
}

/** Samples of the next group that are read while one is computed: a quarter of the largest. */
const READ_AHEAD_OF_GROUPS = 4;

/** Thrown between two steps when the training is to finish with what it has. */
class FinishRequest extends Error {}

/**
 * Trains an embedding by Adam on ℓ = Σ_b ‖S'_b − S_b‖² / Σ_b T_b N over the samples b of each batch, with T_b time points each and
 * N voxels that take part. (Equal to DESIGN section 5 where all runs have the same length.) Samples are taken in a new random order
 * each epoch and accumulated one by one, so that memory holds two of them whatever the batch size (LT+LSTM: groups of at most 16), and the numbers depend on the
 * settings, data, engine and device only: stopped and resumed or not, they are the same to the last bit.
 *
 * last.safetensors is written after an epoch when the time since the last writing is 20 times what that writing took (so below 5 %),
 * and always at the end and on cancellation, there between any two steps. `finishSignal` ends it in the same way, but with a result;
 * where no epoch is done yet, with the first one.
 * @throws UserError for data or settings that cannot be used, for a checkpoint of something else, and when the loss or a weight is
 * no longer finite (naming the run, epoch and step; the state before that step is saved, the best epoch stays); CancelledError after saving
 */
export async function trainEmbedding(
  request: TrainingRequest,
  context: WorkContext,
  onEpoch: OnEpoch = () => {},
): Promise<TrainingResult> {
  const settings = completeSettings(request.settings ?? {});
  checkSamples(request);
  const training = new Training(request, settings, context);
  try {
    return await training.run(onEpoch);
  } finally {
    await training.release();
  }
}

class Training {
  private readonly excludedVoxels: Uint32Array;
  private readonly voxelsIncluded: number;
  private readonly times: readonly number[];
  /** Time points that training samples are cut to; null where they are not. */
  private readonly cropLength: number | null;
  private readonly computation: EmbeddingComputation;
  /** Samples cut the same way in every epoch stay the same objects: they are known by that. */
  private cut: readonly SampleSource[] | undefined;
  /** When the epoch under way was taken up, and where. */
  private pace = { start: 0, position: 0 };
  private samplesPerSecond: number | undefined;
  /** Samples per second that the two large products alone allow; undefined where the engine does not take whole graphs. */
  private ceiling: number | undefined;
  private readonly reader: SampleReader;
  private readonly groupSize: number;
  private readonly sums: SumsOfSquares;
  private readonly writer: CheckpointWriter;

  constructor(
    private readonly request: TrainingRequest,
    private readonly settings: EmbeddingSettings,
    private readonly context: WorkContext,
  ) {
    const { voxels, keepBytes = 0, checkpointFolder, excludedVoxels = new Uint32Array() } = request;
    this.excludedVoxels = excludedVoxels;
    this.voxelsIncluded = voxels - excludedVoxels.length;
    this.computation = createComputation(request, { ...settings, voxels });
    this.times = request.train.map(({ time }) => time);
    this.cropLength = commonLength(settings, this.times);
    const trained = this.cropLength === null ? this.times : [this.cropLength];
    const longest = Math.max(1, ...trained, ...request.validation.map(({ time }) => time));
    this.groupSize = this.computation.groupSize(settings.batchSize, longest);
    // What does not fit in float32 as a whole is kept as it is stored: reading some of it every time would cost more.
    const trainedTime = this.times.reduce((sum, time) => sum + (this.cropLength ?? time), 0);
    const allTime = request.validation.reduce((sum, { time }) => sum + time, trainedTime);
    const isWidened = 4 * allTime * voxels <= keepBytes;
    // Those of a group come in at its beginning, while little is computed: some of them are read before.
    const ahead = this.groupSize > 1 ? READ_AHEAD_OF_GROUPS : 1;
    this.reader = new SampleReader(keepBytes, this.groupSize, isWidened ? this.computation.widen : undefined, ahead);
    this.sums = new SumsOfSquares(excludedVoxels);
    this.writer = new CheckpointWriter(checkpointFolder, describeTraining(request, settings), excludedVoxels);
  }

  async run(onEpoch: OnEpoch): Promise<TrainingResult> {
    const state = await this.firstState();
    if (!this.isFinished(state)) this.ceiling = await this.measureCeiling();
    try {
      while (!this.isFinished(state)) {
        onEpoch(...(await this.runEpoch(state)));
        if (!this.isFinished(state)) await this.writer.writeIfDue(state);
      }
    } catch (caught) {
      // Steps are whole when they are cancelled, and not taken where they are not finite: what is saved is a state between two.
      if (caught instanceof CancelledError) await this.writer.write(state);
      // Should the writing fail too, what went wrong first is told.
      if (caught instanceof NonFiniteError) await this.writer.write(state).catch(() => {});
      if (!(caught instanceof FinishRequest)) throw caught;
    }
    await this.writer.write(state);
    return await this.result(state);
  }

  release(): Promise<void> {
    return this.computation.release();
  }

  private async measureCeiling(): Promise<number | undefined> {
    const { engine, device, threads, voxels } = this.request;
    if (engine.name === 'tfjs') return undefined;
    const time = this.cropLength ?? Math.max(...this.times);
    return measureCeiling({ engine, device, threads }, { time, voxels, fbns: this.settings.fbns });
  }

  /** All epochs are done, or the best is too long ago. */
  private isFinished({ history, best }: TrainingState): boolean {
    const { epochs, patience } = this.settings;
    return history.length >= epochs || (patience !== null && best !== null && history.length - best.epoch >= patience);
  }

  private throwIfToFinish({ history }: TrainingState): void {
    if (this.context.finishSignal?.aborted && history.length > 0) throw new FinishRequest();
  }

  private async firstState(): Promise<TrainingState> {
    const { resumeFrom, voxels } = this.request;
    if (resumeFrom === undefined) return initialState(this.settings, voxels, this.excludedVoxels);
    const stored = await readTrainingState(resumeFrom);
    checkResumable(stored, this.writer.description, this.excludedVoxels, resumeFrom);
    return stored.state;
  }

  private async runEpoch(state: TrainingState): Promise<[EpochRecord, RunLosses]> {
    const { train, validation } = this.request;
    const current = state.current ?? beginEpoch(state, this.settings.crop, this.times, this.cropLength);
    const sources = this.sourcesOf(current);
    this.pace = { start: performance.now(), position: current.position };
    let start = performance.now();
    const addTime = () => {
      const now = performance.now();
      current.seconds += (now - start) / 1000;
      start = now;
    };
    try {
      const samples = this.reader.inOrder(current.order.slice(current.position).map((i) => sources[i]!));
      try {
        while (current.position < train.length) {
          this.throwIfToFinish(state);
          this.report(state, current.position / (train.length + validation.length));
          const size = Math.min(this.settings.batchSize, train.length - current.position);
          const batch = current.order.slice(current.position, current.position + size).map((i) => sources[i]!);
          const { loss, ofRuns } = await this.step(state, samples, batch);
          current.lossSum += loss;
          (current.runLosses ??= []).push(...ofRuns);
          current.steps++;
          current.position += size;
          this.samplesPerSecond = ((current.position - this.pace.position) * 1000) / (performance.now() - this.pace.start);
        }
      } finally {
        await samples.return(undefined);
      }
      const validated = validation.length > 0 ? await this.validate(state) : undefined;
      addTime();
      const runLosses = { train: trainLossesByRun(current), validation: validated?.ofRuns ?? [] };
      return [finishEpoch(state, validated?.loss ?? null), runLosses];
    } catch (caught) {
      addTime();
      throw caught;
    }
  }

  /** The training samples of an epoch, cut where they are. */
  private sourcesOf({ starts }: EpochProgress): readonly SampleSource[] {
    const { train } = this.request;
    const length = this.cropLength;
    if (length === null || !starts) return train;
    const isNew = this.settings.crop === 'random';
    if (!isNew && this.cut) return this.cut;
    return (this.cut = train.map((source, i) => cropSample(source, starts[i]!, length, !isNew)));
  }

  /** One Adam step on the next samples; the loss before it, of all and of each. */
  private async step(state: TrainingState, samples: AsyncGenerator<LoadedSample>, batch: SampleSource[]): Promise<LossOfRuns> {
    const values = this.valuesIn(batch);
    const moment = { epoch: state.history.length + 1, step: state.current!.steps + 1 };
    const weights = weightValues(state.weights);
    const { terms, gradient } = await this.computation.step(weights, this.groups(samples, batch.length), 2 / values);
    const squaredErrors = batch.map((source, i) => this.squaredError(source, terms[i]!));
    const names = batch.map(({ name }) => name);
    checkLoss(names, squaredErrors, moment);
    clearColumns(gradient.theta, this.request.voxels, this.excludedVoxels);
    if (!isFinite(gradient.theta) || !isFinite(gradient.latent))
      throw nonFiniteGradient((await this.firstNonFinite(weights, batch)) ?? names, moment);
    const scale = clippingScale(gradient, this.settings.clipNorm);
    const learningRate = learningRateAt(this.settings, state.history.length);
    applyAdam(state.weights, gradient, { ...this.settings, learningRate }, scale);
    if (!isFinite(weights.theta) || !isFinite(weights.latent)) throw nonFiniteWeights(names, moment);
    return this.lossOfRuns(batch, squaredErrors);
  }

  /** The first run of a batch that on its own gives a gradient that is not finite. */
  private async firstNonFinite(weights: EmbeddingWeights, batch: readonly SampleSource[]): Promise<[string] | undefined> {
    for await (const sample of new SampleReader(0).inOrder(batch)) {
      async function* alone() {
        yield [sample];
      }
      const { gradient } = await this.computation.step(weights, alone(), 2 / this.valuesIn([sample.source]));
      clearColumns(gradient.theta, this.request.voxels, this.excludedVoxels);
      if (!isFinite(gradient.theta) || !isFinite(gradient.latent)) return [sample.source.name];
    }
    return undefined;
  }

  /** The next samples in the groups that are computed together. */
  private async *groups(samples: AsyncGenerator<LoadedSample>, count: number): AsyncGenerator<SampleGroup> {
    for (let taken = 0; taken < count; taken += this.groupSize)
      yield this.nextSamples(samples, Math.min(this.groupSize, count - taken));
  }

  private async *nextSamples(samples: AsyncGenerator<LoadedSample>, count: number): AsyncGenerator<LoadedSample> {
    for (let i = 0; i < count; i++) {
      throwIfCancelled(this.context.signal);
      const { value: sample, done } = await samples.next();
      if (done) throw new RangeError('fewer samples than the batch needs');
      this.sums.of(sample);
      yield sample;
    }
  }

  private async validate(state: TrainingState): Promise<LossOfRuns> {
    const { train, validation } = this.request;
    const weights = weightValues(state.weights);
    await this.computation.prepare(weights);
    const squaredErrors: number[] = [];
    const samples = this.reader.inOrder(validation);
    try {
      for await (const group of this.groups(samples, validation.length)) {
        this.throwIfToFinish(state);
        this.report(state, (train.length + squaredErrors.length) / (train.length + validation.length));
        const terms = await this.computation.evaluate(weights, group);
        const sources = validation.slice(squaredErrors.length, squaredErrors.length + terms.length);
        const ofRuns = sources.map((source, i) => this.squaredError(source, terms[i]!));
        const names = sources.map(({ name }) => name);
        checkLoss(names, ofRuns, { epoch: state.history.length + 1, step: null });
        squaredErrors.push(...ofRuns);
      }
    } finally {
      await samples.return(undefined);
    }
    return this.lossOfRuns(validation, squaredErrors);
  }

  private lossOfRuns(samples: readonly SampleSource[], squaredErrors: readonly number[]): LossOfRuns {
    const loss = squaredErrors.reduce((sum, one) => sum + one, 0) / this.valuesIn(samples);
    return { loss, ofRuns: samples.map((sample, i) => squaredErrors[i]! / this.valuesIn([sample])) };
  }

  /** ‖S'_b − S_b‖² from its three terms, in float64. */
  private squaredError(source: SampleSource, { cross, quadratic }: LossTerms): number {
    return this.sums.known(source) - 2 * cross + quadratic;
  }

  private valuesIn(samples: readonly SampleSource[]): number {
    return samples.reduce((sum, { time }) => sum + time * this.voxelsIncluded, 0);
  }

  /** @param part how much of the epoch under way is done, in [0, 1) */
  private report(state: TrainingState, part: number): void {
    const { epochs } = this.settings;
    const done = state.history.length;
    this.context.progress({
      stage: `training, epoch ${done + 1} of ${epochs}`,
      done: done + part,
      total: epochs,
      unit: 'epochs',
      learningRate: learningRateAt(this.settings, done),
      ...(this.samplesPerSecond !== undefined && { samplesPerSecond: this.samplesPerSecond }),
      ...(this.ceiling !== undefined && { ceilingSamplesPerSecond: this.ceiling }),
    });
  }

  private async result(state: TrainingState): Promise<TrainingResult> {
    const { history, best } = state;
    const { engine, device, checkpointFolder } = this.request;
    return {
      epochs: history,
      bestEpoch: best!.epoch,
      secondsPerEpoch: history.reduce((sum, { seconds }) => sum + seconds, 0) / history.length,
      checkpoints: checkpointPaths(checkpointFolder),
      engine: engine.name,
      engineVersion: engine.version,
      device,
      provider: await this.computation.provider(),
      threads: await this.computation.threads(),
      stopped: !this.isFinished(state),
    };
  }
}
