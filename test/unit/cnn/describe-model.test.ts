import { expect, test } from 'vitest';
import { describeModel } from '../../../src-main/cnn/describe-model';
import { selectLayers } from '../../../src-main/cnn/select-layers';
import { decodeModel } from '../../../src-main/onnx/model';
import { buildResNet18 } from '../../bench/resnet18';
import { load, SmallCnn } from './small-models';

const describeBytes = (bytes: Uint8Array) => describeModel({ path: 'model.onnx', model: decodeModel(bytes) });
const resnet = describeBytes(buildResNet18());

test('a ResNet-18: stages, blocks and convolutions under the names of PyTorch', () => {
  expect(resnet.input).toEqual({
    name: 'x',
    layout: 'NCHW',
    height: null,
    width: null,
    channels: 3,
    batch: null,
    elementType: 1,
  });
  const named = (name: string) => resnet.layers.find((layer) => layer.name === name);
  expect(named('layer3')).toMatchObject({
    kind: 'block',
    filters: 256,
    stride: 16,
    aliases: expect.arrayContaining(['layer3.1', 'layer3.1.relu_1']),
  });
  expect(named('layer1.0')).toMatchObject({ kind: 'block', filters: 64, stride: 4, depth: 3 });
  expect(named('layer4.0.downsample')).toMatchObject({
    aliases: expect.arrayContaining(['layer4.0.downsample.0']),
    kind: 'convolution',
    filters: 512,
    stride: 32,
  });
  expect(named('layer2.1.Add')).toMatchObject({ kind: 'block', filters: 128 });
  expect(named('conv1')).toMatchObject({ kind: 'convolution', activated: 'relu', depth: 1, stride: 2 });
  expect(new Set(resnet.layers.map(({ name }) => name)).size).toBe(resnet.layers.length);
  expect(resnet.layers.map(({ order }) => order)).toEqual(resnet.layers.map((_, i) => i));
  expect(resnet.layers.filter(({ kind }) => kind === 'convolution')).toHaveLength(20);
});

test('presets: last, blocks, all, names in any order', () => {
  const names = (selection: Parameters<typeof selectLayers>[1]) => selectLayers(resnet, selection).map(({ name }) => name);
  expect(names('last')).toEqual(['layer4']);
  expect(names('blocks')).toEqual(['relu', 'layer1', 'layer2', 'layer3', 'layer4']);
  expect(names('all')).toHaveLength(20);
  expect(names('all')[0]).toBe('relu');
  expect(names(['layer4', 'conv1', 'layer4.1.relu_1'])).toEqual(['conv1', 'layer4']);
});

test('before the activation: what went into it, of presets only', () => {
  const names = (selection: Parameters<typeof selectLayers>[1]) =>
    selectLayers(resnet, selection, 'before').map(({ name }) => name);
  expect(names('last')).toEqual(['layer4.1.Add']);
  expect(names('blocks')).toEqual(['conv1', 'layer1.1.Add', 'layer2.1.Add', 'layer3.1.Add', 'layer4.1.Add']);
  expect(names('all')[0]).toBe('conv1');
  expect(names(['layer4'])).toEqual(['layer4']);
});

test('an unknown name is answered with the nearest', () => {
  expect(() => selectLayers(resnet, ['layer5'])).toThrow(
    /no layer "layer5" \(expected one of layer1, layer2, layer3, layer4, .*…\)/,
  );
  expect(() => selectLayers(resnet, ['conv'])).toThrow(/one of conv1, /);
  expect(() => selectLayers(resnet, [])).toThrow(/no layer is named/);
});

test('a plain network without names: blocks are found by where the maps get coarser', async () => {
  const cnn = new SmallCnn('plain');
  let x = cnn.input('image', 'float', [1, 3, 64, 48]);
  let channels = 3;
  for (const [stage, width] of [4, 8, 8].entries()) {
    for (let i = 0; i < 2; i++) {
      x = cnn.op('Relu', cnn.convolution(x, { from: channels, to: width }));
      channels = width;
    }
    if (stage < 2) x = cnn.pool(x);
  }
  cnn.finish(x, 8);
  const model = await load(cnn);
  for (const node of model.model.graph.node) delete node.name;
  const description = describeModel(model);
  expect(description.input).toMatchObject({ height: 64, width: 48, batch: 1 });
  const blocks = selectLayers(description, 'blocks');
  expect(blocks.map(({ filters, stride, kind }) => [filters, stride, kind])).toEqual([
    [4, 1, 'activation'],
    [8, 2, 'activation'],
    [8, 4, 'activation'],
  ]);
  expect(selectLayers(description, 'last')).toEqual(blocks.slice(-1));
  expect(description.layers.every(({ name, tensor }) => name === tensor)).toBe(true);
});

test('old exports without node names take the names of the weights', async () => {
  const cnn = new SmallCnn('old');
  const x = cnn.input('x', 'float', [1, 3, 8, 8]);
  const first = cnn.name(cnn.convolution(x, { from: 3, to: 4, weights: 'features.0.weight' }), 'Conv_0');
  cnn.finish(cnn.name(cnn.convolution(first, { from: 4, to: 6, weights: 'features.2.weight' }), ''), 6);
  expect(describeModel(await load(cnn)).layers.map(({ name, filters }) => [name, filters])).toEqual([
    ['features.0', 4],
    ['features.2', 6],
  ]);
});

test('gates, hard swish, squeeze and excitation, joined branches and splits', async () => {
  const cnn = new SmallCnn('parts');
  const x = cnn.input('x', 'float', ['n', 3, 32, 32]);
  const silu = cnn.convolution(x, { from: 3, to: 8 }, 'silu_conv');
  const gated = cnn.name(cnn.op('Mul', silu, cnn.op('Sigmoid', silu)), 'silu');
  const hard = cnn.convolution(gated, { from: 8, to: 8 }, 'swish_conv');
  const clipped = cnn.op('Clip', cnn.op('Add', hard, cnn.scalar(3)), cnn.scalar(0), cnn.scalar(6));
  const swish = cnn.name(cnn.op('Div', cnn.op('Mul', hard, clipped), cnn.scalar(6)), 'swish');
  const squeezed = cnn.convolution(cnn.op('GlobalAveragePool', swish), { from: 8, to: 8, kernel: 1 }, 'squeeze');
  const excited = cnn.op('Mul', swish, cnn.op('HardSigmoid', squeezed));
  const [left, right] = cnn.nodes('Split', [excited], 2, { axis: 1, num_outputs: 2 });
  const branch = cnn.convolution(left!, { from: 4, to: 6 }, 'branch');
  const joined = cnn.name(cnn.with('Concat', [branch, right!], { axis: 1 }), 'joined');
  cnn.finish(cnn.op('Add', cnn.convolution(joined, { from: 10, to: 10 }, 'residual'), joined), 10);
  const { layers } = describeModel(await load(cnn));
  const layer = (name: string) => layers.find((candidate) => candidate.name === name || candidate.aliases.includes(name))!;
  expect(layer('silu_conv').activated).toBe('silu');
  expect(layer('swish_conv').activated).toBe('swish');
  expect(layer('squeeze')).toMatchObject({ stride: Infinity, filters: 8 });
  expect(layer('joined')).toMatchObject({ kind: 'block', filters: 10, stride: 1 });
  expect(layers.at(-1)).toMatchObject({ kind: 'block', filters: 10 });
  expect(selectLayers({ layers }, 'last')[0]).toBe(layers.at(-1));
});

test('a channel shuffle keeps the count', async () => {
  const cnn = new SmallCnn('shuffle');
  const first = cnn.convolution(cnn.input('x', 'float', [1, 3, 8, 8]), { from: 3, to: 6 });
  const grouped = cnn.op('Reshape', first, cnn.integers([1, 2, 3, 8, 8]));
  const shuffled = cnn.op('Reshape', cnn.with('Transpose', [grouped], { perm: [0, 2, 1, 3, 4] }), cnn.integers([1, -1, 8, 8]));
  const second = cnn.convolution(shuffled, { from: 6, to: 6 }, 'second');
  cnn.finish(cnn.with('Concat', [second, shuffled], { axis: 1 }), 12);
  expect(describeModel(await load(cnn)).layers.at(-1)).toMatchObject({ kind: 'block', filters: 12 });
});

test('a TensorFlow export: channels last at the input and around the activation', async () => {
  const cnn = new SmallCnn('nhwc');
  const x = cnn.input('image', 'float', [1, 20, 30, 3]);
  const first = cnn.convolution(cnn.with('Transpose', [x], { perm: [0, 3, 1, 2] }), { from: 3, to: 5 }, 'conv');
  const last = cnn.op(
    'Relu',
    cnn.op('Add', cnn.with('Transpose', [first], { perm: [0, 2, 3, 1] }), cnn.constant('bias', [5], new Float32Array(5))),
  );
  cnn.finish(cnn.with('Transpose', [last], { perm: [0, 3, 1, 2] }), 5);
  const { input, layers } = describeModel(await load(cnn));
  expect(input).toMatchObject({ layout: 'NHWC', height: 20, width: 30, channels: 3, batch: 1 });
  expect(layers.map(({ kind, filters, channelAxis }) => [kind, filters, channelAxis])).toEqual([
    ['convolution', 5, 1],
    ['normalization', 5, 3],
    ['activation', 5, 3],
  ]);
});

test('models that are no CNN on pictures are refused', async () => {
  const dense = new SmallCnn('dense');
  const product = dense.op('MatMul', dense.input('x', 'float', [1, 4]), dense.constant('w', [4, 2], new Float32Array(8)));
  dense.output('y', product, 'float', [1, 2]);
  expect(() => describeModel({ path: 'dense.onnx', model: dense.model() })).toThrow(/no convolution.*found operations MatMul/);
  const two = new SmallCnn('two');
  const sum = two.op('Add', two.input('a', 'float', [1, 3, 8, 8]), two.input('b', 'float', [1, 3, 8, 8]));
  two.finish(two.convolution(sum, { from: 3, to: 4 }), 4);
  expect(() => describeModel({ path: 'two.onnx', model: two.model() })).toThrow(/one picture.*inputs "a", "b"/);
  const many = new SmallCnn('many');
  many.finish(many.convolution(many.input('x', 'float', [1, 12, 8, 8]), { from: 12, to: 4 }), 4);
  expect(() => describeModel({ path: 'many.onnx', model: many.model() })).toThrow(/12 channels/);
});
