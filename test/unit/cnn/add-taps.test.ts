import { expect, test } from 'vitest';
import { addTaps, type Reducer } from '../../../src-main/cnn/add-taps';
import { describeModel } from '../../../src-main/cnn/describe-model';
import { IMAGENET_PREPROCESSING, type Preprocessing } from '../../../src-main/cnn/preprocessing';
import type { LoadedModel } from '../../../src-main/cnn/read-model';
import { selectLayers, type LayerSelection } from '../../../src-main/cnn/select-layers';
import { decodeModel, ElementType, encodeModel } from '../../../src-main/onnx/model';
import type { Tensor } from '../../../src-preload/shared/domain/engine';
import { largestDifference, load, reduceMaps, runModel, SmallCnn, uniform, valuesInside } from './small-models';

const images = (frames: number, height = 16, width = 12): Tensor => ({
  type: 'float32',
  dims: [frames, 3, height, width],
  data: uniform(frames * 3 * height * width, 77),
});

/** Two convolutions with a Relu, a join, and a dense end that taps do not need. */
function twoLayers(batch: number | string = 'frames'): SmallCnn {
  const cnn = new SmallCnn('two layers');
  const first = cnn.convolution(cnn.input('x', 'float', [batch, 3, 16, 12]), { from: 3, to: 4 }, 'first');
  const second = cnn.convolution(cnn.pool(cnn.op('Relu', first)), { from: 4, to: 6 }, 'second');
  cnn.finish(cnn.node('Relu', [second], {}, 'end'), 6);
  return cnn;
}

const tap = (model: LoadedModel, selection: LayerSelection, reducer: Reducer, options = {}) =>
  addTaps(model, selectLayers(describeModel(model), selection), reducer, options);

test.each<[Reducer, number]>([
  ['max', 21],
  ['mean', 21],
  ['norm2', 21],
  ['max', 9],
  ['norm2', 9],
  ['norm2', 17],
  ['norm2', 18],
])('%s of every filter in opset %i', async (reducer, opset) => {
  const model = await load(twoLayers(), opset);
  const outputs = await runModel(tap(model, ['first', 'end'], reducer), images(3));
  expect(Object.keys(outputs)).toEqual(['first', 'end']);
  for (const [name, filters] of [
    ['first', 4],
    ['end', 6],
  ] as const) {
    expect(outputs[name]!.dims).toEqual([3, filters]);
    const expected = reduceMaps(await valuesInside(model, name, images(3)), reducer);
    expect(largestDifference(outputs[name]!.data as Float32Array, expected)).toBeLessThan(1e-5);
  }
});

test('what the taps do not need is gone, and the model itself is as it was', async () => {
  const model = await load(twoLayers());
  const before = encodeModel(model.model);
  const { graph } = decodeModel(tap(model, ['first'], 'max'));
  expect(graph.node.map(({ opType }) => opType)).toEqual(['Conv', 'GlobalMaxPool', 'Flatten']);
  expect(graph.initializer).toHaveLength(1);
  expect(graph.output.map(({ name }) => name)).toEqual(['first']);
  expect(encodeModel(model.model)).toEqual(before);
});

test('layers that bear the name of the input or of another tensor', async () => {
  const cnn = new SmallCnn('names');
  const x = cnn.input('data', 'float', ['n', 3, 8, 8]);
  const first = cnn.name(cnn.convolution(x, { from: 3, to: 2 }, 'a'), 'b');
  cnn.finish(cnn.name(cnn.convolution(first, { from: 2, to: 2 }, 'b'), 'data'), 2);
  const model = await load(cnn);
  const outputs = await runModel(tap(model, ['b', 'data'], 'max'), images(1, 8, 8));
  expect(outputs.b!.data).toEqual(Float32Array.from(reduceMaps(await valuesInside(model, 'a', images(1, 8, 8)), 'max')));
  expect(outputs.data!.data).toEqual(Float32Array.from(reduceMaps(await valuesInside(model, 'b', images(1, 8, 8)), 'max')));
});

test('maps with channels last are reduced over their own axes', async () => {
  const cnn = new SmallCnn('last');
  const first = cnn.convolution(cnn.input('x', 'float', ['n', 3, 16, 12]), { from: 3, to: 5 }, 'conv');
  const turned = cnn.with('Transpose', [first], { perm: [0, 2, 3, 1] });
  const active = cnn.node('Relu', [turned], {}, 'active');
  cnn.finish(cnn.with('Transpose', [active], { perm: [0, 3, 1, 2] }), 5);
  const model = await load(cnn);
  const maps = await valuesInside(model, 'conv', images(2));
  const positive = { ...maps, data: (maps.data as Float32Array).map((value) => Math.max(0, value)) };
  for (const reducer of ['max', 'mean', 'norm2'] as const) {
    const { active: found } = await runModel(tap(model, ['active'], reducer), images(2));
    expect(largestDifference(found!.data as Float32Array, reduceMaps(positive, reducer))).toBeLessThan(1e-5);
  }
});

test('a model exported for one frame takes several, past Reshape and Resize that name the one', async () => {
  const cnn = new SmallCnn('one frame');
  const first = cnn.convolution(cnn.input('x', 'float', [1, 3, 16, 12]), { from: 3, to: 4 });
  const folded = cnn.op('Reshape', first, cnn.integers([1, 2, 2, 16, 12]));
  const back = cnn.op('Reshape', cnn.with('Transpose', [folded], { perm: [0, 2, 1, 3, 4] }), cnn.integers([1, -1, 16, 12]));
  const shape = cnn.with('Concat', [cnn.integers([1]), cnn.integers([4]), cnn.integers([16]), cnn.integers([12])], { axis: 0 });
  const composed = cnn.op('Reshape', back, shape);
  const zero = cnn.with('Reshape', [composed, cnn.integers([1, -1, 16, 12])], { allowzero: 1 });
  const resized = cnn.with('Resize', [zero, '', '', cnn.integers([1, 4, 8, 6])], { mode: 'nearest' });
  cnn.finish(cnn.convolution(resized, { from: 4, to: 6 }, 'end'), 6);
  const model = await load(cnn);
  const single = tap(model, ['end'], 'max', { keepBatch: true });
  const expected: number[] = [];
  const frames = images(3);
  for (let i = 0; i < 3; i++) {
    const frame = { ...images(1), data: (frames.data as Float32Array).slice(i * 576, (i + 1) * 576) };
    expected.push(...((await runModel(single, frame)).end!.data as Float32Array));
  }
  const { end } = await runModel(tap(model, ['end'], 'max'), frames);
  expect(end!.dims).toEqual([3, 6]);
  expect(largestDifference(end!.data as Float32Array, expected)).toBeLessThan(1e-6);
});

const pixels = (frames: number): Tensor => ({
  type: 'uint8',
  dims: [frames, 16, 12, 3],
  data: Uint8Array.from(uniform(frames * 16 * 12 * 3, 5), (value) => (value + 1) * 127.9),
});

/** (pixel × scale − mean) / std in the order of the model's channels, [frames, 3, y, x]. */
function normalise({ data }: Tensor, frames: number, { mean, std, scale, channelOrder }: Preprocessing): Float32Array {
  const result = new Float32Array(frames * 3 * 192);
  for (let i = 0; i < frames * 192; i++) {
    for (let c = 0; c < 3; c++) {
      const value = Number(data[i * 3 + (channelOrder === 'RGB' ? c : 2 - c)]) * scale;
      result[Math.floor(i / 192) * 576 + c * 192 + (i % 192)] = (value - mean[c]!) / std[c]!;
    }
  }
  return result;
}

test.each<[string, Preprocessing]>([
  ['ImageNet', IMAGENET_PREPROCESSING],
  ['Caffe', { mean: [104, 117, 123], std: [1, 1, 1], scale: 1, channelOrder: 'BGR' }],
  ['uneven', { mean: [0.1, 0.2, 0.3], std: [1, 2, 3], scale: 1 / 127.5, channelOrder: 'BGR' }],
])('preprocessing inside the graph: %s', async (_, preprocessing) => {
  const model = await load(twoLayers());
  const ready = { ...images(2), data: normalise(pixels(2), 2, preprocessing) };
  const expected = reduceMaps(await valuesInside(model, 'second', ready), 'max');
  const { second } = await runModel(tap(model, ['second'], 'max', { preprocessing }), pixels(2));
  expect(largestDifference(second!.data as Float32Array, expected)).toBeLessThan(1e-5);
});

test('preprocessing for channels last, grey, float16 and uint8 inputs', async () => {
  const preprocessing = { mean: [0.2, 0.3, 0.4], std: [0.5, 0.6, 0.7], scale: 1 / 255, channelOrder: 'RGB' as const };
  const expectedOf = async (model: LoadedModel, data: Float32Array, dims: number[]) =>
    reduceMaps(await valuesInside(model, 'conv', { type: 'float32', dims, data }), 'max');
  const planes = normalise(pixels(1), 1, preprocessing);

  const last = new SmallCnn('channels last');
  const turned = last.with('Transpose', [last.input('x', 'float', [1, 16, 12, 3])], { perm: [0, 3, 1, 2] });
  last.finish(last.convolution(turned, { from: 3, to: 4 }, 'conv'), 4);
  const lastModel = await load(last);
  const nhwc = Float32Array.from({ length: 576 }, (_, i) => planes[(i % 3) * 192 + Math.floor(i / 3)]!);
  const found = (await runModel(tap(lastModel, ['conv'], 'max', { preprocessing }), pixels(1))).conv!;
  expect(largestDifference(found.data as Float32Array, await expectedOf(lastModel, nhwc, [1, 16, 12, 3]))).toBeLessThan(1e-5);

  const grey = new SmallCnn('grey');
  grey.finish(grey.convolution(grey.input('x', 'float', ['n', 1, 16, 12]), { from: 1, to: 4 }, 'conv'), 4);
  const greyModel = await load(grey);
  const mixed = Float32Array.from(
    { length: 192 },
    (_, i) => 0.299 * planes[i]! + 0.587 * planes[192 + i]! + 0.114 * planes[384 + i]!,
  );
  const greyFound = (await runModel(tap(greyModel, ['conv'], 'max', { preprocessing }), pixels(1))).conv!;
  expect(largestDifference(greyFound.data as Float32Array, await expectedOf(greyModel, mixed, [1, 1, 16, 12]))).toBeLessThan(
    1e-5,
  );

  const byte = new SmallCnn('bytes');
  const cast = byte.with('Cast', [byte.input('x', 'uint8', ['n', 3, 16, 12])], { to: ElementType.float });
  byte.finish(byte.convolution(cast, { from: 3, to: 4 }, 'conv'), 4);
  const byteModel = await load(byte);
  const raw = normalise(pixels(1), 1, { mean: [0, 0, 0], std: [1, 1, 1], scale: 1, channelOrder: 'RGB' });
  const bytePlanes = { type: 'uint8' as const, dims: [1, 3, 16, 12], data: Uint8Array.from(raw) };
  const byteExpected = reduceMaps(await valuesInside(byteModel, 'conv', bytePlanes), 'max');
  const byteFound = (await runModel(tap(byteModel, ['conv'], 'max', { preprocessing }), pixels(1))).conv!;
  expect(largestDifference(byteFound.data as Float32Array, byteExpected)).toBeLessThan(1e-5);
});

test('float16 models give float32 activations', async () => {
  const single = await load(twoLayers());
  const { model } = await load(twoLayers());
  const { graph } = model;
  graph.input[0]!.type!.tensorType!.elemType = ElementType.float16;
  graph.output[0]!.type!.tensorType!.elemType = ElementType.float16;
  for (const weights of graph.initializer!) {
    const values = new Float32Array(Uint8Array.from(weights.rawData!).buffer);
    weights.rawData = new Uint8Array(Float16Array.from(values).buffer);
    weights.dataType = ElementType.float16;
  }
  const half = await load(model);
  expect(describeModel(half).layers[0]!.elementType).toBe(ElementType.float16);
  for (const reducer of ['max', 'mean', 'norm2'] as const) {
    const options = { preprocessing: IMAGENET_PREPROCESSING };
    const found = await runModel(tap(half, ['first', 'end'], reducer, options), pixels(2));
    const expected = await runModel(tap(single, ['first', 'end'], reducer, options), pixels(2));
    for (const name of ['first', 'end']) {
      expect(found[name]!.type).toBe('float32');
      expect(largestDifference(found[name]!.data as Float32Array, expected[name]!.data as Float32Array)).toBeLessThan(1e-2);
    }
  }
});

test('impossible preprocessing and old opsets are refused', async () => {
  const model = await load(twoLayers());
  const preprocessing = { ...IMAGENET_PREPROCESSING, std: [0.2, 0, 0.2] };
  expect(() => tap(model, 'last', 'max', { preprocessing })).toThrow(/deviations above 0/);
  model.model.opsetImport = [{ domain: '', version: 6 }];
  expect(() => tap(model, 'last', 'max')).toThrow(/too old.*opset 6/);
});
