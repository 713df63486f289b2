import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { readTrainingState } from '../../../src-main/embedding/checkpoint';
import { createComputation } from '../../../src-main/embedding/computation';
import { completeSettings, type EmbeddingSettings } from '../../../src-main/embedding/settings';
import { trainEmbedding } from '../../../src-main/embedding/train';
import { initialState } from '../../../src-main/embedding/training-state';
import { weightValues } from '../../../src-main/embedding/adam';
import { restoreLegacyUtil } from '../../../src-main/engines/tfjs/legacy-util';
import { tfjsEngine } from '../../../src-main/engines/tfjs';
import type { TensorEngine } from '../../../src-preload/shared/domain/engine';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { makeSamples, smallTraining } from '../embedding/problem';

const variants: Partial<EmbeddingSettings>[] = [
  { variant: 'lt' },
  { variant: 'lt-lstm' },
  { variant: 'lt-msa', heads: 2 },
  { variant: 'lt-msa', heads: 2, residualNorm: true, positions: true },
];

describe.each(['wasm', 'cpu'])('tfjs, %s', (provider) => {
  const engine: TensorEngine = { ...tfjsEngine, open: (device) => tfjsEngine.open(device, provider) };

  test.each(variants)('the same seed gives the same bits, also when stopped and resumed: %o', async (variant) => {
    const place = { engine, device: 'cpu' as const };
    const request = () => smallTraining({ ...place, settings: { ...variant, fbns: 4, epochs: 4, batchSize: 2 } });
    const outcome = async (folder: string) => (await readTrainingState(folder)).state;
    const first = await trainEmbedding(await request(), quietContext());
    expect(first).toMatchObject({ engine: 'tfjs', engineVersion: tf.version_core, device: 'cpu', provider, threads: 1 });
    expect(first.epochs.at(-1)!.trainLoss).toBeLessThan(first.epochs[0]!.trainLoss);
    const expected = await outcome(first.checkpoints.last);
    const again = await trainEmbedding(await request(), quietContext());
    expect((await outcome(again.checkpoints.last)).weights).toEqual(expected.weights);
    const short = await request();
    const { checkpoints } = await trainEmbedding({ ...short, settings: { ...short.settings, epochs: 2 } }, quietContext());
    await trainEmbedding({ ...short, resumeFrom: checkpoints.last }, quietContext());
    expect((await outcome(checkpoints.last)).weights).toEqual(expected.weights);
  });

  test.each(variants)('nothing stays behind after a step: %o', async (variant) => {
    const settings = completeSettings({ ...variant, fbns: 4 });
    const computation = createComputation({ engine, device: 'cpu' }, { ...settings, voxels: 20 });
    const weights = weightValues(initialState(settings, 20, new Uint32Array()).weights);
    const samples = makeSamples([12, 7, 9], 20).map((source) => ({ source, values: new Float32Array(source.time * 20) }));
    for (const { source, values } of samples) await source.load(values);
    async function* groups() {
      const size = computation.groupSize(3, 12);
      for (let i = 0; i < 3; i += size) yield samples.slice(i, i + size);
    }
    const held: number[] = [];
    for (let step = 0; step < 3; step++) {
      await computation.step(weights, groups(), 0.01);
      await computation.encode(weights, samples[0]!);
      held.push(tf.memory().numTensors);
    }
    expect(held[2]).toBe(held[0]);
    await computation.release();
  });
});

test('a device that is not there is explained, and never replaced by another', async () => {
  await expect(tfjsEngine.open('webgpu')).rejects.toThrow(/no device "webgpu".*onnxruntime/);
  await expect(tfjsEngine.open('cuda')).rejects.toThrow(/cannot compute on the device cuda.*enable:tfjs-gpu/);
});

test('what tfjs-node asks of `util` is there for all who require it', () => {
  restoreLegacyUtil();
  const util = createRequire(import.meta.url)('util') as Record<string, (value: unknown) => boolean>;
  expect([null, undefined, 0, ''].map((value) => util.isNullOrUndefined!(value))).toEqual([true, true, false, false]);
  expect([[], {}].map((value) => util.isArray!(value))).toEqual([true, false]);
});
