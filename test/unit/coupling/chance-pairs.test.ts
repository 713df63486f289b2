import { expect, test } from 'vitest';
import { countChancePairs, noChanceShares } from '../../../src-main/coupling/chance-pairs';
import { correlationPValue } from '../../../src-main/coupling/significance';
import { Random } from '../../../src-main/phantom/random';

const random = new Random(5, 'chance pairs');
const maxima = Float32Array.from({ length: 401 }, () => 0.1 + 0.2 * random.uniform());
const levels = [0.01, 0.05, 0.2];
const [timePoints, partners] = [200, 32];

test('counts are those of every p told by itself', () => {
  const shares = noChanceShares(levels);
  countChancePairs(maxima, { timePoints, partners }, levels, shares);
  const half = maxima.length >> 1;
  const p = Array.from(maxima, (r, i) => {
    const others = i < half ? maxima.subarray(half) : maxima.subarray(0, half);
    const naive = correlationPValue(r, timePoints - 2);
    return {
      naive,
      bonferroni: naive * partners,
      corrected: (others.filter((one) => one >= r).length + 1) / (others.length + 1),
    };
  });
  for (const way of ['naive', 'bonferroni', 'corrected'] as const)
    expect([...shares[way]], way).toEqual(levels.map((level) => p.filter((one) => one[way] <= level).length));
  expect(shares.naive[1]! / shares.tested).toBeGreaterThan(0.5);
  expect(shares.corrected[1]! / shares.tested).toBeCloseTo(0.05, 1);
});

test('copies without a value do not count, and counts add up over FBNs', () => {
  const shares = noChanceShares(levels);
  countChancePairs(new Float32Array(9).fill(NaN), { timePoints, partners }, levels, shares);
  expect(shares.tested).toBe(0);
  countChancePairs(maxima, { timePoints, partners }, levels, shares);
  const once = [...shares.naive];
  countChancePairs(maxima, { timePoints, partners }, levels, shares);
  expect([...shares.naive]).toEqual(once.map((count) => 2 * count));
  expect(shares.tested).toBe(2 * maxima.length);
});
