import { expect, test } from 'vitest';
import { Generator } from '../../../src-main/embedding/generator';

test('xoshiro128** as published: state 1, 2, 3, 4', () => {
  const generator = Generator.fromState([1, 2, 3, 4]);
  expect(Array.from({ length: 4 }, () => generator.nextUint32())).toEqual([11520, 0, 5927040, 70819200]);
});

test('a generator goes on from its state', () => {
  const generator = Generator.fromSeed(5);
  generator.nextUint32();
  const copy = Generator.fromState(generator.state);
  expect(Array.from({ length: 20 }, () => copy.nextUint32())).toEqual(Array.from({ length: 20 }, () => generator.nextUint32()));
});

test('permutations hold every number once and every order is as likely', () => {
  const generator = Generator.fromSeed(0);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = generator.permutation(3).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
  // Five standard deviations of a binomial with p = 1/6.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(6000 * (1 / 6) * (5 / 6)));
});

test('symmetric numbers fill [−1, 1)', () => {
  const generator = Generator.fromSeed(1);
  const numbers = Array.from({ length: 10_000 }, () => generator.nextSymmetric());
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(Math.max(...numbers) - Math.min(...numbers)).toBeGreaterThan(1.99);
  expect(Math.abs(numbers.reduce((sum, x) => sum + x, 0) / 10_000)).toBeLessThan(0.03);
});
