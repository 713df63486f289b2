import { expect, test } from 'vitest';
import { applyAdam } from '../../../src-main/embedding/adam';
import { DEFAULT_SETTINGS } from '../../../src-main/embedding/settings';

test('the first step is the learning rate against the sign of the gradient', () => {
  const weights = {
    theta: Float32Array.of(1, 1, 1),
    firstMoment: new Float32Array(3),
    secondMoment: new Float32Array(3),
    step: 0,
  };
  applyAdam(weights, Float32Array.of(0.5, -2, 0), DEFAULT_SETTINGS);
  expect(weights.step).toBe(1);
  expect(weights.theta[0]).toBeCloseTo(0.99, 6);
  expect(weights.theta[1]).toBeCloseTo(1.01, 6);
  // What has no gradient does not move: this is how excluded voxels stay 0.
  expect(weights.theta[2]).toBe(1);
});

test('epsilon is added to the corrected root, as in PyTorch', () => {
  const weights = { theta: Float32Array.of(0), firstMoment: new Float32Array(1), secondMoment: new Float32Array(1), step: 0 };
  applyAdam(weights, Float32Array.of(1e-8), DEFAULT_SETTINGS);
  expect(weights.theta[0]).toBeCloseTo(-0.005, 8);
});
