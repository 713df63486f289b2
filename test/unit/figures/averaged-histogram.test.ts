import { expect, test } from 'vitest';
import { averagedPercentiles } from '../../../src-main/figures/brain/averaged-histogram';

test('percentiles of one map are those of its sizes', () => {
  const map = Float32Array.from({ length: 1001 }, (_, i) => (i % 2 === 0 ? 1 : -1) * i);
  const [low, high, all] = averagedPercentiles([map], [0.4, 0.99, 1]);
  expect(low).toBeCloseTo(400, -0.5);
  expect(high).toBeCloseTo(990, -0.5);
  expect(all).toBeCloseTo(1000, 1);
});

test('every map counts the same, however many of its voxels have a value', () => {
  const flat = (value: number, voxels: number) => Float32Array.from({ length: 400 }, (_, i) => (i < voxels ? value : NaN));
  // Half of the weight lies at 1, half at 3, though there are a hundred times as many values of the latter.
  const [below, above] = averagedPercentiles([flat(1, 4), flat(3, 400)], [0.45, 0.55]);
  expect(below).toBeCloseTo(1, 2);
  expect(above).toBeCloseTo(3, 2);
  expect(averagedPercentiles([flat(1, 0)], [0.4])).toEqual([0]);
  expect(averagedPercentiles([new Float32Array(5)], [0.4, 0.99])).toEqual([0, 0]);
});
