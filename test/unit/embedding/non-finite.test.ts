import { expect, test, vi } from 'vitest';
import { quietContext } from '../../../src-preload/shared/domain/work';
import * as computations from '../../../src-main/embedding/computation';
import { readTrainingState } from '../../../src-main/embedding/checkpoint';
import { checkLoss, isFinite } from '../../../src-main/embedding/non-finite';
import { trainEmbedding } from '../../../src-main/embedding/train';
import { smallTraining } from './problem';

vi.mock('../../../src-main/embedding/computation', { spy: true });

test('every value that is not a number is found', () => {
  expect(isFinite(Float32Array.of(1, -2, 0, 3e38))).toBe(true);
  expect(isFinite(new Float32Array())).toBe(true);
  for (const value of [NaN, Infinity, -Infinity]) expect(isFinite(Float32Array.of(1, value, 2))).toBe(false);
});

test('one bad run is told from weights that have diverged', () => {
  const moment = { epoch: 3, step: 5 };
  expect(() => checkLoss(['a', 'b', 'c'], [1, 2, 3], moment)).not.toThrow();
  expect(() => checkLoss(['a', 'b', 'c'], [1, NaN, 3], moment)).toThrow(
    /at b \(epoch 3, step 5\).*found NaN\): look at that run/,
  );
  expect(() => checkLoss(['a', 'b', 'c'], [1, NaN, Infinity], moment)).toThrow(/at b .*as bad for c/);
  expect(() => checkLoss(['a', 'b'], [Infinity, NaN], moment)).toThrow(/at a .*any of the 2 runs.*weights have diverged/);
  expect(() => checkLoss(['a'], [NaN], { epoch: 2, step: null })).toThrow(/at a \(epoch 2, validation\)/);
});

test('a gradient that is not finite is traced to its run, and the step is not taken', async () => {
  const { createComputation } = await vi.importActual<typeof computations>('../../../src-main/embedding/computation');
  let steps = 0;
  vi.mocked(computations.createComputation).mockImplementation((place, settings) => {
    const computation = createComputation(place, settings);
    const step = computation.step.bind(computation);
    computation.step = async (weights, groups, factor) => {
      let isBad = false;
      async function* watched() {
        for await (const group of groups) {
          const samples = await Array.fromAsync(group);
          isBad ||= steps > 4 && samples.some(({ source }) => source.name === 'sub-4');
          yield samples;
        }
      }
      const result = await step(weights, watched(), factor);
      steps++;
      if (isBad) result.gradient.theta[17] = Infinity;
      return result;
    };
    return computation;
  });
  const request = await smallTraining({ settings: { epochs: 9 } });
  await expect(trainEmbedding(request, quietContext())).rejects.toThrow(
    /gradient is no longer finite at sub-4 \(epoch [23], step [123]\)/,
  );
  const { state } = await readTrainingState(`${request.checkpointFolder}/last.safetensors`);
  expect(state.weights.theta.values.every(Number.isFinite)).toBe(true);
  expect(state.history.length).toBeGreaterThan(0);
});
