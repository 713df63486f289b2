import type { EngineSession, Tensor } from '../../src-preload/shared/domain/engine';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { applyAdam, type Weights } from '../../src-main/embedding/adam';
import { EmbeddingComputation } from '../../src-main/embedding/computation';
import { Generator } from '../../src-main/embedding/generator';
import { samplesInMemory, SumsOfSquares, type LoadedSample } from '../../src-main/embedding/samples';
import { DEFAULT_SETTINGS } from '../../src-main/embedding/settings';
import { GraphBuilder } from '../../src-main/onnx/graph-builder';
import { median, milliseconds, type BenchmarkResult } from './benchmark';

const time = 900;
const voxels = 28_549;
const fbns = 64;
const batch = DEFAULT_SETTINGS.batchSize;
const repetitions = 7;
/** Samples of a batch that are timed; what is done once per step is timed apart and shared out over the whole batch. */
const samplesTimed = 3;

/**
 * A full training step per sample (float16 samples in memory; loss, gradient, and a sixteenth of Adam and all else that is done
 * once per step) against its two large products alone, in float32, in the same run.
 */
export async function run(): Promise<BenchmarkResult> {
  const generator = Generator.fromSeed(1);
  const random = (length: number) => Float32Array.from({ length }, () => generator.nextSymmetric());
  const S = random(time * voxels);
  const values = new Uint16Array(new Float16Array(S).buffer);
  const sample: LoadedSample = { source: samplesInMemory('sample', time, voxels, values), values };
  const products = await bareProducts(S, random(2 * fbns * voxels), random(time * 2 * fbns));
  const step = await fullStep(
    sample,
    random(2 * fbns * voxels).map((value) => value / 100),
  );
  const times: Record<keyof typeof products | keyof typeof step, number[]> = {
    first: [],
    second: [],
    begin: [],
    accumulate: [],
    finish: [],
    adam: [],
  };
  for (let i = 0; i <= repetitions; i++) {
    times.first.push(await alone(products.first));
    times.second.push(await alone(products.second));
    times.begin.push(await milliseconds(step.begin));
    times.accumulate.push((await milliseconds(step.accumulate)) / samplesTimed);
    times.finish.push(await milliseconds(step.finish));
    times.adam.push(await milliseconds(step.adam));
  }
  // The first round allocates and is not counted.
  const ms = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all.slice(1))])) as Record<
    keyof typeof times,
    number
  >;
  const bareMs = ms.first + ms.second;
  const perStepMs = ms.begin + ms.finish + ms.adam;
  const stepMs = ms.accumulate + perStepMs / batch;
  return {
    name: 'embedding step',
    ratio: 'training step per sample (float16, Adam shared over the batch) ÷ its two bare products in float32',
    value: stepMs / bareMs,
    bound: { atMost: 1.4 },
    details: {
      stepMs: rounded(stepMs),
      bareProductsMs: rounded(bareMs),
      firstProductMs: rounded(ms.first),
      secondProductMs: rounded(ms.second),
      accumulateMs: rounded(ms.accumulate),
      perStepMs: rounded(perStepMs),
      adamMs: rounded(ms.adam),
      problem: `T ${time}, N ${voxels}, m ${fbns}, batch ${batch}`,
    },
  };
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

/** The parts of a step as the trainer takes it. */
async function fullStep(sample: LoadedSample, theta: Float32Array) {
  const computation = new EmbeddingComputation({ engine: onnxruntimeEngine, device: 'cpu' }, { variant: 'lt', fbns, voxels });
  const sums = new SumsOfSquares(new Uint32Array());
  const zeros = () => new Float32Array(theta.length);
  const weights: Weights = { theta, firstMoment: zeros(), secondMoment: zeros(), step: 0 };
  const factor = 2 / (batch * time * voxels);
  let gradient: Float32Array = zeros();
  return {
    begin: () => computation.begin(theta),
    accumulate: async () => {
      for (let i = 0; i < samplesTimed; i++) {
        const { cross, quadratic } = await computation.accumulate(theta, sample, factor);
        if (!Number.isFinite(sums.of(sample) - 2 * cross + quadratic)) throw new Error('the loss is not finite');
      }
    },
    finish: async () => {
      gradient = await computation.finish(theta);
    },
    adam: () => applyAdam(weights, gradient, DEFAULT_SETTINGS),
  };
}

function tensor(dims: Dims, data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
