import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CancelledError } from '../../../src-preload/shared/domain/errors';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { readEmbedding, readTrainingState } from '../../../src-main/embedding/checkpoint';
import { commonLength, cropStarts, type Crop } from '../../../src-main/embedding/crop';
import { encodeRuns } from '../../../src-main/embedding/encode';
import { Generator } from '../../../src-main/embedding/generator';
import { samplesInMemory, type SampleSource } from '../../../src-main/embedding/samples';
import { trainEmbedding, type TrainingRequest } from '../../../src-main/embedding/train';
import { makeSamples, newFolder, smallTraining } from './problem';

const quiet = quietContext();
const times = [12, 9, 17, 30, 9];
const variants = ['lt', 'lt-lstm', 'lt-msa'] as const;

async function request(crop: Crop, changes: Partial<TrainingRequest> = {}, variant: (typeof variants)[number] = 'lt') {
  const settings = { variant, fbns: 4, heads: 2, epochs: 4, batchSize: 3, seed: 1, crop };
  return smallTraining({ train: makeSamples(times, 20), validation: makeSamples([14], 20), settings, ...changes });
}

async function outcome(wanted: TrainingRequest) {
  const { epochs, bestEpoch, checkpoints } = await trainEmbedding(wanted, quiet);
  const { state } = await readTrainingState(checkpoints.last);
  const losses = epochs.map(({ trainLoss, validationLoss }) => [trainLoss, validationLoss]);
  return {
    losses,
    bestEpoch,
    weights: state.weights,
    generator: state.generator,
    best: (await readEmbedding(checkpoints.best)).theta,
  };
}

/** A source that holds a stretch of another one and nothing else. */
async function stretch(source: SampleSource, start: number, time: number): Promise<SampleSource> {
  const values = new Float32Array(time * source.voxels);
  await source.load(values, start);
  return samplesInMemory(source.name, time, source.voxels, values);
}

test('runs are cut to the shortest only where their lengths differ', () => {
  expect(commonLength({ crop: 'start' }, times)).toBe(9);
  expect(commonLength({ crop: 'none' }, times)).toBeNull();
  expect(commonLength({ crop: 'random' }, [9, 9])).toBeNull();
  expect(commonLength({ crop: 'end' }, [])).toBeNull();
});

test('stretches begin at the start, at the end, or anywhere, each place as likely', () => {
  const generator = Generator.fromSeed(4);
  expect(cropStarts('start', times, 9, generator)).toEqual([0, 0, 0, 0, 0]);
  expect(cropStarts('end', times, 9, generator)).toEqual([3, 0, 8, 21, 0]);
  expect(generator.state).toEqual(Generator.fromSeed(4).state);
  const drawn = Array.from({ length: 4000 }, () => cropStarts('random', times, 9, generator)[0]!);
  for (let start = 0; start <= 3; start++) expect(drawn.filter((one) => one === start).length).toBeGreaterThan(880);
  expect(Math.max(...drawn)).toBe(3);
});

test.each(['start', 'end'] as const)(
  'cut at the %s, a training is that of the stretches alone, to the last bit',
  async (crop) => {
    const train = makeSamples(times, 20);
    const starts = cropStarts(crop, times, 9, Generator.fromSeed(0));
    const stretches = await Promise.all(train.map((source, i) => stretch(source, starts[i]!, 9)));
    expect(await outcome(await request(crop))).toEqual(await outcome(await request('none', { train: stretches })));
    expect(await outcome(await request(crop, { keepBytes: 1e6 }))).toEqual(await outcome(await request(crop)));
  },
);

test('random stretches differ from epoch to epoch and are never kept', async () => {
  const reads: string[] = [];
  const train = makeSamples(times, 20).map((source): SampleSource => ({
    ...source,
    load: (into, firstRow = 0) => {
      if (source.name === 'sub-4') reads.push(`${firstRow} ${into.length / 20}`);
      return source.load(into, firstRow);
    },
  }));
  await trainEmbedding(await request('random', { train, keepBytes: 1e6 }), quiet);
  expect(reads).toHaveLength(4);
  expect(reads.every((read) => read.endsWith(' 9'))).toBe(true);
  expect(new Set(reads).size).toBeGreaterThan(1);
});

test.each(variants.flatMap((variant) => (['start', 'random'] as const).map((crop) => [variant, crop] as const)))(
  '%s with runs cut (%s): cancelled anywhere and resumed, every bit is the same',
  async (variant, crop) => {
    const whole = await outcome(await request(crop, {}, variant));
    for (const reads of [2, 7, 13]) {
      const cancelled = await request(crop, {}, variant);
      const controller = new AbortController();
      let count = 0;
      const counting = (source: SampleSource): SampleSource => ({
        ...source,
        load: (into, firstRow) => {
          if (++count === reads) controller.abort();
          return source.load(into, firstRow);
        },
      });
      const counted = { ...cancelled, train: cancelled.train.map(counting), validation: cancelled.validation.map(counting) };
      await expect(trainEmbedding(counted, { ...quiet, signal: controller.signal })).rejects.toThrow(CancelledError);
      const resumeFrom = join(cancelled.checkpointFolder, 'last.safetensors');
      expect(await outcome({ ...cancelled, resumeFrom })).toEqual(whole);
    }
  },
  30_000,
);

test('validation and encoding take whole runs', async () => {
  const wanted = await request('start');
  const { checkpoints, epochs, bestEpoch } = await trainEmbedding(wanted, quiet);
  const lengths: number[] = [];
  let explained = 0;
  const samples = makeSamples([14], 20);
  await encodeRuns({ ...wanted, checkpoint: checkpoints.best, samples }, quiet, (_, run) => {
    lengths.push(run.activations.columns);
    explained = run.explainedVariance;
  });
  expect(lengths).toEqual([14]);
  const values = new Float32Array(14 * 20);
  await samples[0]!.load(values);
  const power = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  expect(epochs[bestEpoch - 1]!.validationLoss! / power).toBeCloseTo(1 - explained, 4);
});

test('another way of cutting is another training', async () => {
  const wanted = await request('start');
  const { checkpoints } = await trainEmbedding(wanted, quiet);
  const other = { ...wanted, settings: { ...wanted.settings, crop: 'end' as const }, checkpointFolder: await newFolder() };
  await expect(trainEmbedding({ ...other, resumeFrom: checkpoints.last }, quiet)).rejects.toThrow(/settings \(crop\) differ/);
});
