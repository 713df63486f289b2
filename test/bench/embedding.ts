import type { EngineSession, Tensor } from '../../src-preload/shared/domain/engine';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { applyAdam, weightValues } from '../../src-main/embedding/adam';
import { createComputation } from '../../src-main/embedding/computation';
import { Generator } from '../../src-main/embedding/generator';
import { samplesInMemory, type LoadedSample } from '../../src-main/embedding/samples';
import { completeSettings, DEFAULT_SETTINGS, type EmbeddingSettings } from '../../src-main/embedding/settings';
import { initialState } from '../../src-main/embedding/training-state';
import { GraphBuilder } from '../../src-main/onnx/graph-builder';
import { median, milliseconds, type BenchmarkResult } from './benchmark';

const time = 900;
const voxels = 28_549;
const fbns = 64;
const batch = DEFAULT_SETTINGS.batchSize;
const repetitions = 3;

/** Forms of the embedding, and how many times its two large products a step may take. */
const forms: readonly { name: string; settings: Partial<EmbeddingSettings>; atMost: number }[] = [
  { name: 'LT', settings: { variant: 'lt' }, atMost: 1.4 },
  { name: 'LT+MSA, 1 head', settings: { variant: 'lt-msa', heads: 1 }, atMost: 1.5 },
  { name: 'LT+MSA, 8 heads', settings: { variant: 'lt-msa', heads: 8 }, atMost: 2 },
  { name: 'LT+LSTM', settings: { variant: 'lt-lstm' }, atMost: 3 },
];

/**
 * A whole training step of every variant (float16 samples in memory; loss, gradient and Adam of a batch), against the two large
 * products of the batch alone, in float32, in the same run.
 */
export async function run(): Promise<BenchmarkResult[]> {
  const generator = Generator.fromSeed(1);
  const random = (length: number) => Float32Array.from({ length }, () => generator.nextSymmetric());
  const S = random(time * voxels);
  const values = new Uint16Array(new Float16Array(S).buffer);
  const sample: LoadedSample = { source: samplesInMemory('sample', time, voxels, values), values };
  const products = await bareProducts(S, random(2 * fbns * voxels), random(time * 2 * fbns));
  const results: BenchmarkResult[] = [];
  for (const { name, settings, atMost } of forms) {
    const step = await wholeStep(sample, settings);
    const times: { first: number[]; second: number[]; step: number[] } = { first: [], second: [], step: [] };
    for (let i = 0; i <= repetitions; i++) {
      times.first.push(await alone(products.first));
      times.second.push(await alone(products.second));
      times.step.push((await milliseconds(step)) / batch);
    }
    // The first round allocates and is not counted.
    const [first, second, whole] = [times.first, times.second, times.step].map((all) => median(all.slice(1)));
    results.push({
      name: `embedding step, ${name}`,
      ratio: 'training step per sample (float16, Adam shared over the batch) ÷ its two bare products in float32',
      value: whole! / (first! + second!),
      bound: { atMost },
      details: {
        stepMs: rounded(whole!),
        firstProductMs: rounded(first!),
        secondProductMs: rounded(second!),
        samplesPerSecond: rounded(1000 / whole!),
        problem: `T ${time}, N ${voxels}, m ${fbns}, batch ${batch}`,
      },
    });
  }
  return results;
}

/**
 * Time of a product alone: after a first go that is not counted, since the waiting threads of the session used before it still take
 * their share of the cores then.
 */
async function alone(product: () => Promise<unknown>): Promise<number> {
  await product();
  return median([await milliseconds(product), await milliseconds(product), await milliseconds(product)]);
}

/** S Θᵀ and Gᵀ S in ONNX Runtime, into preallocated memory. */
async function bareProducts(S: Float32Array, theta: Float32Array, left: Float32Array) {
  const rows = 2 * fbns;
  const first = await productSession('transB', [time, voxels], [rows, voxels], [time, rows]);
  const second = await productSession('transA', [time, rows], [time, voxels], [rows, voxels]);
  const s = tensor([time, voxels], S);
  const feeds = { first: { a: s, b: tensor([rows, voxels], theta) }, second: { a: tensor([time, rows], left), b: s } };
  const outputs = {
    first: { y: tensor([time, rows], new Float32Array(time * rows)) },
    second: { y: tensor([rows, voxels], new Float32Array(rows * voxels)) },
  };
  return {
    first: () => first.run(feeds.first, outputs.first),
    second: () => second.run(feeds.second, outputs.second),
  };
}

type Dims = [number, number];

function productSession(transposed: 'transA' | 'transB', a: Dims, b: Dims, y: Dims): Promise<EngineSession> {
  const graph = new GraphBuilder('product');
  const inputs = [graph.input('a', 'float', a), graph.input('b', 'float', b)];
  graph.output('y', graph.node('Gemm', inputs, { [transposed]: 1 }, 'y'), 'float', y);
  return onnxruntimeEngine.createSession(graph.encode());
}

/** A whole step as the trainer takes it: loss and gradient of a batch (the same sample again and again), and Adam. */
async function wholeStep(sample: LoadedSample, form: Partial<EmbeddingSettings>) {
  const settings = completeSettings({ fbns, ...form });
  const computation = createComputation({ engine: onnxruntimeEngine, device: 'cpu' }, { ...settings, voxels });
  const { weights } = initialState(settings, voxels, new Uint32Array());
  const size = computation.groupSize(batch, time);
  async function* groups() {
    for (let i = 0; i < batch; i += size) yield Array.from({ length: Math.min(size, batch - i) }, () => sample);
  }
  return async () => {
    const { terms, gradient } = await computation.step(weightValues(weights), groups(), 2 / (batch * time * voxels));
    if (!terms.every(({ cross, quadratic }) => Number.isFinite(quadratic - cross))) throw new Error('the loss is not finite');
    applyAdam(weights, gradient, settings);
  };
}

function tensor(dims: Dims, data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
