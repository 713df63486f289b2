import { describe, expect, test } from 'vitest';
import { correctPairs } from '../../../src-main/coupling/corrected';
import { controlledNullMaxima } from '../../../src-main/coupling/controlled-null';
import { ControlledSeries, type ControlSettings } from '../../../src-main/coupling/controlled-series';
import { correlateExactly } from '../../../src-main/coupling/correlate';
import { convolve, responseKernels } from '../../../src-main/coupling/haemodynamic-response';
import { nullMaxima } from '../../../src-main/coupling/null-maxima';
import { controlledTests } from '../../../src-main/coupling/pair-tests';
import { partialOut } from '../../../src-main/coupling/partial';
import { multipleCorrelationPValue } from '../../../src-main/coupling/significance';
import { circularShifts, shiftedSubjects } from '../../../src-main/coupling/surrogates';
import { couplingForm, lagsInTrs, noControls, parseCouplingForm } from '../../../src-preload/shared/domain/controls';
import { noise, series } from './made-up-series';

const plain: ControlSettings = { response: 'none', lags: [0], trSeconds: 1, confounds: null };
const TIME = 240;

/** FBN 0 follows filter 2 by `delay` time points. */
function delayed(delay: number, seed = 1) {
  const [x, y] = [noise(3, TIME, seed), noise(5, TIME, seed + 1)];
  for (let t = delay; t < TIME; t++) x.data[t]! += 1.5 * y.data[2 * TIME + t - delay]!;
  return { x, y };
}

const float32 = (one: ReturnType<typeof noise>) => ({ ...one, data: new Float32Array(one.data) });

describe('the form of a coupling', () => {
  test.each([
    noControls,
    { confounds: ['luminance', 'edge density'], response: 'none', lag: null } as const,
    { confounds: [], response: 'derivatives', lag: { least: 0, most: 8 } } as const,
    { confounds: ['cut'], response: 'canonical', lag: { least: 2.5, most: 7.5 } } as const,
  ])('says what was done, and can be read back: %o', (controls) => {
    const form = couplingForm('max, all frames', controls);
    expect(parseCouplingForm(form)).toEqual({ activations: 'max, all frames', controls });
  });

  test('lags are the whole TRs within the seconds', () => {
    expect(lagsInTrs({ ...noControls, lag: { least: 0, most: 4 } }, 0.8)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(lagsInTrs({ ...noControls, lag: { least: 1, most: 5 } }, 2)).toEqual([1, 2]);
    expect(lagsInTrs(noControls, 2)).toEqual([0]);
  });
});

describe('the haemodynamic response', () => {
  test('is the canonical one: SPM’s values at whole seconds, its peak at 5 s, its sum 1', () => {
    const [canonical] = responseKernels('canonical', 1) as [Float64Array];
    const gamma = (t: number, shape: number, factorial: number) => (t ** (shape - 1) * Math.exp(-t)) / factorial;
    // Of whole shapes the gamma function is a factorial: 5! and 15!.
    const direct = Array.from({ length: 33 }, (_, t) => gamma(t, 6, 120) - gamma(t, 16, 1307674368000) / 6);
    const sum = direct.reduce((a, b) => a + b, 0);
    direct.forEach((value, t) => expect(canonical[t]).toBeCloseTo(value / sum, 12));
    expect(canonical.indexOf(Math.max(...canonical))).toBe(5);
  });

  test('a single impulse comes out as the kernel, and a constant as undefined', () => {
    const [kernel] = responseKernels('canonical', 2) as [Float64Array];
    const impulse = series(Array.from({ length: 60 }, (_, t) => (t === 10 ? 1 : 0)));
    const { data } = convolve(impulse, kernel);
    const [before, after] = [data[9]!, data[13]!];
    expect(after - before).toBeGreaterThan(kernel[3]! - 0.03);
    expect([...convolve(series(Array.from({ length: 9 }, () => 0.1)), kernel).data]).toEqual(Array.from({ length: 9 }, () => 0));
  });

  test('with derivatives a response that comes a second late is followed better than by the canonical one alone', async () => {
    const y = noise(4, TIME, 5);
    const late = Float64Array.from({ length: 33 }, (_, t) => responseKernels('canonical', 1)[0]![t - 1] ?? 0);
    const x = convolve({ ...y, rows: 1, data: y.data.subarray(TIME, 2 * TIME) }, late);
    const r = async (response: 'canonical' | 'derivatives') =>
      (await new ControlledSeries(x, y, { ...plain, response }).correlations()).r.data[1]!;
    expect(await r('derivatives')).toBeGreaterThan(await r('canonical'));
    expect(await r('derivatives')).toBeGreaterThan(0.99);
  });

  test('r with derivatives is the multiple correlation of the three regressors, by the normal equations', async () => {
    const [x, y] = [noise(1, TIME, 5), noise(1, TIME, 6)];
    const { r } = await new ControlledSeries(x, y, { ...plain, response: 'derivatives' }).correlations();
    const regressors = responseKernels('derivatives', 1).map((kernel) => convolve(y, kernel));
    const stacked = { rows: 3, columns: TIME, data: Float64Array.from(regressors.flatMap(({ data }) => [...data])) };
    const left = partialOut(x, stacked);
    // partialOut starts from the unit series, so what is left has length √(1 − R²).
    const unexplained = left.data.reduce((sum, value) => sum + value * value, 0);
    expect(Math.abs(r.data[0]!)).toBeCloseTo(Math.sqrt(1 - unexplained), 6);
  });
});

describe('the lag scan', () => {
  test('finds the delay that was planted, on the time points that all lags have', async () => {
    const { x, y } = delayed(4);
    const scanned = new ControlledSeries(x, y, { ...plain, lags: [0, 1, 2, 3, 4, 5, 6] });
    const { r, lag } = await scanned.correlations();
    expect(scanned.timePoints).toBe(TIME - 6);
    expect(lag!.data[2]).toBe(4);
    expect(r.data[2]).toBeGreaterThan(0.7);
    expect(scanned.partner(0, 2)!.lag).toBe(4);
    const direct = await correlateExactly(
      { rows: 1, columns: TIME - 6, data: x.data.subarray(6, TIME) },
      { rows: 1, columns: TIME - 6, data: y.data.subarray(2 * TIME + 2, 3 * TIME - 4) },
    );
    expect(r.data[2]).toBeCloseTo(direct.data[0]!, 6);
  });

  test('a planted pair is as significant with lags as there are shifts that are none of them', async () => {
    const { x, y } = delayed(4);
    const scanned = new ControlledSeries(x, y, { ...plain, lags: [0, 1, 2, 3, 4, 5, 6] });
    const { r } = await scanned.correlations();
    const request = {
      x: scanned.x,
      y,
      r,
      directions: ['fbn-to-filter', 'filter-to-fbn'] as const,
      tests: controlledTests(scanned),
    };
    const surrogates = circularShifts(scanned.timePoints);
    const [ofFbns, ofFilters] = await correctPairs({ ...request, surrogates });
    const shifts = TIME - 6 - 1 - 2 * 6;
    expect(ofFbns!.surrogates).toBe(shifts);
    expect(ofFbns!.pairs[0]!.pNull).toBeCloseTo(1 / (1 + shifts), 12);
    expect(ofFilters!.pairs.find(({ filter }) => filter === 2)!.pNull).toBeCloseTo(1 / (1 + shifts), 12);
  });

  test('of more filters and lags than are taken together the null holds the largest multiple correlation', async () => {
    const [x, y] = [noise(2, 40, 1), noise(300, 40, 2)];
    const scanned = new ControlledSeries(x, y, { ...plain, response: 'derivatives', lags: [0, 1, 2, 3] });
    const { r } = await scanned.correlations();
    const largest: number[] = [];
    const surrogates = circularShifts(scanned.timePoints);
    const maxima = await controlledNullMaxima(scanned, surrogates, { onFilter: (filter, own) => (largest[filter] = own![0]!) });
    for (const fbn of [0, 1]) {
      const own = r.data.subarray(fbn * 300, (fbn + 1) * 300);
      expect(maxima.data[fbn * maxima.columns]).toBeCloseTo(Math.max(...own), 5);
    }
    largest.forEach((value, filter) => expect(value).toBeCloseTo(Math.max(r.data[filter]!, r.data[300 + filter]!), 5));
    expect(largest).toHaveLength(300);
  });

  test('choosing the lag is inside the null: it is that of all lags of all filters as filters of their own', async () => {
    const { x, y } = delayed(1, 7);
    const lags = [0, 1, 2];
    const scanned = new ControlledSeries(x, y, { ...plain, lags });
    const surrogates = circularShifts(scanned.timePoints);
    const perFilter: number[] = [];
    const maxima = await controlledNullMaxima(scanned, surrogates, { onFilter: (filter, own) => (perFilter[filter] = own![3]!) });
    // Shifts by no more than the two lags to either side meet what was planted again: they are left out.
    const shiftOf = (column: number) => (column === 0 ? 0 : column + 2);
    expect(maxima.columns).toBe(TIME - 2 - 4);
    const all = scanned.delayed(0, 5).canonical;
    const perRow: number[] = [];
    const expected = await nullMaxima(scanned.x, all, surrogates, { onFilter: (row, own) => (perRow[row] = own![shiftOf(3)]!) });
    maxima.data.forEach((value, i) => {
      const [fbn, column] = [Math.floor(i / maxima.columns), i % maxima.columns];
      expect(value).toBeCloseTo(expected.data[fbn * expected.columns + shiftOf(column)]!, 12);
    });
    expect(perFilter).toEqual([0, 1, 2, 3, 4].map((filter) => Math.max(...perRow.slice(3 * filter, 3 * filter + 3))));
    const { r } = await scanned.correlations();
    expect(maxima.data[0]).toBeCloseTo(Math.max(...r.data.subarray(0, 5)), 6);
  });
});

describe('partialling confounds out', () => {
  test('r and its p are those of the partial correlation, with a degree of freedom less for each', async () => {
    const [x, y, confounds] = [noise(2, TIME, 1), noise(3, TIME, 2), noise(2, TIME, 3)];
    for (let t = 0; t < TIME; t++) for (const one of [x, y]) one.data[t]! += 2 * confounds.data[t]!;
    const controlled = new ControlledSeries(x, y, { ...plain, confounds });
    const { r, lag } = await controlled.correlations();
    const expected = await correlateExactly(partialOut(x, confounds), partialOut(y, confounds));
    expected.data.forEach((value, i) => expect(r.data[i]).toBeCloseTo(value, 6));
    expect(lag).toBeNull();
    expect(controlledTests(controlled).p(0.2)).toBeCloseTo(multipleCorrelationPValue(0.2, 1, TIME - 2 - 2), 12);
  });

  test('the unshifted copy of the null is the observed r, and every copy is free of the confounds', async () => {
    const [x, y, confounds] = [noise(2, 60, 1), noise(3, 60, 2), noise(2, 60, 3)];
    const controlled = new ControlledSeries(x, y, { ...plain, confounds });
    const { r } = await controlled.correlations();
    const { data, columns } = await controlledNullMaxima(controlled, circularShifts(60));
    for (const fbn of [0, 1]) expect(data[fbn * columns]).toBeCloseTo(Math.max(...r.data.subarray(fbn * 3, fbn * 3 + 3)), 6);
    const shifted = circularShifts(60).make(Float64Array.from(controlled.x.data.subarray(0, 60)), 0) as Float64Array;
    const seventh = { rows: 1, columns: 60, data: shifted.subarray(7 * 60, 8 * 60) };
    const again = await correlateExactly(partialOut(seventh, confounds), partialOut(y, confounds));
    expect(data[7]).toBeCloseTo(Math.max(...again.data), 10);
  });

  test('a filter that is a confound has no r, and makes no pair', async () => {
    const [x, y] = [noise(2, 60, 1), noise(3, 60, 2)];
    const confounds = { ...y, rows: 1, data: y.data.slice(60, 120) };
    const controlled = new ControlledSeries(x, y, { ...plain, confounds });
    const { r } = await controlled.correlations();
    expect(r.data[1]).toBeNaN();
    const request = { x: controlled.x, y, r, directions: ['filter-to-fbn'] as const, tests: controlledTests(controlled) };
    const [corrected] = await correctPairs({ ...request, surrogates: circularShifts(60) });
    expect(corrected!.pairs.map(({ filter }) => filter)).toEqual([0, 2]);
  });

  test('subjects without the confounds average to the FBNs without them', () => {
    const subjects = [1, 2, 3].map((seed) => float32(noise(2, 60, seed)));
    const mean = {
      ...subjects[0]!,
      data: subjects[0]!.data.map((_, i) => subjects.reduce((sum, { data }) => sum + data[i]!, 0) / 3),
    };
    const controlled = new ControlledSeries(mean, noise(1, 60, 9), { ...plain, confounds: noise(2, 60, 8) });
    const own = subjects.map((one) => controlled.ofSubject(one));
    const { make } = shiftedSubjects(own, { samples: 19, seed: 1 });
    const averaged = own[0]!.data.map((_, i) => own.reduce((sum, { data }) => sum + data[i]!, 0) / 3);
    const left = partialOut({ ...mean, data: averaged }, noise(2, 60, 8));
    const [a, b] = [left.data.subarray(0, 60), controlled.x.data.subarray(0, 60)];
    const cosine =
      a.reduce((sum, value, t) => sum + value * b[t]!, 0) /
      Math.sqrt(a.reduce((s, v) => s + v * v, 0) * b.reduce((s, v) => s + v * v, 0));
    expect(cosine).toBeCloseTo(1, 6);
    expect((make(new Float32Array(60), 0) as Float32Array).length).toBe(20 * 60);
  });
});

test('the best lag of the best filter of independent series is as often significant as it should be', async () => {
  // 40 problems of 4 FBNs: 8 of 160 are expected at 0.05; the study of docs/statistics.md has the number.
  let significant = 0;
  for (let problem = 0; problem < 40; problem++) {
    const [x, y, confounds] = [noise(4, 100, 3 * problem + 1), noise(6, 100, 3 * problem + 2), noise(1, 100, 3 * problem + 3)];
    for (let i = 0; i < 4; i++) for (let t = 0; t < 100; t++) x.data[i * 100 + t]! += 2 * confounds.data[t]!;
    for (let i = 0; i < 6; i++) for (let t = 0; t < 100; t++) y.data[i * 100 + t]! += 2 * confounds.data[t]!;
    const controlled = new ControlledSeries(x, y, { ...plain, lags: [0, 1, 2, 3], confounds });
    const { r } = await controlled.correlations();
    const tests = controlledTests(controlled);
    const request = { x: controlled.x, y, r, directions: ['fbn-to-filter'] as const, tests };
    const [corrected] = await correctPairs({ ...request, surrogates: circularShifts(controlled.timePoints) });
    significant += corrected!.pairs.filter(({ pNull }) => pNull <= 0.05).length;
  }
  expect(significant).toBeGreaterThanOrEqual(2);
  expect(significant).toBeLessThanOrEqual(17);
});
