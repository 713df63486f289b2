import { describe, expect, test } from 'vitest';
import { cohensKappa } from '../../../src-main/annotation/agreement';
import { Random } from '../../../src-main/phantom/random';

/** Ratings of a table of counts: rows are the first rater's categories, columns the second's. */
function ratings(counts: number[][], names = 'abcdef'): [string, string][] {
  return counts.flatMap((row, i) =>
    row.flatMap((count, j) => Array.from({ length: count }, (): [string, string] => [names[i]!, names[j]!])),
  );
}

describe('Cohen’s κ', () => {
  test('of 50 things rated 20, 5, 10, 15, worked out by hand', () => {
    // p_o = 35/50 = 0.7; margins 0.5, 0.5 and 0.6, 0.4: p_e = 0.30 + 0.20 = 0.5; κ = 0.2 / 0.5 = 0.4.
    // z² = 3.841459. Share: (0.7 + 0.0384146 ± 1.959964 √(0.21/50 + 3.841459/10,000)) / (1 + 0.0768292)
    //   = (0.7384146 ± 1.959964 · 0.0677063) / 1.0768292 = (0.7384146 ± 0.1327019) / 1.0768292 = 0.562497 … 0.808964.
    // κ = 2 · share − 1: 0.124993 … 0.617929.
    const { n, agreement, kappa, interval } = cohensKappa(
      ratings([
        [20, 5],
        [10, 15],
      ]),
    );
    expect(n).toBe(50);
    expect(agreement).toBeCloseTo(0.7, 12);
    expect(kappa).toBeCloseTo(0.4, 12);
    expect(interval![0]).toBeCloseTo(0.124993, 5);
    expect(interval![1]).toBeCloseTo(0.617929, 5);
  });

  test('of 100 things in three categories, worked out by hand', () => {
    // Rows 0.3, 0.4, 0.3; columns 0.3, 0.4, 0.3: p_o = 0.7, p_e = 0.09 + 0.16 + 0.09 = 0.34, κ = 0.36 / 0.66 = 6/11.
    // Share: (0.7 + 0.0192073 ± 1.959964 √(0.0021 + 0.0000960365)) / 1.0384146 = (0.7192073 ± 0.0918485) / 1.0384146
    //   = 0.604151 … 0.781051; κ = (share − 0.34) / 0.66: 0.400229 … 0.668259.
    const { kappa, interval } = cohensKappa(
      ratings([
        [20, 5, 5],
        [5, 30, 5],
        [5, 5, 20],
      ]),
    );
    expect(kappa).toBeCloseTo(6 / 11, 12);
    expect(interval![0]).toBeCloseTo(0.400229, 5);
    expect(interval![1]).toBeCloseTo(0.668259, 5);
  });

  test('is 1 where both always agree, −1 where they never do, and 0 by chance', () => {
    expect(
      cohensKappa(
        ratings([
          [3, 0],
          [0, 4],
        ]),
      ),
    ).toMatchObject({ kappa: 1 });
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

  test('of 7 things rated the same keeps an interval, and one of 200 a narrow one', () => {
    // p_e = (9 + 16)/49 = 25/49. Share of 7 in 7: from 7/(7 + z²) = 7/10.841459 = 0.645670 to 1.
    // κ from (0.645670 − 0.510204) / 0.489796 = 0.276575 to 1.
    const few = cohensKappa(
      ratings([
        [3, 0],
        [0, 4],
      ]),
    ).interval!;
    expect(few[0]).toBeCloseTo(0.276575, 5);
    expect(few[1]).toBe(1);
    // p_e = 0.5; 200/(200 + z²) = 0.981155: κ from 0.962309.
    const many = cohensKappa(
      ratings([
        [100, 0],
        [0, 100],
      ]),
    ).interval!;
    expect(many[0]).toBeCloseTo(0.962309, 5);
    expect(many[1]).toBe(1);
  });

  test('is 0 and has no interval where a rater uses one category only, whatever the other says, nor of one thing', () => {
    const constant = cohensKappa(ratings([[6, 4]]), ['Ana', 'Ben']);
    expect(constant).toEqual({ n: 10, agreement: 0.6, kappa: 0, interval: null, why: 'Ana always says “a”' });
    expect(cohensKappa(ratings([[0], [3], [2]]), ['Ana', 'Ben'])).toMatchObject({
      ...{ kappa: 0, interval: null, why: 'Ben always says “a”' },
    });
    expect(cohensKappa([['a', 'b']])).toMatchObject({ kappa: 0, interval: null, why: 'one pair says nothing' });
    expect(cohensKappa([['a', 'a']])).toMatchObject({ kappa: null, interval: null });
  });

  test('has an interval that holds the true κ in about 95 of 100 samples, of ten things as of fifty', () => {
    const random = new Random(7, 'raters');
    // Each says a or b half of the time, and they agree in 9 of 10: κ = (0.9 − 0.5) / 0.5 = 0.8.
    const sample = (n: number) =>
      Array.from({ length: n }, (): [string, string] => {
        const first = random.uniform() < 0.5;
        return [first ? 'a' : 'b', first === random.uniform() < 0.9 ? 'a' : 'b'];
      });
    for (const n of [10, 50]) {
      const intervals = Array.from({ length: 2000 }, () => cohensKappa(sample(n)).interval).filter((one) => one !== null);
      const held = intervals.filter(([low, high]) => low <= 0.8 && high >= 0.8).length / intervals.length;
      expect(held, `n = ${n}`).toBeGreaterThan(0.92);
      expect(held, `n = ${n}`).toBeLessThan(0.99);
    }
  });

  test('is not defined, and says why, of nothing and where both know one category only', () => {
    expect(cohensKappa([])).toMatchObject({ n: 0, agreement: null, kappa: null, why: 'nothing was rated by both' });
    expect(cohensKappa(ratings([[5]]))).toMatchObject({ agreement: 1, kappa: null, interval: null, why: 'both always say “a”' });
  });
});
