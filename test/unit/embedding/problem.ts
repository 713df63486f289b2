import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { Generator } from '../../../src-main/embedding/generator';
import { samplesInMemory, type SampleSource } from '../../../src-main/embedding/samples';
import type { TrainingRequest } from '../../../src-main/embedding/train';

/** Samples with two planted series each, and noise. */
export function makeSamples(times: readonly number[], voxels: number, type: 'float16' | 'float32' = 'float32'): SampleSource[] {
  const generator = Generator.fromSeed(7);
  const maps = Array.from({ length: 2 * voxels }, () => generator.nextSymmetric());
  return times.map((time, b) => {
    const values = new Float32Array(time * voxels);
    for (let t = 0; t < time; t++) {
      const [x, y] = [2 * generator.nextSymmetric(), 2 * generator.nextSymmetric()];
      for (let v = 0; v < voxels; v++)
        values[t * voxels + v] = x * maps[v]! + y * maps[voxels + v]! + 0.3 * generator.nextSymmetric();
    }
    const stored = type === 'float32' ? values : new Uint16Array(new Float16Array(values).buffer);
    return samplesInMemory(`sub-${b + 1}`, time, voxels, stored);
  });
}

/** A new empty folder. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'syncact-embedding-'));
}

/** A small training that takes a few milliseconds. */
export async function smallTraining(changes: Partial<TrainingRequest> = {}): Promise<TrainingRequest> {
  const { settings, ...others } = changes;
  return {
    train: makeSamples([12, 12, 12, 12, 12], 20),
    validation: makeSamples([12, 12], 20),
    voxels: 20,
    engine: onnxruntimeEngine,
    device: 'cpu',
    threads: 1,
    checkpointFolder: await newFolder(),
    settings: { fbns: 3, epochs: 6, batchSize: 2, ...settings },
    ...others,
  };
}
