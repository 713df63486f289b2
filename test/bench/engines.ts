import type { Device, Engine, TensorEngine } from '../../src-preload/shared/domain/engine';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { tfjsEngine } from '../../src-main/engines/tfjs';
import { TOGETHER_ON_GPU } from '../../src-main/embedding/graph-computation';
import { completeSettings, type EmbeddingSettings } from '../../src-main/embedding/settings';
import { takesFloat16 } from '../../src-main/embedding/takes-float16';
import { tryPlace } from '../../src-main/embedding/trial';
import type { BenchmarkResult } from './benchmark';
import { measureCeilings, type DeviceCeilings } from './device-ceilings';

const problem = { voxels: 28_549, time: 900 };
const fbns = 64;
const batchSize = 16;

const forms: readonly { name: string; settings: Partial<EmbeddingSettings> }[] = [
  { name: 'LT', settings: { variant: 'lt' } },
  { name: 'LT+MSA, 8 heads', settings: { variant: 'lt-msa', heads: 8 } },
  { name: 'LT+LSTM', settings: { variant: 'lt-lstm' } },
];

/** Engines and devices beside ONNX Runtime on the CPU, and how many times its time they may take. */
const others: readonly { name: string; engine: Engine | TensorEngine; device: Device; atMost: number }[] = [
  { name: 'tfjs on the CPU', engine: tfjsEngine, device: 'cpu', atMost: 100 },
  { name: 'tfjs on CUDA', engine: tfjsEngine, device: 'cuda', atMost: 1 },
  { name: 'onnxruntime on WebGPU', engine: onnxruntimeEngine, device: 'webgpu', atMost: 1 },
  { name: 'onnxruntime on CUDA', engine: onnxruntimeEngine, device: 'cuda', atMost: 1 },
];

/**
 * The trial by which `--device auto` chooses, at the size of HCP, on every engine and device that this machine has; for a GPU also
 * what of its time the ways there and back and the large products take on their own.
 */
export async function run(): Promise<BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  const ceilings = new Map<Device, PlaceCeilings>();
  for (const { name: form, settings } of forms) {
    const trial = { ...problem, settings: completeSettings({ fbns, batchSize, ...settings }) };
    const cpu = await tryPlace({ engine: onnxruntimeEngine, device: 'cpu' }, trial);
    for (const { name, engine, device, atMost } of others) {
      const outcome = await tryPlace({ engine, device }, trial).catch(() => undefined);
      if (!outcome) continue;
      if (engine.name === 'onnxruntime' && !ceilings.has(device)) ceilings.set(device, await ceilingsOf({ engine, device }));
      const sampleMs = 1000 * outcome.secondsPerSample;
      const ceiling = engine.name === 'onnxruntime' ? ceilings.get(device) : undefined;
      results.push({
        name: `${name}, ${form}`,
        ratio: 'time of a sample within a step ÷ that of onnxruntime on the CPU',
        value: outcome.secondsPerSample / cpu.secondsPerSample,
        bound: { atMost },
        details: {
          provider: outcome.provider,
          sampleMs,
          onnxruntimeCpuMs: 1000 * cpu.secondsPerSample,
          ...(ceiling && againstCeilings(ceiling, sampleMs)),
        },
      });
    }
  }
  return results;
}

type PlaceCeilings = DeviceCeilings & { samplesTravelAs: 'float16' | 'float32' };

async function ceilingsOf(place: { engine: Engine; device: Device }): Promise<PlaceCeilings> {
  const inFloat16 = await takesFloat16(place);
  const ceilings = await measureCeilings(place, { ...problem, fbns, inFloat16 });
  return { ...ceilings, samplesTravelAs: inFloat16 ? 'float16' : 'float32' };
}

/** The share of a sample's time that the copies, and that the large products, take on the same device. */
function againstCeilings(ceilings: PlaceCeilings, sampleMs: number) {
  // Θ and the gradient so far go there, the gradient comes back.
  const copiesMs = ceilings.sampleThereMs + (2 * ceilings.weightsThereMs + ceilings.weightsBackMs) / TOGETHER_ON_GPU;
  return { ...ceilings, copies: copiesMs / sampleMs, products: ceilings.productsMs / sampleMs };
}
