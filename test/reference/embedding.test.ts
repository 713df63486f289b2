import { afterAll, describe, expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { adamVector, applyAdam, weightValues, type Weights } from '../../src-main/embedding/adam';
import { EmbeddingComputation, type EmbeddingWeights } from '../../src-main/embedding/computation';
import { samplesInMemory, type LoadedSample } from '../../src-main/embedding/samples';
import { DEFAULT_SETTINGS, type EmbeddingVariant } from '../../src-main/embedding/settings';
import { referenceJson } from './reference-folder';

type Parameters = { W: number[][]; V: number[][] } & Record<string, unknown[]>;

interface Variant {
  params: Parameters;
  L: number[][][];
  loss: number;
  grads: Parameters;
  adamLoss: number[];
}

const reference = referenceJson<{
  shape: { batch: number; time: number; voxels: number; fbns: number; heads: number };
  S: number[][][];
  variants: Record<string, Variant>;
}>('embedding.json');
const { time, voxels, fbns, heads } = reference.shape;

const samples = reference.S.map((rows, b): LoadedSample => {
  const values = Float32Array.from(rows.flat());
  return { source: samplesInMemory(`sample ${b}`, time, voxels, values), values };
});
const valueCount = samples.length * time * voxels;
const sumOfSquares = reference.S.flat(2).reduce((sum, value) => sum + value * value, 0);

/** The file's parameters as the program holds them; a name that the file lacks fails. */
function weightsOf(computation: EmbeddingComputation, parameters: Parameters): EmbeddingWeights {
  const transposed = Array.from({ length: fbns }, (_, i) => parameters.W.map((row) => row[i]!));
  const latent = computation.latent.parameters.flatMap(({ name }) => (parameters[name] as number[]).flat());
  expect(Object.keys(parameters)).toHaveLength(2 + computation.latent.parameters.length);
  return { theta: Float32Array.from([...transposed, ...parameters.V].flat()), latent: Float32Array.from(latent) };
}

/** Loss and gradient of the full batch at the weights given. */
async function fullBatch(computation: EmbeddingComputation, weights: EmbeddingWeights) {
  async function* groups() {
    const size = computation.groupSize(samples.length, time);
    for (let i = 0; i < samples.length; i += size) yield samples.slice(i, i + size);
  }
  const { terms, gradient } = await computation.step(weights, groups(), 2 / valueCount);
  const squaredError = terms.reduce((sum, { cross, quadratic }) => sum + quadratic - 2 * cross, sumOfSquares);
  return { loss: squaredError / valueCount, gradient };
}

function expectGradient(found: Float32Array, wanted: Float32Array, name: string) {
  const largest = Math.max(...wanted.map(Math.abs));
  const error = Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!)));
  expect(error, name).toBeLessThan(1e-5 * largest);
}

describe.each(Object.keys(reference.variants))('variant %s', (name) => {
  const expected = reference.variants[name]!;
  const settings = {
    variant: name.replace('-residual-norm', '') as EmbeddingVariant,
    ...{ fbns, voxels, heads, positions: false, residualNorm: name.endsWith('-residual-norm') },
  };
  const computation = new EmbeddingComputation({ engine: onnxruntimeEngine, device: 'cpu' }, settings);
  afterAll(() => computation.release());

  test('loss and every gradient', async () => {
    const { loss, gradient } = await fullBatch(computation, weightsOf(computation, expected.params));
    expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-6);
    const wanted = weightsOf(computation, expected.grads);
    const half = fbns * voxels;
    expectGradient(gradient.theta.subarray(0, half), wanted.theta.subarray(0, half), 'W');
    expectGradient(gradient.theta.subarray(half), wanted.theta.subarray(half), 'V');
    let offset = 0;
    for (const { name: parameter, shape } of computation.latent.parameters) {
      const end = offset + shape.reduce((product, size) => product * size, 1);
      expectGradient(gradient.latent.subarray(offset, end), wanted.latent.subarray(offset, end), parameter);
      offset = end;
    }
  });

  test('FBN activations L', async () => {
    const weights = weightsOf(computation, expected.params);
    await computation.prepareKernel(weights);
    for (const [b, sample] of samples.entries()) {
      const { activations } = await computation.encode(weights, sample);
      const wanted = expected.L[b]!;
      for (let i = 0; i < fbns; i++)
        for (let t = 0; t < time; t++) expect(activations[i * time + t]).toBeCloseTo(wanted[t]![i]!, 5);
    }
  });

  test('the losses of Adam steps on the full batch', async () => {
    const { theta, latent } = weightsOf(computation, expected.params);
    const weights: Weights = { theta: adamVector(theta), latent: adamVector(latent), step: 0 };
    const losses: number[] = [];
    for (let step = 0; step < expected.adamLoss.length; step++) {
      const { loss, gradient } = await fullBatch(computation, weightValues(weights));
      losses.push(loss);
      // The reference was made with the paper's learning rate, which is the default.
      applyAdam(weights, gradient, DEFAULT_SETTINGS);
    }
    expect(losses).toHaveLength(expected.adamLoss.length);
    for (const [step, loss] of losses.entries()) expect(Math.abs(loss - expected.adamLoss[step]!)).toBeLessThan(1e-4);
  });
});
