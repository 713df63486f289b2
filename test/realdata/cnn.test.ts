import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addTaps } from '../../src-main/cnn/add-taps';
import { readCheckpointInfo } from '../../src-main/cnn/checkpoint-info';
import { describeModel } from '../../src-main/cnn/describe-model';
import { extractActivations } from '../../src-main/cnn/extract-activations';
import { Extraction } from '../../src-main/cnn/extraction';
import type { Layer } from '../../src-main/cnn/find-layers';
import { readModel, type LoadedModel } from '../../src-main/cnn/read-model';
import { selectLayers } from '../../src-main/cnn/select-layers';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { openFrameSeries } from '../../src-main/stimulus/frame-series';
import { openCheckpoint } from '../../src-main/files/open-checkpoint';
import { valuesOf } from '../../src-main/files/torch/tensor-types';
import { frameSourceFromPath } from '../../src-main/stimulus/frame-source';
import { framesInMemory, streamFrames, type FrameStream } from '../../src-preload/shared/domain/frames';
import { quietContext } from '../../src-preload/shared/domain/work';
import { realdataAvailable, realdataPath } from './realdata-folder';

interface Golden {
  photos: Record<string, { taps: Record<string, number[]>; top3: [number, number][] }>;
}

describe.skipIf(!realdataAvailable)('trained CNNs', () => {
  const squeezenet = realdataPath('cnn', 'squeezenet_v1.0_imagenet.onnx');
  const golden = () => JSON.parse(readFileSync(realdataPath('cnn', 'squeezenet_golden.json'), 'utf8')) as Golden;
  const inputOf = (photo: string) =>
    new Float32Array(new Uint8Array(readFileSync(realdataPath('cnn', `${photo}_input.f32`))).buffer);

  function expectClose(found: ArrayLike<number>, expected: readonly number[], what: string, tolerance: number): void {
    expect(found.length, what).toBe(expected.length);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(found[i]! - value)), 0);
    expect(worst / scale, what).toBeLessThanOrEqual(tolerance);
  }

  /** Maxima of the golden layers for inputs [frames, 3, 227, 227] as the model takes them. */
  async function runTapped(model: LoadedModel, layers: readonly Layer[], inputs: readonly Float32Array[]) {
    const session = await onnxruntimeEngine.createSession(addTaps(model, layers, 'max'));
    const data = new Float32Array(inputs.length * inputs[0]!.length);
    inputs.forEach((input, i) => data.set(input, i * input.length));
    const outputs = await session.run({
      [session.inputNames[0]!]: { type: 'float32', dims: [inputs.length, 3, 227, 227], data },
    });
    await session.release();
    return (name: string, i: number): Float32Array => {
      const { dims, data: rows } = outputs[name]!;
      return (rows as Float32Array).subarray(i * dims[1]!, (i + 1) * dims[1]!);
    };
  }

  test('SqueezeNet: filter maxima as PyTorch computes them, both photos in one run', async () => {
    const { photos } = golden();
    const model = await readModel(squeezenet);
    const names = Object.keys(Object.values(photos)[0]!.taps);
    const layers = selectLayers(describeModel(model), names);
    expect(layers).toHaveLength(names.length);
    const maxima = await runTapped(model, layers, Object.keys(photos).map(inputOf));
    Object.entries(photos).forEach(([photo, { taps }], i) => {
      for (const [name, expected] of Object.entries(taps)) expectClose(maxima(name, i), expected, `${photo} ${name}`, 1e-3);
    });
  });

  test('SqueezeNet: the same from uint8 RGB frames through the whole extraction', async () => {
    const { photos } = golden();
    const model = await readModel(squeezenet);
    const layers = selectLayers(describeModel(model), Object.keys(Object.values(photos)[0]!.taps));
    const mean = [104, 117, 123];
    const inputs = Object.keys(photos).map(inputOf);
    const plane = 227 * 227;
    // The golden inputs were resized in floating point; frames are whole numbers, as are these.
    const rounded = inputs.map((input) =>
      input.map((value, i) => Math.round(value + mean[Math.floor(i / plane)]!) - mean[Math.floor(i / plane)]!),
    );
    const pixels = rounded.flatMap((input) =>
      Array.from(input, (_, i) => input[(2 - (i % 3)) * plane + Math.floor(i / 3)]! + mean[2 - (i % 3)]!),
    );
    const found: Record<string, Float32Array>[] = [];
    await extractActivations(
      {
        ...{ engine: onnxruntimeEngine, model, layers, reducer: 'max', batchSize: 1 },
        preprocessing: { mean, std: [1, 1, 1], scale: 1, channelOrder: 'BGR' },
        frames: framesInMemory(Uint8Array.from(pixels), { width: 227, height: 227 }),
        onBatch: (_, activations) => void found.push(activations),
      },
      quietContext(),
    );
    const maxima = await runTapped(model, layers, rounded);
    Object.entries(photos).forEach(([photo, { taps }], i) => {
      for (const [name, expected] of Object.entries(taps)) {
        expectClose(found[i]![name]!, [...maxima(name, i)], `${photo} ${name}`, 1e-4);
        expectClose(found[i]![name]!, expected, `${photo} ${name}`, 2e-2);
      }
    });
  });

  test.each([
    { file: 'squeezenet_v1.0_imagenet.onnx', convolutions: 26, width: 227, height: 227 },
    { file: 'ppocr_cls.onnx', convolutions: 53, width: null, height: null },
    { file: 'ultraface_slim320.onnx', convolutions: 42, width: 320, height: 240 },
  ])('$file: described, tapped at every convolution, and run on photographs', async ({ file, convolutions, width, height }) => {
    const model = await readModel(realdataPath('cnn', file));
    const description = describeModel(model);
    expect(description.input).toMatchObject({ layout: 'NCHW', channels: 3, width, height });
    expect(description.layers.filter(({ kind }) => kind === 'convolution')).toHaveLength(convolutions);
    const blocks = selectLayers(description, 'blocks');
    expect(blocks.length).toBeGreaterThanOrEqual(4);
    expect(blocks.length).toBeLessThanOrEqual(5);
    const layers = selectLayers(description, 'all');
    expect(layers).toHaveLength(convolutions);
    const frames = await frameSourceFromPath(realdataPath('photos'), { width: 256, height: 180 }, quietContext());
    const activations: Record<string, Float32Array>[] = [];
    const warnings: string[] = [];
    const summary = await extractActivations(
      { engine: onnxruntimeEngine, model, layers, reducer: 'max', frames, onBatch: (_, batch) => void activations.push(batch) },
      { ...quietContext(), warn: (message) => warnings.push(message) },
    );
    expect(warnings).toEqual([]);
    expect(summary).toMatchObject({ frames: 5, nonFinite: {} });
    for (const { name, filters } of layers)
      expect(activations.reduce((sum, batch) => sum + batch[name]!.length, 0)).toBe(5 * filters!);
  });

  test('SqueezeNet on real videos: frames that are decoded while it runs give what frames decoded beforehand give', async () => {
    const model = await readModel(squeezenet);
    const layers = selectLayers(describeModel(model), ['relu_conv1', 'relu_conv_final']);
    const settings = { engine: onnxruntimeEngine, model, layers, reducers: ['max', 'norm2'] as const, batchSize: 8 };
    const size = { width: 227, height: 227 };
    const BATCHES = 4;
    const firstOf = (frames: FrameStream): FrameStream => {
      let batches = 0;
      const none = Promise.resolve({ count: 0, pixels: new Uint8Array() });
      return { ...frames, next: (most) => (batches++ < BATCHES ? frames.next(most) : none) };
    };
    for (const clip of ['bigbuckbunny.mp4', 'bikes.mp4']) {
      const path = realdataPath('movie', clip);
      const extraction = await Extraction.open(settings, size, quietContext());
      const collect = async (frames: FrameStream) => {
        const found: Record<string, number[]> = {};
        const summary = await extraction.run(
          firstOf(frames),
          ({ activations }) => Object.entries(activations).forEach(([tap, values]) => (found[tap] ??= []).push(...values)),
          quietContext(),
        );
        return { found, summary };
      };
      const video = await openFrameSeries(path, size, quietContext());
      const streamed = await collect(video);
      await video.close();
      const spooled = await frameSourceFromPath(path, size, quietContext());
      const beforehand = await collect(streamFrames(spooled));
      await spooled.close();
      await extraction.release();
      expect(streamed.summary).toMatchObject({ frames: 8 * BATCHES, nonFinite: {} });
      for (const [tap, values] of Object.entries(beforehand.found))
        expectClose(streamed.found[tap]!, values, `${clip} ${tap}`, 1e-4);
      expect(Object.keys(streamed.found)).toHaveLength(4);
    }
  }, 240_000);

  test('a checkpoint in the wild: every tensor is listed and readable, and no bundled network claims it', async () => {
    const path = realdataPath('cnn', 'ultraface_rfb320.pth');
    const info = await readCheckpointInfo(path);
    expect(info).toMatchObject({ format: 'PyTorch legacy', architecture: null, mismatch: expect.stringMatching(/no bundled/) });
    expect(info.tensors).toHaveLength(244);
    expect(info.tensors[0]).toEqual({ name: 'base_net.0.0.weight', type: 'float32', shape: [16, 3, 3, 3] });
    const checkpoint = await openCheckpoint(path);
    for (const { name, shape } of info.tensors) {
      const values = valuesOf(checkpoint.tensors.get(name)!.type, await checkpoint.readBytes(name));
      expect(values).toHaveLength(shape.reduce((product, size) => product * size, 1));
      expect(Array.from(values as ArrayLike<number | bigint>, Number).every(Number.isFinite), name).toBe(true);
    }
    await checkpoint.close();
  });

  test('a checkpoint and a folder are no ONNX models', async () => {
    await expect(readModel(realdataPath('cnn', 'ultraface_rfb320.pth'))).rejects.toThrow(/not a model.*(pickle|zip)/);
    await expect(readModel(realdataPath('cnn'))).rejects.toThrow(/a folder/);
  });
});
