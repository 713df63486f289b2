import { expect, test } from 'vitest';
import { adamVector, applyAdam, clippingScale, type Weights } from '../../../src-main/embedding/adam';
import { learningRateAt } from '../../../src-main/embedding/schedule';
import { DEFAULT_SETTINGS } from '../../../src-main/embedding/settings';

function weightsOf(theta: number[], latent: number[] = []): Weights {
  return { theta: adamVector(Float32Array.from(theta)), latent: adamVector(Float32Array.from(latent)), step: 0 };
}

test('the first step is the learning rate against the sign of the gradient', () => {
  const weights = weightsOf([1, 1, 1], [2]);
  applyAdam(weights, { theta: Float32Array.of(0.5, -2, 0), latent: Float32Array.of(3) }, DEFAULT_SETTINGS);
  expect(weights.step).toBe(1);
  expect(weights.theta.values[0]).toBeCloseTo(0.99, 6);
  expect(weights.theta.values[1]).toBeCloseTo(1.01, 6);
  // What has no gradient does not move: this is how excluded voxels stay 0.
  expect(weights.theta.values[2]).toBe(1);
  expect(weights.latent.values[0]).toBeCloseTo(1.99, 6);
});

test('epsilon is added to the corrected root, as in PyTorch', () => {
  const weights = weightsOf([0]);
  applyAdam(weights, { theta: Float32Array.of(1e-8), latent: new Float32Array() }, DEFAULT_SETTINGS);
  expect(weights.theta.values[0]).toBeCloseTo(-0.005, 8);
});

test('a gradient is clipped to the norm over all weights, and left alone below it', () => {
  const gradient = { theta: Float32Array.of(3, 0), latent: Float32Array.of(4) };
  expect(clippingScale(gradient, 1)).toBeCloseTo(0.2, 6);
  expect(clippingScale(gradient, 6)).toBe(1);
  expect(clippingScale(gradient, null)).toBe(1);
});

test('learning rates over the epochs', () => {
  const at = (schedule: 'constant' | 'cosine' | 'step') =>
    [0, 5, 9].map((epoch) => learningRateAt({ ...DEFAULT_SETTINGS, learningRate: 1, epochs: 10, schedule }, epoch));
  expect(at('constant')).toEqual([1, 1, 1]);
  const [first, middle, last] = at('cosine');
  expect(first).toBe(1);
  expect(middle).toBeCloseTo(0.5, 12);
  expect(last).toBeCloseTo((1 + Math.cos(0.9 * Math.PI)) / 2, 12);
  expect(at('step').map((rate) => Math.round(Math.log10(rate)))).toEqual([0, -1, -2]);
});
