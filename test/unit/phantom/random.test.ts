import { expect, test } from 'vitest';
import { Random } from '../../../src-main/phantom/random';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.normal());

test('the same seed and purpose give the same numbers, another seed or purpose others', () => {
  const first = draw(new Random(3, 'scan 1'), 20);
  expect(draw(new Random(3, 'scan 1'), 20)).toEqual(first);
  expect(draw(new Random(4, 'scan 1'), 20)).not.toEqual(first);
  expect(draw(new Random(3, 'scan 2'), 20)).not.toEqual(first);
});

test('numbers are uniform and normal, and purposes independent', () => {
  const count = 20_000;
  const random = new Random(0, 'moments');
  const uniform = Array.from({ length: count }, () => random.uniform());
  expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(mean(uniform)).toBeCloseTo(0.5, 1);
  const [a, b] = [draw(new Random(0, 'a'), count), draw(new Random(0, 'b'), count)];
  expect(Math.abs(mean(a))).toBeLessThan(0.03);
  expect(mean(a.map((value) => value * value))).toBeCloseTo(1, 1);
  expect(mean(a.map((value) => value ** 4))).toBeGreaterThan(2.8);
  expect(mean(a.map((value) => value ** 4))).toBeLessThan(3.2);
  expect(Math.abs(mean(a.map((value, i) => value * b[i]!)))).toBeLessThan(0.03);
  expect(Math.abs(mean(a.slice(1).map((value, i) => value * a[i]!)))).toBeLessThan(0.03);
});

test('choices stay among what is given', () => {
  const random = new Random(1, 'choices');
  const seen = new Set(Array.from({ length: 200 }, () => random.choose(['a', 'b', 'c'])));
  expect([...seen].sort()).toEqual(['a', 'b', 'c']);
  for (let i = 0; i < 100; i++) {
    const value = random.between(-2, 5);
    expect(value).toBeGreaterThanOrEqual(-2);
    expect(value).toBeLessThan(5);
  }
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
