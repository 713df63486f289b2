import { expect, test } from 'vitest';
import { describeModel } from '../../../src-main/cnn/describe-model';
import { extractActivations } from '../../../src-main/cnn/extract-activations';
import { firstKernels } from '../../../src-main/cnn/first-kernels';
import { MapSession } from '../../../src-main/cnn/map-session';
import { IMAGENET_PREPROCESSING } from '../../../src-main/cnn/preprocessing';
import { receptiveFields } from '../../../src-main/cnn/receptive-field';
import { selectLayers } from '../../../src-main/cnn/select-layers';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { framesInMemory } from '../../../src-preload/shared/domain/frames';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { load, SmallCnn, uniform } from './small-models';

const [WIDTH, HEIGHT] = [40, 36];
const base = Uint8Array.from(uniform(HEIGHT * WIDTH * 3, 5), (value) => 100 + 50 * value);

/** A stem, a branch that sees more than its other side, and a stride. */
async function net(dims: (number | string)[] = ['n', 3, 'h', 'w']) {
  const cnn = new SmallCnn('look');
  const stem = cnn.convolution(cnn.input('x', 'float', dims), { from: 3, to: 4, kernel: 5, stride: 2 }, 'stem');
  const pooled = cnn.with('AveragePool', [stem], { kernel_shape: [2, 2], strides: [2, 2] });
  const near = cnn.convolution(pooled, { from: 4, to: 4, kernel: 1 });
  const far = cnn.convolution(cnn.convolution(pooled, { from: 4, to: 4 }), { from: 4, to: 4 });
  const sum = cnn.op('Add', near, far);
  cnn.finish(cnn.convolution(sum, { from: 4, to: 6 }, 'second'), 6);
  return load(cnn);
}

test('exactly the pixels inside a receptive field change a unit', async () => {
  const model = await net();
  for (const name of ['stem', 'second']) {
    const layer = selectLayers(describeModel(model), [name])[0]!;
    const field = receptiveFields(model, 'x').get(layer.tensor)!;
    const session = await MapSession.open(onnxruntimeEngine, model, layer, IMAGENET_PREPROCESSING, {
      width: WIDTH,
      height: HEIGHT,
    });
    const size = { width: WIDTH, height: HEIGHT };
    const before = await session.run(base, size, 2);
    const inside = ({ size, step, start }: typeof field.y, unit: number, pixel: number) =>
      Math.abs(pixel - (start + unit * step)) <= (size - 1) / 2;
    for (const [y, x] of [
      [0, 0],
      [17, 18],
      [17, 19],
      [20, 21],
      [HEIGHT - 1, WIDTH - 1],
    ] as const) {
      const changed = Uint8Array.from(base);
      for (let c = 0; c < 3; c++) changed[(y * WIDTH + x) * 3 + c]! += 90 + 20 * c;
      const after = await session.run(changed, size, 2);
      after.data.forEach((value, at) => {
        const [row, column] = [Math.floor(at / after.width), at % after.width];
        const isInside = inside(field.y, row, y) && inside(field.x, column, x);
        expect(Math.abs(value - before.data[at]!) > 1e-5, `${name}: pixel ${y},${x} and unit ${row},${column}`).toBe(isInside);
      });
    }
    await session.release();
  }
});

test('the largest value of a map is the activation; frames are resized as for the extraction', async () => {
  const model = await net([1, 3, 28, 30]);
  const layer = selectLayers(describeModel(model), ['second'])[0]!;
  const size = { width: WIDTH, height: HEIGHT };
  const session = await MapSession.open(onnxruntimeEngine, model, layer, IMAGENET_PREPROCESSING, size);
  let extracted = new Float32Array();
  const frames = framesInMemory(base, size);
  await extractActivations(
    {
      ...{ engine: onnxruntimeEngine, model, layers: [layer], reducer: 'max', frames, preprocessing: IMAGENET_PREPROCESSING },
      onBatch: (_start, activations) => void (extracted = activations.second as Float32Array<ArrayBuffer>),
    },
    quietContext(),
  );
  for (let filter = 0; filter < 6; filter++) {
    const map = await session.run(base, size, filter);
    expect([map.height, map.width]).toEqual([7, 7]);
    expect(Math.max(...map.data)).toBeCloseTo(extracted[filter]!, 4);
  }
  await session.release();
});

test('kernels over the picture, and none of layers behind', async () => {
  const model = await net();
  const [stem, second] = selectLayers(describeModel(model), ['stem', 'second']);
  const kernels = firstKernels(model, stem!, 'x', 'RGB')!;
  expect(kernels.dims).toEqual([4, 3, 5, 5]);
  const weights = new Float32Array(Uint8Array.from(model.model.graph.initializer![0]!.rawData!).buffer);
  expect(kernels.data).toEqual(weights);
  const turned = firstKernels(model, stem!, 'x', 'BGR')!;
  expect(turned.data.subarray(0, 25)).toEqual(weights.subarray(50, 75));
  expect(turned.data.subarray(75, 100)).toEqual(weights.subarray(125, 150));
  expect(firstKernels(model, second!, 'x', 'RGB')).toBeUndefined();
});
