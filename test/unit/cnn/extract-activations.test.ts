import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { describeModel } from '../../../src-main/cnn/describe-model';
import { extractActivations, type ExtractionRequest } from '../../../src-main/cnn/extract-activations';
import { Extraction, type ActivationBatch } from '../../../src-main/cnn/extraction';
import { readModel, type LoadedModel } from '../../../src-main/cnn/read-model';
import { selectLayers, type LayerSelection } from '../../../src-main/cnn/select-layers';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';
import { framesInMemory, streamFrames, type FrameSource } from '../../../src-preload/shared/domain/frames';
import { saidOutOfMemory } from '../../../src-preload/shared/domain/out-of-memory';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { writeEnlargingModel } from '../../fixtures/enlarging-model';
import { largestDifference, load, SmallCnn, uniform } from './small-models';

const FRAMES = 11;
const WIDTH = 12;
const HEIGHT = 10;
const pixels = Uint8Array.from(uniform(FRAMES * WIDTH * HEIGHT * 3, 3), (value) => (value + 1) * 127.9);
const frames = framesInMemory(pixels, { width: WIDTH, height: HEIGHT });

function smallNet(dims: (number | string)[] = ['n', 3, 'h', 'w']): SmallCnn {
  const cnn = new SmallCnn('small');
  const first = cnn.node('Relu', [cnn.convolution(cnn.input('x', 'float', dims), { from: 3, to: 4 })], {}, 'first');
  cnn.finish(cnn.convolution(cnn.pool(first), { from: 4, to: 6 }, 'second'), 6);
  return cnn;
}

/** All activations [frames, filters] by layer, the starts of the batches, and the summary. */
async function extract(
  model: LoadedModel,
  selection: LayerSelection = ['first', 'second'],
  options: Partial<ExtractionRequest> = {},
  context = quietContext(),
) {
  const layers = selectLayers(describeModel(model), selection);
  const activations: Record<string, number[]> = Object.fromEntries(layers.map(({ name }) => [name, []]));
  const starts: number[] = [];
  const summary = await extractActivations(
    {
      ...{ engine: onnxruntimeEngine, model, layers, reducer: 'max', frames, batchSize: 4, ...options },
      onBatch(start, batch) {
        starts.push(start);
        for (const [name, values] of Object.entries(batch)) activations[name]!.push(...values);
      },
    },
    context,
  );
  return { activations, starts, summary };
}

test('every frame once and in order, whatever the batch size', async () => {
  const model = await load(smallNet());
  const { activations, starts, summary } = await extract(model);
  expect(starts).toEqual([0, 4, 8]);
  expect(summary).toMatchObject({ frames: FRAMES, batchSize: 4, width: WIDTH, height: HEIGHT, nonFinite: {} });
  expect(summary.framesPerSecond).toBeGreaterThan(0);
  expect(activations.first).toHaveLength(FRAMES * 4);
  const alone = await extract(model, undefined, { batchSize: 1 });
  expect(largestDifference(activations.second!, alone.activations.second!)).toBeLessThan(1e-6);
});

test('goes on at a frame', async () => {
  const model = await load(smallNet());
  const whole = await extract(model);
  const rest = await extract(model, undefined, { startFrame: 7 });
  expect(rest.starts).toEqual([7]);
  expect(rest.summary.frames).toBe(4);
  expect(largestDifference(rest.activations.first!, whole.activations.first!.slice(7 * 4))).toBeLessThan(1e-6);
  const nothing = await extract(model, undefined, { startFrame: FRAMES });
  expect(nothing).toMatchObject({ starts: [], summary: { frames: 0, framesPerSecond: null } });
});

test('frames are resized to the size that a model takes', async () => {
  const model = await load(smallNet([1, 3, 20, 16]));
  const { activations, summary } = await extract(model);
  expect(summary).toMatchObject({ width: 16, height: 20, batchSize: 4 });
  const resized: Buffer[] = [];
  for (let i = 0; i < FRAMES; i++) {
    const frame = sharp(pixels.subarray(i * 360, (i + 1) * 360), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
    resized.push(await frame.resize(16, 20, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer());
  }
  const beforehand = await extract(model, undefined, {
    frames: framesInMemory(Buffer.concat(resized), { width: 16, height: 20 }),
  });
  expect(largestDifference(activations.second!, beforehand.activations.second!)).toBeLessThan(1e-6);
});

/** Fixed at one frame in a way that cannot be freed: the frame's own maps are compared with a constant of their size. */
function stubborn(batch: number): SmallCnn {
  const cnn = new SmallCnn('stubborn');
  const first = cnn.convolution(cnn.input('x', 'float', [batch, 3, HEIGHT, WIDTH]), { from: 3, to: 4 }, 'first');
  const flat = cnn.op('Reshape', first, cnn.integers([4 * batch, HEIGHT * WIDTH]));
  const back = cnn.op('Reshape', flat, cnn.integers([batch, 4, HEIGHT, WIDTH]));
  cnn.finish(cnn.convolution(back, { from: 4, to: 6 }, 'second'), 6);
  return cnn;
}

test.each([1, 3])('a model that only takes %i frames is run with that many, and says so', async (batch) => {
  const warnings: string[] = [];
  const { activations, starts, summary } = await extract(
    await load(stubborn(batch)),
    ['second'],
    {},
    {
      ...quietContext(),
      warn: (message) => warnings.push(message),
    },
  );
  expect(summary.batchSize).toBe(batch);
  expect(starts[1]).toBe(batch);
  expect(warnings).toEqual([
    `the model was exported for ${batch} frame${batch === 1 ? '' : 's'} per run and takes no other number; this is slower`,
  ]);
  expect(activations.second).toHaveLength(FRAMES * 6);
  const free = new SmallCnn('free');
  const first = free.convolution(free.input('x', 'float', ['n', 3, HEIGHT, WIDTH]), { from: 3, to: 4 }, 'first');
  free.finish(free.convolution(first, { from: 4, to: 6 }, 'second'), 6);
  expect(largestDifference(activations.second!, (await extract(await load(free), ['second'])).activations.second!)).toBeLessThan(
    1e-5,
  );
});

test('a model that mixes frames of one run is noticed', async () => {
  const cnn = new SmallCnn('mixing');
  const first = cnn.convolution(cnn.input('x', 'float', [1, 3, HEIGHT, WIDTH]), { from: 3, to: 4 }, 'first');
  // The mean over the batch is the frame itself as long as there is one frame.
  const mean = cnn.with('ReduceMean', [first, cnn.integers([0])], { keepdims: 1 });
  cnn.finish(cnn.convolution(cnn.op('Add', first, mean), { from: 4, to: 6 }, 'second'), 6);
  expect((await extract(await load(cnn), ['second'])).summary.batchSize).toBe(1);
});

test('activations that are no numbers are counted; only numbers that are all none are an error', async () => {
  const cnn = smallNet();
  const model = await load(cnn);
  const weights = model.model.graph.initializer![1]!;
  const values = new Float32Array(Uint8Array.from(weights.rawData!).buffer);
  values.fill(NaN, 0, values.length / 6);
  weights.rawData = new Uint8Array(values.buffer);
  const warnings: string[] = [];
  const { summary } = await extract(model, undefined, {}, { ...quietContext(), warn: (message) => warnings.push(message) });
  expect(summary.nonFinite).toEqual({ second: FRAMES });
  expect(warnings).toEqual([`${FRAMES} activations of layer second are NaN or infinite`]);
  weights.rawData = new Uint8Array(values.fill(NaN).buffer);
  await expect(extract(model, ['second'])).rejects.toThrow(/no finite activation.*66 values/);
});

test('can be cancelled between batches', async () => {
  const controller = new AbortController();
  const model = await load(smallNet());
  const started: number[] = [];
  const context = { ...quietContext(), signal: controller.signal };
  const onBatch = (start: number) => {
    started.push(start);
    controller.abort();
  };
  const layers = selectLayers(describeModel(model), 'last');
  const request = { engine: onnxruntimeEngine, model, layers, reducer: 'max' as const, frames, batchSize: 4, onBatch };
  await expect(extractActivations(request, context)).rejects.toBeInstanceOf(CancelledError);
  expect(started).toEqual([0]);
});

test('an unreadable frame, a model the engine refuses, and frames too small are explained', async () => {
  const failing: FrameSource = {
    ...frames,
    read: (start, count) => (start >= 4 ? Promise.reject(new Error('disk')) : frames.read(start, count)),
  };
  await expect(extract(await load(smallNet()), undefined, { frames: failing })).rejects.toThrow('disk');
  const odd = await load(smallNet());
  odd.model.graph.node.find(({ opType }) => opType === 'Relu')!.opType = 'LeakyRelu';
  odd.model.graph.node.find(({ opType }) => opType === 'LeakyRelu')!.domain = 'nobody.knows';
  await expect(extract(odd, ['second'])).rejects.toThrow(/cannot load the model.*model-\d+\.onnx/);
  const deep = new SmallCnn('deep');
  const narrow = deep.with('AveragePool', [deep.input('x', 'float', ['n', 3, 'h', 'w'])], { kernel_shape: [32, 32] });
  deep.finish(deep.convolution(narrow, { from: 3, to: 4 }, 'conv'), 4);
  await expect(extract(await load(deep), 'last')).rejects.toThrow(/cannot be run on such frames.*12×10/);
});

test('memory that ONNX Runtime does not get is not the fault of the model', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'syncact-enlarging-')), 'enlarging.onnx');
  writeEnlargingModel(file);
  const failure: unknown = await extract(await readModel(file), 'last').catch((caught: unknown) => caught);
  // The compute process makes its own line of it (process.ts).
  expect(failure).not.toBeInstanceOf(UserError);
  expect(saidOutOfMemory((failure as Error).message)).toMatch(/Failed to allocate memory/);
});

test('several reducers in one pass, and several sources through one session', async () => {
  const model = await load(smallNet());
  const layers = selectLayers(describeModel(model), ['first', 'second']);
  const settings = { engine: onnxruntimeEngine, model, layers, reducers: ['max', 'mean', 'norm2'] as const, batchSize: 4 };
  const extraction = await Extraction.open(settings, frames, quietContext());
  for (const start of [0, 5]) {
    const found: Record<string, number[]> = {};
    const store = ({ activations }: ActivationBatch) => {
      for (const [tap, values] of Object.entries(activations)) (found[tap] ??= []).push(...values);
    };
    await extraction.run(streamFrames(frames, start), store, quietContext());
    for (const reducer of settings.reducers) {
      const alone = await extract(model, undefined, { reducer, startFrame: start });
      expect(largestDifference(found[`second@${reducer}`]!, alone.activations.second!)).toBeLessThan(1e-5);
      expect(found[`first@${reducer}`]).toHaveLength((FRAMES - start) * 4);
    }
  }
  await extraction.release();
});
