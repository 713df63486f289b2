import { expect, test } from 'vitest';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { evaluateRecovery } from '../../../src-main/phantom/recovery';

function matrix(rows: number[][]): Matrix {
  return { rows: rows.length, columns: rows[0]!.length, data: Float32Array.from(rows.flat()) };
}

/** A map on forty voxels, most of them empty, as in a brain. */
function map(...values: number[]): number[] {
  return [...values, ...Array.from({ length: 40 - values.length }, () => 0)];
}

/** Two planted networks and a distractor. */
const plantedMaps = matrix([map(1, 1, 1), map(0, 0, 0, 1, 1, 1), map(0, 0, 0, 0, 0, 0, 1, 1, 1)]);
const plantedFilters = [2, 0];
/** FBN 0 shows network 1, FBN 1 network 0, FBN 2 the distractor, FBN 3 networks 0 and 1 together. */
const fbnMaps = matrix([
  map(0, 0.1, 0, 2, 2, 2.1),
  map(3, 3, 3, 0, 0, 0.1, 0, 0.1),
  map(0, 0, 0, 0.1, 0, 0, 1, 1, 1),
  map(1, 1, 1, 1, 1, 1),
]);
const good = [
  [0.6, 0.1, 0.2, 0.1],
  [0.1, 0.2, 0.5, 0.4],
  [0.1, 0.3, 0.2, 0.1],
  [0.4, 0.1, 0.4, 0.2],
];

test('planted pairs are found in both directions', () => {
  const recovery = evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps, correlations: [matrix(good)] });
  expect(recovery.planted).toBe(2);
  expect(recovery.recovered).toEqual({ fbnToFilter: 2, filterToFbn: 2 });
  expect(recovery.alternatives).toEqual({ sameFbn: 2, fbnToFilterByNearestMap: 2, clearMaps: 2 });
  expect(recovery.perNetwork.map(({ fbn, bestFilter, bestFbn }) => [fbn, bestFilter, bestFbn])).toEqual([
    [1, 2, 1],
    [0, 0, 0],
  ]);
});

test('a filter like the planted one is not forgiven', () => {
  const r = structuredClone(good);
  r[1]![3] = 0.51;
  const recovery = evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps, correlations: [matrix(r)] });
  expect(recovery.recovered).toEqual({ fbnToFilter: 1, filterToFbn: 2 });
  expect(recovery.perNetwork[0]).toMatchObject({ bestFilter: 3, fbnToFilter: false, filterToFbn: true });
});

test('an FBN that shows another network is not forgiven', () => {
  const r = structuredClone(good);
  r[2]![2] = 0.9;
  const recovery = evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps, correlations: [matrix(r)] });
  expect(recovery.perNetwork[0]).toMatchObject({ bestFbn: 2, networkOfBestFbn: 2, filterToFbn: false, fbnToFilter: true });
  expect(recovery.recovered.filterToFbn).toBe(1);
});

test('another FBN that shows the same network is counted apart', () => {
  const twice = matrix([
    ...Array.from({ length: 4 }, (_, i) => [...fbnMaps.data.subarray(i * 40, i * 40 + 40)]),
    map(2, 2, 2, 0, 0, 0, 0.4),
  ]);
  const r = [...good, [0.1, 0.1, 0.8, 0.1]];
  const recovery = evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps: twice, correlations: [matrix(r)] });
  expect(recovery.recovered).toEqual({ fbnToFilter: 2, filterToFbn: 2 });
  expect(recovery.alternatives.sameFbn).toBe(1);
});

test('r is averaged over movie runs, and signed', () => {
  const opposite = good.map((row) => row.map((value) => -value));
  const both = [matrix(good), matrix(opposite.map((row) => row.map((value) => 3 * value)))];
  const recovery = evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps, correlations: both });
  expect(recovery.recovered).toEqual({ fbnToFilter: 0, filterToFbn: 0 });
  const weak = [matrix(good), matrix(opposite.map((row) => row.map((value) => 0.5 * value)))];
  expect(evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps, correlations: weak }).recovered.fbnToFilter).toBe(2);
});

test('mixed FBNs recover nothing they should not', () => {
  const mixed = matrix(Array.from({ length: 3 }, () => map(1, 1, 1, 1, 1, 1, 0, 0, 0.1)));
  const r = matrix(Array.from({ length: 3 }, () => [0.1, 0.5, 0.1, 0.1]));
  const recovery = evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps: mixed, correlations: [r] });
  expect(recovery.recovered.fbnToFilter).toBe(0);
  expect(recovery.alternatives.clearMaps).toBe(0);
});

test('constant maps, undefined r and voxels without a value count as not found', () => {
  const constant = matrix(Array.from({ length: 4 }, () => Array.from({ length: 40 }, () => 1)));
  const undefinedR = matrix(good.map((row) => row.map(() => NaN)));
  const recovery = evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps: constant, correlations: [undefinedR] });
  expect(recovery.recovered).toEqual({ fbnToFilter: 0, filterToFbn: 0 });
  expect(recovery.perNetwork[0]).toMatchObject({ fbn: null, bestFilter: null, bestFbn: null });
  const holed = { ...fbnMaps, data: fbnMaps.data.slice() };
  for (let fbn = 0; fbn < 4; fbn++) holed.data[fbn * 40 + 8] = NaN;
  expect(
    evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps: holed, correlations: [matrix(good)] }).recovered.fbnToFilter,
  ).toBe(2);
});

test('shapes that do not fit are refused', () => {
  const r = matrix(good);
  expect(() => evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps, correlations: [] })).toThrow(RangeError);
  expect(() => evaluateRecovery({ plantedMaps, plantedFilters: [9, 0], fbnMaps, correlations: [r] })).toThrow(RangeError);
  expect(() => evaluateRecovery({ plantedMaps: matrix([[1, 2]]), plantedFilters: [0], fbnMaps, correlations: [r] })).toThrow(
    RangeError,
  );
});
