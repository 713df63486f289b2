import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orthonormalDesign, RowStandardizer } from '../../../src-main/fmri/regression';
import { noise } from './example';

/** Runs both passes over rows [time][voxel]. */
function standardise(rows: readonly Float32Array[], design: Float64Array[]) {
  const standardizer = new RowStandardizer(design, rows[0]!.length);
  for (const row of rows) standardizer.accumulate(row);
  const found = standardizer.finish();
  const z = rows.map((row, t) => {
    const copy = Float32Array.from(row);
    standardizer.standardize(copy, t);
    return copy;
  });
  return { ...found, z };
}

const sum = (time: number, value: (t: number) => number) =>
  Array.from({ length: time }, (_, t) => value(t)).reduce((a, b) => a + b, 0);

test('the design is orthonormal and spans what it was made of', () => {
  const property = fc.property(fc.integer({ min: 6, max: 80 }), fc.integer({ min: 0, max: 3 }), (time, count) => {
    const confounds = Array.from({ length: count }, (_, c) => Float64Array.from({ length: time }, (_, t) => 1e4 + noise(t, c)));
    const design = orthonormalDesign(time, true, confounds);
    expect(design.length).toBe(2 + count);
    design.forEach((a, i) => design.forEach((b, j) => expect(sum(time, (t) => a[t]! * b[t]!)).toBeCloseTo(i === j ? 1 : 0, 10)));
    for (const confound of confounds) {
      const weights = design.map((column) => sum(time, (t) => column[t]! * confound[t]!));
      confound.forEach((value, t) =>
        expect(design.reduce((fit, column, j) => fit + weights[j]! * column[t]!, 0)).toBeCloseTo(value, 6),
      );
    }
  });
  fc.assert(property, { numRuns: 30 });
});

test('columns that say nothing new are left out', () => {
  const line = Float64Array.from({ length: 20 }, (_, t) => 3 * t - 5);
  expect(orthonormalDesign(20, true, [new Float64Array(20).fill(2), line, new Float64Array(20)]).length).toBe(2);
});

test('z-scores have mean 0, deviation 1 and no trend, whatever the baseline', () => {
  const time = 50;
  const rows = Array.from({ length: time }, (_, t) =>
    Float32Array.of(noise(t, 1), 30000 + 5 * noise(t, 2) + 0.5 * t, -4 + 1e-3 * noise(t, 3)),
  );
  const { z, mean } = standardise(rows, orthonormalDesign(time, true));
  for (let v = 0; v < 3; v++) {
    expect(sum(time, (t) => z[t]![v]!) / time).toBeCloseTo(0, 5);
    expect(sum(time, (t) => z[t]![v]! ** 2) / time).toBeCloseTo(1, 5);
    expect(sum(time, (t) => z[t]![v]! * t) / time).toBeCloseTo(0, 4);
    expect(mean[v]).toBeCloseTo(sum(time, (t) => rows[t]![v]!) / time, 2);
  }
});

test('without detrending, z is (s − mean) / population deviation', () => {
  const rows = [3, 5, 10, 2].map((value) => Float32Array.of(value));
  const deviation = Math.sqrt([3, 5, 10, 2].reduce((total, value) => total + (value - 5) ** 2, 0) / 4);
  const { z } = standardise(rows, orthonormalDesign(4, false));
  [3, 5, 10, 2].forEach((value, t) => expect(z[t]![0]).toBeCloseTo((value - 5) / deviation, 6));
});

test('constant, purely linear and non-finite voxels are found and set to 0', () => {
  const time = 30;
  const rows = Array.from({ length: time }, (_, t) =>
    Float32Array.of(noise(t), 7.3, 0.1 * t, t === 12 ? NaN : noise(t), t === 0 ? Infinity : noise(t), 1000 + 1e-5 * noise(t)),
  );
  const { z, constant, nonFinite, mean } = standardise(rows, orthonormalDesign(time, true));
  expect(constant).toEqual([1, 2, 5]);
  expect(nonFinite).toEqual([3, 4]);
  expect(mean[3]).toBeNaN();
  for (const row of z) expect([...row.subarray(1)]).toEqual([0, 0, 0, 0, 0]);
});
