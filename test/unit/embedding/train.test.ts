import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';
import { quietContext, type WorkContext } from '../../../src-preload/shared/domain/work';
import { readEmbedding, readTrainingState } from '../../../src-main/embedding/checkpoint';
import { samplesInMemory, type SampleSource } from '../../../src-main/embedding/samples';
import { trainEmbedding, type TrainingRequest } from '../../../src-main/embedding/train';
import type { EpochRecord, RunLosses } from '../../../src-main/embedding/training-state';
import { makeSamples, newFolder, smallTraining } from './problem';

const quiet = quietContext();
const withoutSeconds = (epochs: EpochRecord[]) =>
  epochs.map(({ epoch, trainLoss, validationLoss }) => ({ epoch, trainLoss, validationLoss }));

/** What must be the same to the last bit, whatever happened on the way. */
async function outcome(request: TrainingRequest) {
  const { epochs, bestEpoch, checkpoints } = await trainEmbedding(request, quiet);
  const { state } = await readTrainingState(checkpoints.last);
  const best = await readEmbedding(checkpoints.best);
  return { epochs: withoutSeconds(epochs), bestEpoch, weights: state.weights, generator: state.generator, best: best.theta };
}

/** Runs a training that is cancelled when `reads` samples have been asked for. */
async function runCancelled(request: TrainingRequest, reads: number): Promise<void> {
  const controller = new AbortController();
  const context: WorkContext = { ...quiet, signal: controller.signal };
  let count = 0;
  const counting = (source: SampleSource): SampleSource => ({
    ...source,
    load: (into) => {
      if (++count === reads) controller.abort();
      return source.load(into);
    },
  });
  const [train, validation] = [request.train.map(counting), request.validation.map(counting)];
  await expect(trainEmbedding({ ...request, train, validation }, context)).rejects.toThrow(CancelledError);
}

test('the loss falls, the validation loss with it, and the result says what was done', async () => {
  const request = await smallTraining({ settings: { epochs: 60, fbns: 3, batchSize: 2 } });
  const seen: EpochRecord[] = [];
  const result = await trainEmbedding(request, quiet, (record) => seen.push(record));
  expect(seen).toEqual(result.epochs);
  expect(result.epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(result.epochs.at(-1)!.trainLoss).toBeLessThan(0.15 * result.epochs[0]!.trainLoss);
  const validation = result.epochs.map(({ validationLoss }) => validationLoss!);
  expect(result.bestEpoch).toBe(validation.indexOf(Math.min(...validation)) + 1);
  expect(result).toMatchObject({ engine: 'onnxruntime', device: 'cpu', threads: 1 });
  expect(result.secondsPerEpoch).toBeGreaterThan(0);
  expect((await readdir(request.checkpointFolder)).sort()).toEqual(['best.safetensors', 'last.safetensors']);
});

test('each run has a loss of its own, whose mean is that of the epoch; the same when the epoch was taken up in its middle', async () => {
  const request = await smallTraining({ settings: { epochs: 3, batchSize: 1 } });
  const lossesOf = async (asked: TrainingRequest) => {
    const all = new Map<number, RunLosses>();
    const { epochs } = await trainEmbedding(asked, quiet, ({ epoch }, losses) => all.set(epoch, losses));
    return { all, epochs };
  };
  const { all, epochs } = await lossesOf(request);
  const mean = (values: readonly (number | null)[]) => values.reduce<number>((sum, value) => sum + value!, 0) / values.length;
  for (const { epoch, trainLoss, validationLoss } of epochs) {
    const { train, validation } = all.get(epoch)!;
    expect([train.length, validation.length]).toEqual([5, 2]);
    expect(new Set(train).size).toBe(5);
    expect(mean(train)).toBeCloseTo(trainLoss, 12);
    expect(mean(validation)).toBeCloseTo(validationLoss!, 12);
  }
  const paused = await smallTraining({ settings: { epochs: 3, batchSize: 1 } });
  // Five training and two validation samples an epoch, and one read ahead: within the second epoch.
  await runCancelled(paused, 11);
  const last = join(paused.checkpointFolder, 'last.safetensors');
  const { state } = await readTrainingState(last);
  expect(state.current!.position).toBeGreaterThan(0);
  const resumed = await lossesOf({ ...paused, resumeFrom: last });
  expect(resumed.all.get(2)).toEqual(all.get(2));
  expect(resumed.all.get(3)).toEqual(all.get(3));
});

test('the pace is told beside what the two large products alone would allow', async () => {
  const told: { samplesPerSecond?: number; ceilingSamplesPerSecond?: number }[] = [];
  await trainEmbedding(await smallTraining(), { ...quiet, progress: (progress) => told.push(progress) });
  expect(told.at(-1)!.samplesPerSecond).toBeGreaterThan(0);
  expect(told.at(-1)!.ceilingSamplesPerSecond).toBeGreaterThan(0);
});

test('asked to finish, a training ends with the epochs done, as one that was to have so many', async () => {
  const settings = { epochs: 50 };
  const finisher = new AbortController();
  const request = await smallTraining({ settings });
  let epochs = 0;
  const result = await trainEmbedding(
    request,
    { ...quiet, finishSignal: finisher.signal },
    () => ++epochs === 4 && finisher.abort(),
  );
  expect(result).toMatchObject({ stopped: true });
  const planned = await trainEmbedding(await smallTraining({ settings: { epochs: 4 } }), quiet);
  expect(planned).toMatchObject({ stopped: false });
  expect(withoutSeconds(result.epochs)).toEqual(withoutSeconds(planned.epochs));
  const [kept, whole] = [await readEmbedding(result.checkpoints.best), await readEmbedding(planned.checkpoints.best)];
  expect(kept.theta).toEqual(whole.theta);
});

test('asked to finish before any epoch is done, a training ends with the first; at once where its checkpoint has some', async () => {
  const early = { ...quiet, finishSignal: AbortSignal.abort() };
  const request = await smallTraining({ settings: { epochs: 9 } });
  const first = await trainEmbedding(request, early);
  expect(first.epochs).toHaveLength(1);
  await trainEmbedding({ ...request, settings: { ...request.settings, epochs: 3 }, resumeFrom: first.checkpoints.last }, quiet);
  const kept = await trainEmbedding({ ...request, resumeFrom: first.checkpoints.last }, early);
  expect(kept).toMatchObject({ stopped: true });
  expect(kept.epochs).toHaveLength(3);
});

test('without validation the best epoch is that of the lowest training loss', async () => {
  const result = await trainEmbedding(await smallTraining({ validation: [] }), quiet);
  const losses = result.epochs.map(({ trainLoss }) => trainLoss);
  expect(result.epochs.every(({ validationLoss }) => validationLoss === null)).toBe(true);
  expect(result.bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
});

test('the best weights are not overwritten by worse ones', async () => {
  // Steps this long overshoot again and again.
  const settings = { epochs: 12, fbns: 3, batchSize: 2, learningRate: 2 };
  const request = await smallTraining({ settings });
  const result = await trainEmbedding(request, quiet);
  expect(result.bestEpoch).toBeLessThan(12);
  const best = await readEmbedding(result.checkpoints.best);
  expect(best.description.epoch).toBe(result.bestEpoch);
  const shorter = await outcome(await smallTraining({ settings: { ...settings, epochs: result.bestEpoch } }));
  expect(best.theta).toEqual(shorter.weights.theta.values);
});

test('the seed decides the numbers', async () => {
  const settings = { fbns: 3, epochs: 2, batchSize: 2 };
  const first = await outcome(await smallTraining({ settings: { ...settings, seed: 1 } }));
  expect(await outcome(await smallTraining({ settings: { ...settings, seed: 1 } }))).toEqual(first);
  expect((await outcome(await smallTraining({ settings: { ...settings, seed: 2 } }))).weights.theta.values).not.toEqual(
    first.weights.theta.values,
  );
});

test('memory changes nothing: samples kept or read again, float16 or the same values in float32', async () => {
  const half = makeSamples([12, 9, 12, 7], 20, 'float16');
  const rounded = await Promise.all(
    half.map(async (source) => {
      const bits = new Uint16Array(source.time * 20);
      await source.load(bits);
      return samplesInMemory(source.name, source.time, 20, new Float32Array(new Float16Array(bits.buffer)));
    }),
  );
  const read = await outcome(await smallTraining({ train: half }));
  expect(await outcome(await smallTraining({ train: half, keepBytes: 1e9 }))).toEqual(read);
  expect(await outcome(await smallTraining({ train: half, keepBytes: 1000 }))).toEqual(read);
  expect(await outcome(await smallTraining({ train: rounded }))).toEqual(read);
});

test('stopped after whole epochs and resumed, every bit is the same', async () => {
  const whole = await outcome(await smallTraining());
  const request = await smallTraining({ settings: { fbns: 3, epochs: 2, batchSize: 2 } });
  const { checkpoints } = await trainEmbedding(request, quiet);
  const resumed = await smallTraining({ resumeFrom: checkpoints.last });
  expect(await outcome(resumed)).toEqual(whole);
});

test.each([1, 3, 5, 6, 7, 12, 20, 34, 42])(
  'cancelled when sample %i is asked for and resumed, every bit is the same',
  async (reads) => {
    const whole = await outcome(await smallTraining());
    const request = await smallTraining();
    await runCancelled(request, reads);
    expect(await outcome({ ...request, resumeFrom: join(request.checkpointFolder, 'last.safetensors') })).toEqual(whole);
  },
);

test('killed after any checkpoint and resumed from it, every bit is the same', async () => {
  const whole = await outcome(await smallTraining());
  const request = await smallTraining();
  const kept = await newFolder();
  const copies: string[] = [];
  // A checkpoint as it lies on disk while training goes on is what a killed process leaves behind.
  const copying: Promise<void>[] = [];
  await trainEmbedding(request, quiet, ({ epoch }) => {
    const copy = join(kept, `${epoch}`);
    copies.push(copy);
    copying.push(
      mkdir(copy)
        .then(() => copyFile(join(request.checkpointFolder, 'last.safetensors'), join(copy, 'last.safetensors')))
        .catch(() => {}),
    );
  });
  await Promise.all(copying);
  let resumed = 0;
  for (const copy of copies) {
    const resumeFrom = join(copy, 'last.safetensors');
    if (!(await readdir(copy)).length) continue;
    expect(await outcome({ ...(await smallTraining()), resumeFrom })).toEqual(whole);
    resumed++;
  }
  expect(resumed).toBeGreaterThan(0);
});

test('a finished training resumed again is finished', async () => {
  const request = await smallTraining();
  const first = await outcome(request);
  expect(await outcome({ ...request, resumeFrom: join(request.checkpointFolder, 'last.safetensors') })).toEqual(first);
});

test('a training is resumed with the same data and settings only', async () => {
  const request = await smallTraining();
  await trainEmbedding(request, quiet);
  const resumeFrom = join(request.checkpointFolder, 'last.safetensors');
  const resume = (changes: Partial<TrainingRequest>) => trainEmbedding({ ...request, ...changes, resumeFrom }, quiet);
  await expect(resume({ settings: { ...request.settings, seed: 5 } })).rejects.toThrow(/settings \(seed\) differ/);
  await expect(resume({ settings: { ...request.settings, epochs: 3 } })).rejects.toThrow(/numbers of epochs differ/);
  await expect(resume({ train: request.train.slice(1) })).rejects.toThrow(/runs \(train\) differ.*sub-1/);
  await expect(resume({ validation: [] })).rejects.toThrow(/runs \(validation\) differ/);
  await expect(resume({ excludedVoxels: Uint32Array.of(3) })).rejects.toThrow(/excluded voxels differ/);
  const best = join(request.checkpointFolder, 'best.safetensors');
  await expect(trainEmbedding({ ...request, resumeFrom: best }, quiet)).rejects.toThrow(/not a checkpoint.*state of a training/);
});

test('excluded voxels change nothing: as if they were not in the data', async () => {
  const excludedVoxels = Uint32Array.of(0, 7, 19);
  const included = Array.from({ length: 20 }, (_, v) => v).filter((v) => !excludedVoxels.includes(v));
  const settings = { fbns: 3, epochs: 1, batchSize: 8 };
  const request = await smallTraining({ excludedVoxels, settings });
  const { epochs, checkpoints } = await trainEmbedding(request, quiet);
  const { state } = await readTrainingState(checkpoints.last);
  for (const array of [state.weights.theta.values, state.weights.theta.firstMoment, state.weights.theta.secondMoment])
    for (let row = 0; row < 6; row++) for (const v of excludedVoxels) expect(array[row * 20 + v]).toBe(0);
  const changed = request.train.map((source) => {
    const load: SampleSource['load'] = async (into) => {
      await source.load(into);
      for (let t = 0; t < source.time; t++) for (const v of excludedVoxels) into[t * 20 + v] = 5 * t - 9;
    };
    return { ...source, load };
  });
  const again = await outcome({ ...request, train: changed });
  expect(again.epochs[0]!.trainLoss).toBeCloseTo(epochs[0]!.trainLoss, 6);
  for (const v of included) expect(again.weights.theta.values[v]).toBeCloseTo(state.weights.theta.values[v]!, 6);
});

test('N in the loss counts the voxels that take part', async () => {
  const request = await smallTraining({ validation: [], settings: { fbns: 2, epochs: 1, batchSize: 8, learningRate: 1e-12 } });
  const excludedVoxels = Uint32Array.of(4, 5, 6, 7);
  const { epochs, checkpoints } = await trainEmbedding({ ...request, excludedVoxels }, quiet);
  const { theta } = await readEmbedding(checkpoints.last);
  expect(epochs[0]!.trainLoss).toBeCloseTo(await directLoss(request.train, theta, 2, excludedVoxels), 5);
});

test('runs of different length count by their time points', async () => {
  const train = makeSamples([5, 30, 11], 20);
  const settings = { fbns: 2, epochs: 1, batchSize: 3, learningRate: 1e-12 };
  const { epochs, checkpoints } = await trainEmbedding(await smallTraining({ train, validation: train, settings }), quiet);
  const { theta } = await readEmbedding(checkpoints.last);
  const expected = await directLoss(train, theta, 2, new Uint32Array());
  expect(epochs[0]!.trainLoss).toBeCloseTo(expected, 5);
  expect(epochs[0]!.validationLoss).toBeCloseTo(expected, 5);
});

test('a loss that is not finite stops the training, names the run and keeps the last good checkpoint', async () => {
  const request = await smallTraining();
  const { checkpoints } = await trainEmbedding(request, quiet);
  const before = await readFile(checkpoints.last);
  let reads = 0;
  const train = request.train.map((source, i) => {
    const load: SampleSource['load'] = async (into) => {
      await source.load(into);
      // Bad from the second reading on: after the sum of squares was found to be finite.
      if (i === 2 && ++reads > 1) into[3] = NaN;
    };
    return { ...source, load };
  });
  const settings = { ...request.settings, epochs: 9 };
  const broken = trainEmbedding({ ...request, settings, train, resumeFrom: checkpoints.last }, quiet);
  await expect(broken).rejects.toThrow(UserError);
  await expect(broken).rejects.toThrow(
    /loss is no longer finite at sub-3 \(epoch 8, step [123]\).*found NaN\).*look at that run/,
  );
  const { state } = await readTrainingState(checkpoints.last);
  expect(state.weights.theta.values.every(Number.isFinite)).toBe(true);
  // The state before the step that failed, and the best epoch until then.
  expect(state.history).toHaveLength(7);
  expect((await readEmbedding(checkpoints.best)).description.epoch).toBe(state.best!.epoch);
  expect((await readFile(checkpoints.last)).length).toBeGreaterThanOrEqual(before.length);
});

test('a run that is not finite from the start is named', async () => {
  const values = new Float32Array(12 * 20).fill(1);
  values[17] = Infinity;
  const train = [...makeSamples([12], 20), samplesInMemory('sub-bad', 12, 20, values)];
  await expect(trainEmbedding(await smallTraining({ train }), quiet)).rejects.toThrow(/run cannot be used.*sub-bad/);
});

test('weights that grow without bound are never saved', async () => {
  const request = await smallTraining({ validation: [], settings: { fbns: 3, epochs: 3, batchSize: 8, learningRate: 1e38 } });
  await expect(trainEmbedding(request, quiet)).rejects.toThrow(
    /epoch \d, step 1.*weights have diverged: lower the learning rate/,
  );
  for (const file of await readdir(request.checkpointFolder)) {
    const { theta } = await readEmbedding(join(request.checkpointFolder, file));
    expect(theta.every(Number.isFinite)).toBe(true);
  }
});

test('data and settings that do not fit are explained', async () => {
  const train = async (changes: Partial<TrainingRequest>) => trainEmbedding(await smallTraining(changes), quiet);
  await expect(train({ train: [] })).rejects.toThrow(/no run to train on/);
  await expect(train({ voxels: 21 })).rejects.toThrow(/sub-1 \(expected 21 voxels, found 20\)/);
  await expect(train({ settings: { fbns: 0 } })).rejects.toThrow(/setting "fbns" cannot be used/);
  await expect(train({ settings: { learningRate: NaN } })).rejects.toThrow(/setting "learningRate"/);
  await expect(train({ excludedVoxels: Uint32Array.from({ length: 20 }, (_, v) => v) })).rejects.toThrow(/no voxel is valid/);
});

/** Σ_b ‖S_b W V − S_b‖² / Σ_b T_b N by the definition, in float64. */
async function directLoss(samples: readonly SampleSource[], theta: Float32Array, fbns: number, excluded: Uint32Array) {
  let squaredError = 0;
  let count = 0;
  for (const source of samples) {
    const { time, voxels } = source;
    const S = new Float32Array(time * voxels);
    await source.load(S);
    for (let t = 0; t < time; t++) {
      const h = Array.from({ length: fbns }, (_, i) =>
        S.subarray(t * voxels, (t + 1) * voxels).reduce((sum, value, v) => sum + value * theta[i * voxels + v]!, 0),
      );
      for (let v = 0; v < voxels; v++) {
        if (excluded.includes(v)) continue;
        const reconstructed = h.reduce((sum, value, i) => sum + value * theta[(fbns + i) * voxels + v]!, 0);
        squaredError += (reconstructed - S[t * voxels + v]!) ** 2;
        count++;
      }
    }
  }
  return squaredError / count;
}
