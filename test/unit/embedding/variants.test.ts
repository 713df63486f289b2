import { describe, expect, test } from 'vitest';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { weightValues } from '../../../src-main/embedding/adam';
import { readTrainingState } from '../../../src-main/embedding/checkpoint';
import { createComputation } from '../../../src-main/embedding/computation';
import { completeSettings, type EmbeddingSettings } from '../../../src-main/embedding/settings';
import { trainEmbedding } from '../../../src-main/embedding/train';
import { initialState } from '../../../src-main/embedding/training-state';
import { makeSamples, smallTraining } from './problem';

const variants: Record<string, Partial<EmbeddingSettings>> = {
  'LT+LSTM': { variant: 'lt-lstm', fbns: 4 },
  'LT+MSA': { variant: 'lt-msa', fbns: 4, heads: 2 },
  'LT+MSA with residual, norm and positions': { variant: 'lt-msa', fbns: 4, heads: 2, residualNorm: true, positions: true },
};

describe.each(Object.entries(variants))('%s', (_, variant) => {
  const settings = { ...variant, learningRate: 0.02, epochs: 60, batchSize: 3 };

  test('learns, and taken up from its checkpoint comes to the same bits', async () => {
    const whole = await trainEmbedding(await smallTraining({ settings }), quietContext());
    expect(whole.epochs.at(-1)!.trainLoss).toBeLessThan(0.9 * whole.epochs[0]!.trainLoss);
    const request = await smallTraining({ settings: { ...settings, epochs: 20 } });
    const { checkpoints } = await trainEmbedding(request, quietContext());
    await trainEmbedding({ ...request, settings, resumeFrom: checkpoints.last }, quietContext());
    const [expected, resumed] = [await readTrainingState(whole.checkpoints.last), await readTrainingState(checkpoints.last)];
    expect(resumed.state.weights).toEqual(expected.state.weights);
    expect(resumed.state.best).toEqual(expected.state.best);
    expect(expected.state.weights.latent.values.length).toBeGreaterThan(0);
  });

  test('series of different length taken together give what each gives alone', async () => {
    const voxels = 20;
    const all = completeSettings(settings);
    const { latent, ...place } = {
      latent: weightValues(initialState(all, voxels, new Uint32Array()).weights),
      engine: onnxruntimeEngine,
    };
    const computation = createComputation({ ...place, device: 'cpu' }, { ...all, voxels });
    const samples = makeSamples([12, 7, 9], voxels).map((source) => ({ source, values: new Float32Array(source.time * voxels) }));
    for (const { source, values } of samples) await source.load(values);
    async function* inGroups(size: number, of = samples) {
      for (let i = 0; i < of.length; i += size) yield of.slice(i, i + size);
    }
    const together = await computation.step(latent, inGroups(3), 0.01);
    const gradients = { theta: [...together.gradient.theta], latent: [...together.gradient.latent] };
    const sum = { theta: gradients.theta.map(() => 0), latent: gradients.latent.map(() => 0) };
    for (const [b, sample] of samples.entries()) {
      const { terms, gradient } = await computation.step(latent, inGroups(1, [sample]), 0.01);
      const [evaluated] = await computation.evaluate(latent, [sample]);
      const evaluatedTogether = (await computation.evaluate(latent, samples))[b]!;
      for (const term of ['cross', 'quadratic'] as const) {
        expect(together.terms[b]![term]).toBeCloseTo(terms[0]![term], 3);
        expect(evaluated![term]).toBeCloseTo(terms[0]![term], 3);
        expect(evaluatedTogether[term]).toBeCloseTo(terms[0]![term], 3);
      }
      for (const part of ['theta', 'latent'] as const) sum[part] = sum[part].map((value, i) => value + gradient[part][i]!);
    }
    for (const part of ['theta', 'latent'] as const) {
      const largest = Math.max(...sum[part].map(Math.abs));
      expect(Math.max(...sum[part].map((value, i) => Math.abs(value - gradients[part][i]!)))).toBeLessThan(1e-5 * largest);
    }
    await computation.release();
  });
});

test('training stops when the best epoch is too long ago', async () => {
  const settings = { learningRate: 5, patience: 2, epochs: 50 };
  const { epochs, bestEpoch } = await trainEmbedding(await smallTraining({ settings }), quietContext());
  expect(epochs.length).toBe(bestEpoch + 2);
});

test('heads that do not divide the FBNs are refused, but only where there are heads', () => {
  expect(() => completeSettings({ variant: 'lt-msa', fbns: 6, heads: 4 })).toThrow(/heads.*divisor of the number of FBNs/s);
  expect(completeSettings({ variant: 'lt', fbns: 6, heads: 4 }).heads).toBe(4);
});

test('a training whose learning rate follows the epochs cannot be given more of them', async () => {
  const request = await smallTraining({ settings: { schedule: 'cosine' } });
  const { checkpoints } = await trainEmbedding(request, quietContext());
  const longer = { ...request, settings: { ...request.settings, epochs: 9 }, resumeFrom: checkpoints.last };
  await expect(trainEmbedding(longer, quietContext())).rejects.toThrow(/numbers of epochs differ/);
});
