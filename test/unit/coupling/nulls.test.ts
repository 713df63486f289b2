import { describe, expect, test } from 'vitest';
import { correctPairs } from '../../../src-main/coupling/corrected';
import { correlateExactly } from '../../../src-main/coupling/correlate';
import { nullMaxima } from '../../../src-main/coupling/null-maxima';
import { createEngineProduct } from '../../../src-main/coupling/product';
import { toUnitSeries, type SeriesMatrix } from '../../../src-main/coupling/series';
import { circularShifts, randomPhases, shiftedSubjects } from '../../../src-main/coupling/surrogates';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { noise } from './made-up-series';

const draw = { samples: 40, seed: 1 };

/** r of two unit series given as rows. */
function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, t) => sum + value * b[t]!, 0);
}

/** The autocorrelation around the run at a lag. */
function around(series: Float64Array, lag: number): number {
  return series.reduce((sum, value, t) => sum + value * series[(t + lag) % series.length]!, 0);
}

function row({ columns, data }: { columns: number; data: Float64Array }, i: number): Float64Array {
  return data.subarray(i * columns, (i + 1) * columns);
}

describe('surrogates', () => {
  test.each([30, 31])('random phases keep the autocorrelation around the run of %d points and lose the phase', async (time) => {
    const unit = toUnitSeries(noise(2, time, 7));
    const surrogates = randomPhases(time, draw);
    const [first, second] = [await surrogates.make(row(unit, 0), 0), await surrogates.make(row(unit, 1), 1)];
    const copies = { columns: time, data: first };
    expect(first).toHaveLength(surrogates.rows * time);
    expect(row(copies, 0)).toEqual(row(unit, 0));
    for (const lag of [0, 1, 5]) expect(around(row(copies, 3), lag)).toBeCloseTo(around(row(unit, 0), lag), 10);
    expect(row(copies, 3).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 10);
    expect(Math.abs(product(row(copies, 3), row(unit, 0)))).toBeLessThan(0.9);
    // The same angles for all FBNs: what they share stays shared.
    const shared = product(row(copies, 5), row({ columns: time, data: second }, 5));
    expect(shared).toBeCloseTo(product(row(unit, 0), row(unit, 1)), 10);
  });

  test('random phases by a product elsewhere', async () => {
    const { product: multiply, release } = await createEngineProduct(onnxruntimeEngine, { threads: 1 });
    const unit = toUnitSeries(noise(1, 50, 3));
    const [here, there] = [randomPhases(50, draw), randomPhases(50, draw, multiply)];
    const expected = await here.make(unit.data, 0);
    (await there.make(new Float32Array(unit.data), 0)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    await release();
  });

  test('shifted subjects: of one subject a shift, of two their mean after shifts that differ', async () => {
    const time = 40;
    const [first, second] = [noise(1, time, 1), noise(1, time, 2)].map((one) => ({ ...one, data: new Float32Array(one.data) }));
    const unit = toUnitSeries(first!).data;
    const shifts = circularShifts(time);
    const every = { columns: time, data: await shifts.make(unit, 0) };
    const alone = { columns: time, data: await shiftedSubjects([first!], draw).make(unit, 0) };
    const closest = (series: Float64Array) => Math.max(...Array.from({ length: time }, (_, s) => product(series, row(every, s))));
    for (let sample = 1; sample <= draw.samples; sample++) expect(closest(row(alone, sample))).toBeCloseTo(1, 6);
    const both = { columns: time, data: await shiftedSubjects([first!, second!], draw).make(unit, 0) };
    expect(closest(row(both, 1))).toBeLessThan(0.999);
    expect(product(row(both, 1), row(both, 1))).toBeCloseTo(1, 10);
  });
});

describe('maxima under a null', async () => {
  const [x, y] = [noise(3, 24, 1), noise(5, 24, 2)];
  y.data.fill(4, 24, 48);
  const shifted = (series: Float64Array, shift: number) => series.map((_, t) => series[(t - shift + 24) % 24]!);
  const expected = async (fbns: number[], filters: number[], shift: number) => {
    const moved: SeriesMatrix = {
      ...x,
      data: Float64Array.from(fbns.flatMap((i) => [...shifted(row(x, i), shift)])),
      rows: fbns.length,
    };
    const chosen: SeriesMatrix = { ...y, data: Float64Array.from(filters.flatMap((j) => [...row(y, j)])), rows: filters.length };
    return Math.max(...(await correlateExactly(moved, chosen)).data.filter((r) => !Number.isNaN(r)));
  };
  const { maxima, release } = await createEngineProduct(onnxruntimeEngine, { threads: 1 });

  test.each([
    ['here', {}],
    ['on the engine', { maxima }],
  ])('are those of both sides, %s', async (_, options) => {
    const ofFilters: (number[] | null)[] = [];
    const onFilter = (_filter: number, values: Float64Array | null) => ofFilters.push(values && [...values]);
    const ofFbns = await nullMaxima(x, y, circularShifts(24), { ...options, onFilter });
    expect(ofFilters.map((values) => values?.length)).toEqual([24, undefined, 24, 24, 24]);
    for (const shift of [0, 1, 9, 23]) {
      expect(row(ofFbns, 2)[shift]).toBeCloseTo(await expected([2], [0, 1, 2, 3, 4], shift), 5);
      expect(ofFilters[3]![shift]).toBeCloseTo(await expected([0, 1, 2], [3], shift), 5);
    }
  });

  // Odd runs cannot be folded, the others once, twice and three times.
  test.each([31, 34, 36, 48])('shifts that are not written out give the same, at %d time points', async (time) => {
    const [a, b] = [noise(3, time, 3), noise(7, time, 4)];
    b.data.fill(1, 2 * time, 3 * time);
    const gathered = (into: Float64Array[]) => (_filter: number, values: Float64Array | null) =>
      into.push(values?.slice() ?? new Float64Array());
    const [here, there]: [Float64Array[], Float64Array[]] = [[], []];
    const exact = await nullMaxima(a, b, circularShifts(time), { onFilter: gathered(here) });
    for (const options of [{}, { onFilter: gathered(there) }]) {
      const fast = await nullMaxima(a, b, circularShifts(time), { maxima, ...options });
      fast.data.forEach((value, i) => expect(value).toBeCloseTo(exact.data[i]!, 6));
    }
    expect(there.map(({ length }) => length)).toEqual(here.map(({ length }) => length));
    there.forEach((values, filter) => values.forEach((value, i) => expect(value).toBeCloseTo(here[filter]![i]!, 6)));
  });

  test('more filters than a tile holds are taken tile by tile', async () => {
    const [a, b] = [noise(2, 12, 3), noise(2500, 12, 4)];
    const exact = await nullMaxima(a, b, circularShifts(12));
    const fast = await nullMaxima(a, b, circularShifts(12), { maxima });
    fast.data.forEach((value, i) => expect(value).toBeCloseTo(exact.data[i]!, 6));
  });

  test('other filters after the same ones are not taken for them', async () => {
    for (const seed of [4, 5, 4]) {
      const [a, b] = [noise(2, 12, 3), noise(3, 12, seed)];
      const exact = await nullMaxima(a, b, randomPhases(12, draw));
      (await nullMaxima(a, b, randomPhases(12, draw), { maxima })).data.forEach((value, i) =>
        expect(value).toBeCloseTo(exact.data[i]!, 6),
      );
    }
  });

  test('the engine is let go', async () => {
    await release();
  });
});

describe('corrected pairs', () => {
  test('a planted pair survives every correction, unrelated ones do not, and the matched mean r is that of the excess', async () => {
    const y = noise(30, 200, 5);
    const x = noise(4, 200, 6);
    for (let t = 0; t < 200; t++) x.data[t]! += 2 * y.data[17 * 200 + t]!;
    const r = await correlateExactly(x, y);
    const directions = ['fbn-to-filter', 'filter-to-fbn'] as const;
    const [toFilter, toFbn] = await correctPairs({ x, y, r, directions, surrogates: circularShifts(200) });
    const [planted, ...others] = toFilter!.pairs;
    expect(planted).toMatchObject({ fbn: 0, filter: 17, pNull: 1 / 200, pFamily: 1 / 200, q: 4 / 200, isMutual: true });
    expect(others.filter(({ pFamily }) => pFamily > 0.05)).toHaveLength(3);
    expect(toFilter!.notSignificant.family).toBe(3);
    expect(toFilter!.matchedMeanR).toBeCloseTo(toFilter!.meanR - toFilter!.expectedMeanR, 12);
    expect(toFilter!.meanR).toBeCloseTo(toFilter!.pairs.reduce((sum, pair) => sum + pair.r, 0) / 4, 12);
    expect(toFbn!.pairs).toHaveLength(30);
    expect(toFbn!.pairs[17]).toMatchObject({ fbn: 0, filter: 17, pNull: 1 / 200, isMutual: true });
    expect(toFbn!.pairs.filter(({ isMutual }) => isMutual).length).toBeLessThanOrEqual(4);
  });

  test('with more unrelated filters mean r rises and the matched mean r does not', async () => {
    const x = noise(20, 150, 8);
    const y = noise(400, 150, 9);
    const of = async (filters: number) => {
      const some = { ...y, rows: filters, data: y.data.subarray(0, filters * 150) };
      const r = await correlateExactly(x, some);
      return (await correctPairs({ x, y: some, r, directions: ['fbn-to-filter'], surrogates: circularShifts(150) }))[0]!;
    };
    const [few, many] = [await of(20), await of(400)];
    expect(many.meanR - few.meanR).toBeGreaterThan(0.05);
    for (const one of [few, many]) expect(Math.abs(one.z)).toBeLessThan(3);
  });

  test('constant series have no pair and take no part', async () => {
    const x = noise(2, 30, 1);
    x.data.fill(1, 0, 30);
    const y = noise(3, 30, 2);
    const r = await correlateExactly(x, y);
    const [only] = await correctPairs({ x, y, r, directions: ['fbn-to-filter'], surrogates: circularShifts(30) });
    expect(only!.pairs.map(({ fbn }) => fbn)).toEqual([1]);
    expect(Number.isFinite(only!.matchedMeanR)).toBe(true);
  });
});
