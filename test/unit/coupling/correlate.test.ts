import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correlate, correlateExactly } from '../../../src-main/coupling/correlate';
import { createEngineProduct, type SeriesProduct } from '../../../src-main/coupling/product';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';
import { createMatrix } from '../../../src-preload/shared/domain/matrix';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { anySeries, noise, series } from './made-up-series';

/** The definition, written down plainly. */
function pearson(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    a.reduce((sum, value, t) => sum + (value - ma) * (b[t]! - mb), 0);
  return product(x, mx, y, my) / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my));
}

test.each([
  [1, 1],
  [2, 3],
  [7, 5],
  [64, 100],
  [31, 4],
])('%i × %i series: every entry, at tile edges too', async (rowsX, rowsY) => {
  const x = noise(rowsX, 50, 1);
  const y = noise(rowsY, 50, 2);
  const r = await correlateExactly(x, y);
  const rounded = await correlate(x, y);
  expect(r).toMatchObject({ rows: rowsX, columns: rowsY });
  for (let i = 0; i < rowsX; i++) {
    for (let j = 0; j < rowsY; j++) {
      const expected = pearson([...x.data.slice(i * 50, i * 50 + 50)], [...y.data.slice(j * 50, j * 50 + 50)]);
      expect(r.data[i * rowsY + j]).toBeCloseTo(expected, 12);
      expect(rounded.data[i * rowsY + j]).toBeCloseTo(expected, 6);
    }
  }
});

describe('undefined series', () => {
  const x = series([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.1], [1, NaN, 2, 3], [1, Infinity, 2, 3]);
  const y = series([4, 3, 2, 1], [7, 7, 7, 7]);

  test.each(['here', 'by a product'])('constant and non-finite ones give NaN, never 0 (%s)', async (place) => {
    const { product, release } = await createEngineProduct(onnxruntimeEngine, { threads: 1 });
    const r = await correlate(x, y, place === 'here' ? {} : { product });
    await release();
    expect(r.data[0]).toBeCloseTo(-1, 6);
    expect([...r.data].map(Number.isNaN)).toEqual([false, true, true, true, true, true, true, true]);
  });
});

describe('accuracy', () => {
  test('an offset of a million at a deviation of one, float32', async () => {
    const plain = noise(3, 900, 5);
    const shifted = { ...plain, data: Float32Array.from(plain.data, (value) => value + 1e6) };
    const rounded = { ...plain, data: Float64Array.from(shifted.data, (value) => value - 1e6) };
    const r = await correlate(shifted, shifted);
    const expected = await correlateExactly(rounded, rounded);
    r.data.forEach((value, at) => expect(Math.abs(value - expected.data[at]!)).toBeLessThan(1e-6));
  });

  test.each([1e-300, 1e-160, 1e160, 1e300])('values of size %d', async (size) => {
    const { data } = await correlateExactly(series([1 * size, 2 * size, 4 * size]), series([1, 2, 4]));
    expect(data[0]).toBeCloseTo(1, 12);
  });

  test('a product on the engine agrees to 1e-6', async () => {
    const x = noise(16, 600, 8);
    const y = noise(300, 600, 9);
    const { product, release } = await createEngineProduct(onnxruntimeEngine, { threads: 1 });
    const [fast, exact] = await Promise.all([correlate(x, y, { product }), correlateExactly(x, y)]);
    await release();
    fast.data.forEach((value, at) => expect(Math.abs(value - exact.data[at]!)).toBeLessThan(1e-6));
  });

  test('series as they are, on the engine: offsets, scales, constants and gaps among many blocks', async () => {
    const x = noise(5, 120, 8);
    x.data.fill(3, 120, 240);
    const plain = noise(1100, 120, 9);
    const y = { ...plain, data: Float32Array.from(plain.data) };
    const change = (row: number, changed: (value: number) => number) => {
      for (let t = row * 120; t < (row + 1) * 120; t++) y.data[t] = changed(y.data[t]!);
    };
    change(1, (value) => value + 50);
    change(2, (value) => value + 1e4);
    change(3, (value) => value * 1e-20);
    change(4, (value) => value * 1e25);
    change(5, () => 0.1);
    change(600, () => 0);
    y.data[601 * 120 + 7] = NaN;
    y.data[602 * 120 + 7] = Infinity;
    const { product, release } = await createEngineProduct(onnxruntimeEngine, { threads: 1 });
    const [fast, exact] = [await correlate(x, y, { product }), await correlateExactly(x, y)];
    await release();
    fast.data.forEach((value, at) => {
      if (Number.isNaN(exact.data[at])) expect(value).toBeNaN();
      else expect(Math.abs(value - exact.data[at]!)).toBeLessThan(1e-6);
    });
    expect(fast.data.filter(Number.isNaN)).toHaveLength(1100 + 4 * 4);
  });

  test('a product is given blocks, and each block lands in its columns', async () => {
    const x = noise(2, 10, 3);
    const y = noise(5000, 10, 4);
    const sizes: number[] = [];
    const product: SeriesProduct = async (a, b) => {
      sizes.push(b.rows);
      const result = createMatrix(a.rows, b.rows);
      for (let i = 0; i < a.rows; i++)
        for (let j = 0; j < b.rows; j++)
          for (let t = 0; t < 10; t++) result.data[i * b.rows + j]! += a.data[i * 10 + t]! * b.data[j * 10 + t]!;
      return result;
    };
    const [blocked, exact] = [await correlate(x, y, { product }), await correlateExactly(x, y)];
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(5000);
    blocked.data.forEach((value, at) => expect(Math.abs(value - exact.data[at]!)).toBeLessThan(1e-6));
  });
});

describe('properties', () => {
  const two = fc.integer({ min: 3, max: 12 }).chain((time) => fc.tuple(anySeries(time, 5), anySeries(time, 5)));

  test('r lies in [−1, 1] or is NaN, and is symmetric', async () => {
    await fc.assert(
      fc.asyncProperty(two, async ([x, y]) => {
        const [r, transposed] = [await correlateExactly(x, y), await correlateExactly(y, x)];
        r.data.forEach((value, at) => {
          expect(Number.isNaN(value) || Math.abs(value) <= 1).toBe(true);
          const mirrored = transposed.data[(at % y.rows) * x.rows + Math.floor(at / y.rows)]!;
          expect(Object.is(value, mirrored) || Math.abs(value - mirrored) < 1e-12).toBe(true);
        });
      }),
    );
  });

  test('r of a series with itself is 1, unless it is constant', async () => {
    await fc.assert(
      fc.asyncProperty(anySeries(6, 4), async (x) => {
        const r = await correlateExactly(x, x);
        for (let i = 0; i < x.rows; i++) {
          const constant = new Set(x.data.subarray(i * 6, i * 6 + 6)).size === 1;
          const value = r.data[i * x.rows + i]!;
          expect(constant ? Number.isNaN(value) : Math.abs(value - 1) < 1e-12).toBe(true);
        }
      }),
    );
  });

  test('positive scaling changes nothing, negative scaling the sign', async () => {
    // Powers of two from 1 on scale exactly: any other factor may round or lose the smallest numbers there are.
    const scale = fc.integer({ min: 0, max: 10 }).map((power) => 2 ** power);
    await fc.assert(
      fc.asyncProperty(two, scale, async ([x, y], factor) => {
        const r = await correlateExactly(x, y);
        const scaled = await correlateExactly({ ...x, data: x.data.map((value) => -factor * value) }, y);
        r.data.forEach((value, at) => {
          if (Number.isNaN(value)) expect(scaled.data[at]).toBeNaN();
          else expect(scaled.data[at]).toBeCloseTo(-value, 9);
        });
      }),
    );
  });
});

describe('what is refused', () => {
  test('time axes of different length name both sets', async () => {
    const work = correlate(noise(2, 120, 1), noise(2, 119, 1), { names: { x: 'a.npy', y: 'b.npy' } });
    await expect(work).rejects.toThrow(UserError);
    await expect(work).rejects.toThrow(/b\.npy \(expected 120 as in a\.npy, found 119\)/);
  });

  test.each([0, 1, 2])('%i time points', async (time) => {
    await expect(correlate(noise(1, time, 1), noise(1, time, 1))).rejects.toThrow(/too short.*at least 3/);
  });

  test('an empty set', async () => {
    await expect(correlate(noise(0, 10, 1), noise(1, 10, 1))).rejects.toThrow(/no series/);
  });
});

test('cancelling stops the work; progress ends at all series', async () => {
  const context = quietContext();
  const seen: number[] = [];
  await correlate(noise(2, 10, 1), noise(7, 10, 1), {
    context: { ...context, progress: ({ done, total }) => seen.push(done / total) },
  });
  expect(seen.at(-1)).toBe(1);
  const cancelled = { ...context, signal: AbortSignal.abort() };
  await expect(correlate(noise(2, 10, 1), noise(7, 10, 1), { context: cancelled })).rejects.toThrow(CancelledError);
});
