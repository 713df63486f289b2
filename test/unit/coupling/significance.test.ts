import fc from 'fast-check';
import { expect, test } from 'vitest';
import { benjaminiHochberg, correlationPValue } from '../../../src-main/coupling/significance';

// Expected values: mpmath, 40 digits, I_{1−r²}(df/2, 1/2).
test.each([
  [0.3, 118, 0.0008717087439756126],
  [0.7363068038000725, 118, 9.501952517860015e-22],
  [0.1, 33.5, 0.5646578170298873],
  [0, 10, 1],
  [1, 10, 0],
  [-1, 10, 0],
])('p of r = %d with %d degrees of freedom', (r, degreesOfFreedom, expected) => {
  const p = correlationPValue(r, degreesOfFreedom);
  expect(Math.abs(p - expected)).toBeLessThanOrEqual(1e-6 * expected);
});

test('undefined r and too few degrees of freedom have no p', () => {
  expect(correlationPValue(NaN, 10)).toBeNaN();
  expect(correlationPValue(0.5, 0)).toBeNaN();
  expect(correlationPValue(0.5, -1)).toBeNaN();
});

test('p falls as |r| grows, and the sign does not matter', () => {
  const r = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(r, r, fc.double({ min: 1, max: 2000, noNaN: true }), (a, b, degreesOfFreedom) => {
      const [weak, strong] = a < b ? [a, b] : [b, a];
      expect(correlationPValue(strong, degreesOfFreedom)).toBeLessThanOrEqual(
        correlationPValue(weak, degreesOfFreedom) * (1 + 1e-9),
      );
      expect(correlationPValue(-weak, degreesOfFreedom)).toBe(correlationPValue(weak, degreesOfFreedom));
    }),
  );
});

test('Benjamini–Hochberg, worked out by hand; undefined p are left out', () => {
  const q = benjaminiHochberg([0.01, NaN, 0.04, 0.03, 0.005]);
  [0.02, NaN, 0.04, 0.04, 0.02].forEach((expected, i) =>
    Number.isNaN(expected) ? expect(q[i]).toBeNaN() : expect(q[i]).toBeCloseTo(expected, 12),
  );
  expect(benjaminiHochberg([])).toEqual([]);
  expect(benjaminiHochberg([0.9, 1])).toEqual([1, 1]);
});

test('q is at least p and keeps its order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (p) => {
      const q = benjaminiHochberg(p);
      const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
      for (const i of order) expect(q[i]).toBeGreaterThanOrEqual(p[i]! * (1 - 1e-12));
      for (let k = 1; k < order.length; k++) expect(q[order[k]!]).toBeGreaterThanOrEqual(q[order[k - 1]!]!);
    }),
  );
});
