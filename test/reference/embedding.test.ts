import { describe, expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { applyAdam, type Weights } from '../../src-main/embedding/adam';
import { EmbeddingComputation } from '../../src-main/embedding/computation';
import { samplesInMemory, type LoadedSample } from '../../src-main/embedding/samples';
import { DEFAULT_SETTINGS, type EmbeddingVariant } from '../../src-main/embedding/settings';
import { referenceJson } from './reference-folder';

interface Variant {
  params: { W: number[][]; V: number[][] };
  L: number[][][];
  loss: number;
  grads: { W: number[][]; V: number[][] };
  adamLoss: number[];
}

const reference = referenceJson<{
  shape: { batch: number; time: number; voxels: number; fbns: number };
  S: number[][][];
  variants: Record<string, Variant>;
}>('embedding.json');
const { time, voxels, fbns } = reference.shape;
const variants: readonly EmbeddingVariant[] = ['lt'];

const samples = reference.S.map((rows, b): LoadedSample => {
  const values = Float32Array.from(rows.flat());
  return { source: samplesInMemory(`sample ${b}`, time, voxels, values), values };
});
const valueCount = samples.length * time * voxels;
const sumOfSquares = reference.S.flat(2).reduce((sum, value) => sum + value * value, 0);

function thetaOf({ W, V }: Variant['params']): Float32Array {
  const transposed = Array.from({ length: fbns }, (_, i) => W.map((row) => row[i]!));
  return Float32Array.from([...transposed, ...V].flat());
}

/** Loss and gradient of the full batch at the weights given. */
async function fullBatch(computation: EmbeddingComputation, theta: Float32Array) {
  await computation.begin(theta);
  let squaredError = sumOfSquares;
  for (const sample of samples) {
    const { cross, quadratic } = await computation.accumulate(theta, sample, 2 / valueCount);
    squaredError += quadratic - 2 * cross;
  }
  return { loss: squaredError / valueCount, gradient: await computation.finish(theta) };
}

describe.each(variants)('variant %s', (variant) => {
  const expected = reference.variants[variant]!;
  const computation = new EmbeddingComputation({ engine: onnxruntimeEngine, device: 'cpu' }, { variant, fbns, voxels });

  test('loss and every gradient', async () => {
    const { loss, gradient } = await fullBatch(computation, thetaOf(expected.params));
    expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-6);
    const expectedGradient = thetaOf(expected.grads);
    for (const rows of [
      [0, fbns],
      [fbns, 2 * fbns],
    ]) {
      const [found, wanted] = [gradient, expectedGradient].map((all) => all.subarray(rows[0]! * voxels, rows[1]! * voxels));
      const largest = Math.max(...wanted!.map(Math.abs));
      const error = Math.max(...found!.map((value, i) => Math.abs(value - wanted![i]!)));
      expect(error).toBeLessThan(1e-5 * largest);
    }
  });

  test('FBN activations L', async () => {
    const theta = thetaOf(expected.params);
    await computation.prepareKernel(theta);
    for (const [b, sample] of samples.entries()) {
      const { activations } = await computation.encode(theta, sample);
      const wanted = expected.L[b]!;
      for (let i = 0; i < fbns; i++)
        for (let t = 0; t < time; t++) expect(activations[i * time + t]).toBeCloseTo(wanted[t]![i]!, 5);
    }
  });

  test('the losses of Adam steps on the full batch', async () => {
    const theta = thetaOf(expected.params);
    const zeros = () => new Float32Array(theta.length);
    const weights: Weights = { theta, firstMoment: zeros(), secondMoment: zeros(), step: 0 };
    const losses: number[] = [];
    for (let step = 0; step < expected.adamLoss.length; step++) {
      const { loss, gradient } = await fullBatch(computation, theta);
      losses.push(loss);
      // The reference was made with the paper's learning rate, which is the default.
      applyAdam(weights, gradient, DEFAULT_SETTINGS);
    }
    expect(losses).toHaveLength(expected.adamLoss.length);
    for (const [step, loss] of losses.entries()) expect(Math.abs(loss - expected.adamLoss[step]!)).toBeLessThan(1e-4);
  });
});
