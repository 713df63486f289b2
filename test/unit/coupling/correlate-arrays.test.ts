import { describe, expect, test } from 'vitest';
import { correlateArrays } from '../../../src-main/coupling/correlate-arrays';
import { toSeries } from '../../../src-main/coupling/series';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { noise, series } from './made-up-series';

test('undefined entries are null everywhere and nothing in the document is NaN', async () => {
  const x = series([1, 2, 3, 5, 4], [2, 2, 2, 2, 2]);
  const statistics = await correlateArrays(x, series([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]));
  expect(statistics).toMatchObject({
    timePoints: 5,
    r: [
      [expect.closeTo(0.9), null],
      [null, null],
    ],
    p: [
      [expect.any(Number), null],
      [null, null],
    ],
    bestFilterOfFbn: [0, null],
    bestFbnOfFilter: [0, null],
    fdrBhOfBest: [expect.any(Number), null],
    metricsOfBest: [expect.anything(), null],
    circularShiftMaxNull: [expect.anything(), null],
    summary: { fbnToFilter: { pairs: 1, undefinedPairs: 1 } },
  });
  expect(JSON.parse(JSON.stringify(statistics))).toEqual(statistics);
});

test('one series each', async () => {
  const { r, fdrBhOfBest, p } = await correlateArrays(noise(1, 20, 1), noise(1, 20, 2));
  expect(r).toHaveLength(1);
  expect(fdrBhOfBest[0]).toBe(p[0]![0]);
});

describe('what is refused', () => {
  test('different lengths, naming the files', async () => {
    const work = correlateArrays(noise(1, 20, 1), noise(1, 21, 1), { names: { x: 'X.npy', y: 'Y.npy' } });
    await expect(work).rejects.toThrow(/Y\.npy \(expected 20 as in X\.npy, found 21\)/);
  });

  test('more pairs than a document holds', async () => {
    await expect(correlateArrays(noise(2000, 3, 1), noise(2000, 3, 1))).rejects.toThrow(/too many pairs.*2000 × 2000/);
  });
});

describe('series of a .npy array', () => {
  test('whole numbers and truth values become float64', () => {
    const array = { shape: [1, 3], data: BigInt64Array.of(1n, -2n, 3n), dtype: 'int64' as const };
    expect(toSeries(array, 'a.npy')).toEqual({ rows: 1, columns: 3, data: Float64Array.of(1, -2, 3) });
  });

  test.each([[[3]], [[1, 1, 3]], [[]]])('shape %j is refused', (shape) => {
    const array = { shape, data: new Float32Array(3), dtype: 'float32' as const };
    expect(() => toSeries(array, 'a.npy')).toThrow(UserError);
    expect(() => toSeries(array, 'a.npy')).toThrow(/a\.npy \(expected two dimensions/);
  });
});
