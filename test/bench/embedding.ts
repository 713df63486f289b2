import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { applyAdam, weightValues } from '../../src-main/embedding/adam';
import { bareProducts, madeUpNumbers } from '../../src-main/embedding/ceiling';
import { createComputation } from '../../src-main/embedding/computation';
import { samplesInMemory, type LoadedSample } from '../../src-main/embedding/samples';
import { completeSettings, DEFAULT_SETTINGS, type EmbeddingSettings } from '../../src-main/embedding/settings';
import { initialState } from '../../src-main/embedding/training-state';
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
  const values = new Uint16Array(new Float16Array(madeUpNumbers(time * voxels)).buffer);
  const sample: LoadedSample = { source: samplesInMemory('sample', time, voxels, values), values };
  const products = await bareProducts({ engine: onnxruntimeEngine, device: 'cpu' }, { time, voxels, fbns });
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

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
