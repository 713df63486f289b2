import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { circularShiftMaxNull } from '../../../src-main/coupling/circular-shift-null';
import { effectiveSampleSizes } from '../../../src-main/coupling/effective-n';
import { warpingDistance } from '../../../src-main/coupling/dynamic-time-warping';
import { pairMetrics, ranks } from '../../../src-main/coupling/pair-metrics';
import { linearRegression } from '../../../src-main/coupling/regression';
import { CancelledError } from '../../../src-preload/shared/domain/errors';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { anySeries, noise, series } from './made-up-series';

/** Each value drawn towards the one before it. */
function smooth(rows: number, columns: number, seed: number) {
  const made = noise(rows, columns, seed);
  for (let i = 0; i < rows; i++)
    for (let t = 1; t < columns; t++) made.data[i * columns + t]! += 0.9 * made.data[i * columns + t - 1]!;
  return made;
}

describe('effective N', () => {
  test('smooth series are worth far fewer points than white ones', () => {
    const of = (made: ReturnType<typeof noise>) => effectiveSampleSizes(made, made).data[1]!;
    expect(of(noise(2, 400, 1))).toBeGreaterThan(300);
    expect(of(smooth(2, 400, 1))).toBeLessThan(100);
  });

  test('stays within [3, N], and is undefined for constant series', () => {
    fc.assert(
      fc.property(anySeries(12, 4), (x) => {
        for (const [at, size] of effectiveSampleSizes(x, x).data.entries()) {
          const constant = [Math.floor(at / x.rows), at % x.rows].some(
            (i) => new Set(x.data.subarray(i * 12, i * 12 + 12)).size === 1,
          );
          expect(constant ? Number.isNaN(size) : size >= 3 && size <= 12).toBe(true);
        }
      }),
    );
  });

  test('half a lag is rounded to even, as in the rule', () => {
    // N = 10: round(2.5) = 2 lags.
    const x = [1, 5, 2, 8, 3, 9, 4, 7, 6, 0];
    const deviation = x.map((value) => value - 4.5);
    const variance = deviation.reduce((sum, value) => sum + value * value, 0);
    const a = (lag: number) => deviation.slice(lag).reduce((sum, value, t) => sum + value * deviation[t]!, 0) / variance;
    const expected = 10 / (1 + 2 * (0.9 * a(1) ** 2 + 0.8 * a(2) ** 2));
    expect(effectiveSampleSizes(series(x), series(x)).data[0]).toBeCloseTo(expected, 10);
  });
});

describe('circular-shift null of the maximum', () => {
  test('a coupled FBN stands out, a series of noise does not, a constant one has none', async () => {
    const y = smooth(30, 200, 3);
    const x = series(
      [...y.data.subarray(200, 400)],
      [...smooth(1, 200, 99).data],
      Array.from({ length: 200 }, () => 2),
    );
    const [coupled, unrelated, constant] = await circularShiftMaxNull(x, y);
    expect(coupled).toMatchObject({ exceed: 0, p: 1 / 200 });
    expect(coupled!.observed).toBeCloseTo(1, 12);
    expect(unrelated!.p).toBeGreaterThan(0.05);
    expect(constant).toBeNull();
  });

  test('the null grows with the number of filters', async () => {
    const x = smooth(1, 150, 1);
    const y = smooth(200, 150, 2);
    const few = { ...y, rows: 5, data: y.data.subarray(0, 5 * 150) };
    const [[many], [some]] = [await circularShiftMaxNull(x, y), await circularShiftMaxNull(x, few)];
    expect(many!.q95).toBeGreaterThan(some!.q95);
  });

  test('shifts by a whole period count as equal', async () => {
    const wave = Array.from({ length: 40 }, (_, t) => Math.sin((2 * Math.PI * t) / 10));
    const [only] = await circularShiftMaxNull(series(wave), series(wave));
    expect(only).toMatchObject({ exceed: 3, p: 0.1 });
  });

  test('no filter that varies gives no null; cancelling stops it', async () => {
    expect(await circularShiftMaxNull(noise(2, 5, 1), series([1, 1, 1, 1, 1]))).toEqual([null, null]);
    const context = { ...quietContext(), signal: AbortSignal.abort() };
    await expect(circularShiftMaxNull(noise(2, 5, 1), noise(2, 5, 2), { context })).rejects.toThrow(CancelledError);
  });
});

/** The recurrence as it is written down, by memory of every cell. */
function plainWarping(x: Float64Array, y: Float64Array, inside: (i: number, j: number) => boolean): number {
  const known = new Map<string, number>();
  const distance = (i: number, j: number): number => {
    if (i < 0 && j < 0) return 0;
    if (i < 0 || j < 0 || !inside(i, j)) return Infinity;
    const key = `${i} ${j}`;
    const value =
      known.get(key) ?? (x[i]! - y[j]!) ** 2 + Math.min(distance(i - 1, j), distance(i, j - 1), distance(i - 1, j - 1));
    known.set(key, value);
    return value;
  };
  return Math.sqrt(distance(x.length - 1, y.length - 1));
}

describe('metrics of a pair', () => {
  test('equal up to scale and offset: no distance', () => {
    const metrics = pairMetrics(Float64Array.of(1, 2, 4, 3), Float64Array.of(10, 20, 40, 30))!;
    expect(metrics.PCC).toBeCloseTo(1, 12);
    for (const name of ['MAE', 'MSE', 'RMSE', 'DTW'] as const) expect(metrics[name]).toBeCloseTo(0, 7);
  });

  test('MSE = 2 (1 − PCC), and warping never lengthens the distance', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { data } = noise(2, 30, seed);
      const metrics = pairMetrics(data.subarray(0, 30), data.subarray(30))!;
      expect(metrics.MSE).toBeCloseTo(2 * (1 - metrics.PCC), 12);
      expect(metrics.RMSE).toBeCloseTo(Math.sqrt(metrics.MSE), 12);
      expect(metrics.DTW).toBeLessThanOrEqual(Math.sqrt(30 * metrics.MSE));
    }
  });

  test.each([3, 4, 5, 8, 9, 31])('warping is that of the plain recurrence, at length %d', (time) => {
    const { data } = noise(2, time, time);
    const [x, y] = [data.subarray(0, time), data.subarray(time)];
    for (const band of [undefined, 0, 1, 4]) {
      const inside = (i: number, j: number) => band === undefined || Math.abs(i - j) <= band;
      expect(warpingDistance(x, y, band)).toBeCloseTo(plainWarping(x, y, inside), 10);
    }
    expect(warpingDistance(x, y.subarray(1), 0)).toBeCloseTo(
      plainWarping(x, y.subarray(1), (i, j) => Math.abs(i - j) <= 1),
      10,
    );
  });

  test('Spearman is r of the ranks, of equals their mean', () => {
    const [x, y] = [Float64Array.of(1, 2, 2, 10, 5), Float64Array.of(2, 4, 5, 1000, 7)];
    expect([...ranks(x)]).toEqual([1, 2.5, 2.5, 5, 4]);
    expect(pairMetrics(x, y)!.Spearman).toBeCloseTo(0.974679434, 8);
    expect(
      pairMetrics(
        x,
        x.map((value) => -(value ** 3)),
      )!.Spearman,
    ).toBeCloseTo(-1, 10);
  });

  test('a band is a second DTW beside the paper’s, and never shorter', () => {
    const { data } = noise(2, 30, 3);
    const [x, y] = [data.subarray(0, 30), data.subarray(30)];
    const { DTW, DTWInBand } = pairMetrics(x, y, { band: 2 })!;
    expect(DTW).toBe(pairMetrics(x, y)!.DTW);
    expect(DTWInBand).toBeGreaterThan(DTW);
    expect(pairMetrics(x, y, { band: 30 })!.DTWInBand).toBeCloseTo(DTW, 12);
  });

  test('a constant series has none', () => {
    expect(pairMetrics(Float64Array.of(1, 1, 1), Float64Array.of(1, 2, 3))).toBeNull();
  });
});

describe('linear regression', () => {
  test('points on a line', () => {
    const line = linearRegression([1, 2, 3, 4], [5, 7, 9, 11]);
    expect(line).toMatchObject({ n: 4, p: 0 });
    expect([line.slope, line.intercept, line.r2]).toEqual([2, 3, 1].map((value) => expect.closeTo(value, 12) as number));
  });

  test.each([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 1, 1],
      [1, 2, 3],
    ],
    [
      [1, 2, 3],
      [5, 5, 5],
    ],
  ])('%j and %j have no line', (x, y) => {
    expect(linearRegression(x, y)).toMatchObject({ slope: NaN, r2: NaN, p: NaN });
  });
});
