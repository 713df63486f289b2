import { describe, expect, test } from 'vitest';
import { cohensKappa } from '../../../src-main/annotation/agreement';

/** Ratings of a table of counts: rows are the first rater's categories, columns the second's. */
function ratings(counts: number[][], names = 'abcdef'): [string, string][] {
  return counts.flatMap((row, i) =>
    row.flatMap((count, j) => Array.from({ length: count }, (): [string, string] => [names[i]!, names[j]!])),
  );
}

describe('Cohen’s κ', () => {
  test('of 50 things rated 20, 5, 10, 15, worked out by hand', () => {
    // p_o = 35/50 = 0.7; margins 0.5, 0.5 and 0.6, 0.4: p_e = 0.30 + 0.20 = 0.5; κ = 0.2 / 0.5 = 0.4.
    // Diagonal: 0.4 (0.5 − 1.1 · 0.3)² + 0.3 (0.5 − 0.9 · 0.3)² = 0.01156 + 0.01587 = 0.02743.
    // Others: 0.09 [0.1 (0.6 + 0.5)² + 0.2 (0.4 + 0.5)²] = 0.09 · 0.283 = 0.02547. Last: (0.35 − 1 + 0.7)² = 0.0025.
    // var κ = (0.02743 + 0.02547 − 0.0025) / (50 · 0.5⁴) = 0.0504 / 3.125 = 0.016128; its root is 0.126996.
    const { n, agreement, kappa, interval } = cohensKappa(
      ratings([
        [20, 5],
        [10, 15],
      ]),
    );
    expect(n).toBe(50);
    expect(agreement).toBeCloseTo(0.7, 12);
    expect(kappa).toBeCloseTo(0.4, 12);
    const half = 1.959963984540054 * Math.sqrt(0.016128);
    expect(interval![0]).toBeCloseTo(0.4 - half, 10);
    expect(interval![1]).toBeCloseTo(0.4 + half, 10);
  });

  test('of 100 things in three categories, worked out by hand', () => {
    // Rows 0.3, 0.4, 0.3; columns 0.3, 0.4, 0.3: p_o = 0.7, p_e = 0.09 + 0.16 + 0.09 = 0.34, κ = 0.36 / 0.66 = 6/11.
    // Diagonal: 0.2 (0.66 − 0.6 · 0.3)² + 0.3 (0.66 − 0.8 · 0.3)² + 0.2 (0.66 − 0.6 · 0.3)² = 0.04608 + 0.05292 + 0.04608.
    // Others: 0.09 · 0.05 [4 (0.7)² + 2 (0.6)²] = 0.0045 · 2.68 = 0.01206. Last: (0.238 − 0.68 + 0.7)² = 0.066564.
    // var κ = (0.14508 + 0.01206 − 0.066564) / (100 · 0.66⁴) = 0.090576 / 18.974736.
    const { kappa, interval } = cohensKappa(
      ratings([
        [20, 5, 5],
        [5, 30, 5],
        [5, 5, 20],
      ]),
    );
    expect(kappa).toBeCloseTo(6 / 11, 12);
    const half = 1.959963984540054 * Math.sqrt(0.090576 / 18.974736);
    expect(interval![0]).toBeCloseTo(6 / 11 - half, 10);
    expect(interval![1]).toBeCloseTo(6 / 11 + half, 10);
  });

  test('is 1 where both always agree, −1 where they never do, and 0 by chance', () => {
    expect(
      cohensKappa(
        ratings([
          [3, 0],
          [0, 4],
        ]),
      ),
    ).toMatchObject({ kappa: 1, interval: [1, 1] });
    expect(
      cohensKappa(
        ratings([
          [0, 3],
          [3, 0],
        ]),
      ).kappa,
    ).toBeCloseTo(-1, 12);
    expect(
      cohensKappa(
        ratings([
          [4, 4],
          [4, 4],
        ]),
      ).kappa,
    ).toBeCloseTo(0, 12);
  });

  test('is not defined, and says why, of nothing and where both know one category only', () => {
    expect(cohensKappa([])).toMatchObject({ n: 0, agreement: null, kappa: null, why: 'nothing was rated by both' });
    expect(cohensKappa(ratings([[5]]))).toMatchObject({ agreement: 1, kappa: null, interval: null, why: 'both always say “a”' });
  });
});
