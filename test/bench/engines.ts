import type { Device, Engine, TensorEngine } from '../../src-preload/shared/domain/engine';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { tfjsEngine } from '../../src-main/engines/tfjs';
import { completeSettings, type EmbeddingSettings } from '../../src-main/embedding/settings';
import { tryPlace } from '../../src-main/embedding/trial';
import type { BenchmarkResult } from './benchmark';

const problem = { voxels: 28_549, time: 900 };
const fbns = 64;

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

/** The trial by which `--device auto` chooses, at the size of HCP, on every engine and device that this machine has. */
export async function run(): Promise<BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  for (const { name: form, settings } of forms) {
    const trial = { ...problem, settings: completeSettings({ fbns, ...settings }) };
    const cpu = await tryPlace({ engine: onnxruntimeEngine, device: 'cpu' }, trial);
    for (const { name, engine, device, atMost } of others) {
      const outcome = await tryPlace({ engine, device }, trial).catch(() => undefined);
      if (!outcome) continue;
      results.push({
        name: `${name}, ${form}`,
        ratio: 'time of a sample within a step ÷ that of onnxruntime on the CPU',
        value: outcome.secondsPerSample / cpu.secondsPerSample,
        bound: { atMost },
        details: {
          provider: outcome.provider,
          sampleMs: Math.round(1000 * outcome.secondsPerSample),
          onnxruntimeCpuMs: Math.round(1000 * cpu.secondsPerSample),
        },
      });
    }
  }
  return results;
}
