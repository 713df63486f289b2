import { expect, test } from 'vitest';
import { addTaps } from '../../../src-main/cnn/add-taps';
import { describeModel } from '../../../src-main/cnn/describe-model';
import { selectLayers } from '../../../src-main/cnn/select-layers';
import type { Tensor } from '../../../src-preload/shared/domain/engine';
import { largestDifference, load, runModel, SmallCnn, uniform, valuesInside } from './small-models';

const CHANNELS = 8;
const PATCHES = 12;
const BLOCKS = 7;

/** A vision transformer as PyTorch exports it: patches by convolution, a class token, positions, attention and MLP with residuals. */
function buildVit(): SmallCnn {
  const vit = new SmallCnn('vit');
  const weights = (name: string, dims: number[]) =>
    vit.constant(
      name,
      dims,
      uniform(
        dims.reduce((a, b) => a * b, 1),
        name.length * 7 + 1,
      ).map((u) => u * 0.4),
    );
  const patches = vit.with('Conv', [vit.input('image', 'float', [1, 3, 24, 32]), weights('patch.weight', [CHANNELS, 3, 8, 8])], {
    kernel_shape: [8, 8],
    strides: [8, 8],
  });
  const flat = vit.op('Reshape', patches, vit.integers([1, CHANNELS, PATCHES]));
  let x = vit.with('Concat', [weights('class', [1, 1, CHANNELS]), vit.with('Transpose', [flat], { perm: [0, 2, 1] })], {
    axis: 1,
  });
  x = vit.op('Add', x, weights('positions', [1, PATCHES + 1, CHANNELS]));
  const normalise = (value: string, name: string) =>
    vit.with('LayerNormalization', [value, weights(`${name}.weight`, [CHANNELS]), weights(`${name}.bias`, [CHANNELS])], {
      axis: -1,
    });
  for (let i = 0; i < BLOCKS; i++) {
    const scope = `blocks.${i}`;
    const before = normalise(x, `${scope}.norm1`);
    const part = (name: string) => vit.op('MatMul', before, weights(`${scope}.${name}`, [CHANNELS, CHANNELS]));
    const scores = vit.op('MatMul', part('query'), vit.with('Transpose', [part('key')], { perm: [0, 2, 1] }));
    const attended = vit.op('MatMul', vit.with('Softmax', [scores], { axis: -1 }), part('value'));
    x = vit.name(vit.op('Add', x, vit.op('MatMul', attended, weights(`${scope}.out`, [CHANNELS, CHANNELS]))), `/${scope}/Add`);
    const wide = vit.op('Gelu', vit.op('MatMul', normalise(x, `${scope}.norm2`), weights(`${scope}.wide`, [CHANNELS, 32])));
    x = vit.name(vit.op('Add', x, vit.op('MatMul', wide, weights(`${scope}.narrow`, [32, CHANNELS]))), `/${scope}/Add_1`);
  }
  const token = vit.with('Gather', [normalise(x, 'norm'), vit.constant('first', [], BigInt64Array.of(0n))], { axis: 1 });
  vit.output('scores', vit.op('MatMul', token, weights('head', [CHANNELS, 5])), 'float', [1, 5]);
  // GELU entered ONNX in opset 20; the builder writes 21.
  return vit;
}

test('a vision transformer: blocks are found, and a channel is read as its maximum over the tokens', async () => {
  const model = await load(buildVit());
  const description = describeModel(model);
  const blocks = selectLayers(description, 'blocks');
  expect(blocks).toHaveLength(5);
  expect(blocks.every(({ filters, rank, channelAxis }) => filters === CHANNELS && rank === 3 && channelAxis === 2)).toBe(true);
  const [last] = selectLayers(description, 'last');
  expect(last).toBe(blocks.at(-1));
  // The last block is read after the norm that ends the network; a block in the middle is not followed by one of its own.
  expect(last!.name).toBe('norm');
  expect(blocks[0]!.name).toMatch(/^blocks\.\d\.Add/);
  const input: Tensor = { type: 'float32', dims: [1, 3, 24, 32], data: uniform(3 * 24 * 32) };
  const tapped = await runModel(addTaps(model, blocks, 'max'), input);
  for (const { name, tensor } of blocks) {
    const { dims, data } = await valuesInside(model, tensor, input);
    expect(dims).toEqual([1, PATCHES + 1, CHANNELS]);
    const maxima = Array.from({ length: CHANNELS }, (_, channel) =>
      Math.max(...Array.from({ length: PATCHES + 1 }, (_, token) => (data as Float32Array)[token * CHANNELS + channel]!)),
    );
    expect(tapped[name]!.dims).toEqual([1, CHANNELS]);
    expect(largestDifference(tapped[name]!.data as Float32Array, maxima)).toBeLessThan(1e-5);
  }
});
