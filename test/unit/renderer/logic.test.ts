import { expect, test } from 'vitest';
import { pairMatcher } from '../../../src-preload/shared/domain/pair-search';
import { pairsOf } from '../../../src-renderer/features/coupling/pairs';
import {
  describePace,
  firstSettings,
  isPaperSetting,
  lossSeries,
  paperSettings,
} from '../../../src-renderer/features/embedding/training';
import { channelNumbers } from '../../../src-renderer/features/models/normalisation';
import { mapLimit, peakMm } from '../../../src-renderer/features/fbns/map-limit';
import { slidingR, zScores } from '../../../src-renderer/features/pair/series';
import { formatP, formatR, formatSeconds } from '../../../src-renderer/ui/format';
import { columnTemplate, moveTarget, narrowestTable, sortRows } from '../../../src-renderer/ui/data-table';
import { highestLosses, runTicks } from '../../../src-renderer/features/embedding/run-losses';
import { seriesAsTsv, tickRange } from '../../../src-renderer/ui/trace';

test('pairs are found by side, number and comparison', () => {
  const [pair] = pairsOf(Float64Array.of(25, 107, 0.4, 0.01, 90, 0.02, 0.03, 0.04, 0.06, 1, NaN));
  for (const search of ['', 'fbn 25', 'filter 107', '107', '25 107', 'r > 0.3', 'fbn 25 p < 0.05', 'q < 0.05'])
    expect(pairMatcher(search)(pair!)).toBe(true);
  for (const search of ['fbn 107', 'filter 25', '3', 'r > 0.5']) expect(pairMatcher(search)(pair!)).toBe(false);
});

test('a sliding r is that of its window', () => {
  const x = Float32Array.from({ length: 60 }, (_, t) => Math.sin(t));
  const r = slidingR(
    x,
    x.map((value) => -2 * value + 1),
    30,
  );
  expect(r[15]).toBeCloseTo(-1, 5);
  expect(r[0]).toBeNaN();
  expect(zScores(new Float32Array(5))[0]).toBeNaN();
});

test("the paper's settings are known whatever the seed", () => {
  expect(isPaperSetting({ ...paperSettings, seed: 7 })).toBe(true);
  expect(isPaperSetting({ ...paperSettings, fbns: 128 })).toBe(false);
  // Only LT+MSA has modules; the paper's are plain, the form's are not.
  expect(isPaperSetting(firstSettings)).toBe(true);
  expect(isPaperSetting({ ...firstSettings, variant: 'lt-msa' })).toBe(false);
  expect(isPaperSetting({ ...paperSettings, variant: 'lt-msa' })).toBe(true);
});

test('curves leave out a validation loss that was never measured', () => {
  expect(lossSeries(Float64Array.of(0, 1, NaN, 2, 1, 0.5, NaN, 2)).map(({ label }) => label)).toEqual(['train']);
  expect(lossSeries(Float64Array.of(0, 1, 3, 2))[1]!.values[0]).toBe(3);
});

test('colours of a map end at its 99th percentile', () => {
  expect(mapLimit(Float32Array.from({ length: 101 }, (_, i) => -i))).toBe(99);
});

test('tables sort stably with nothing last, keys move within bounds, numbers are printed as the field does', () => {
  const columns = [{ key: 'r', title: 'r', value: (row: number | null) => row }];
  expect(sortRows([2, null, 3, NaN, 1], columns, { key: 'r', descending: true })).toEqual([3, 2, 1, null, NaN]);
  const inOrder = [1, 2, 2, null];
  expect(sortRows(inOrder, columns, { key: 'r', descending: false })).toBe(inOrder);
  expect(moveTarget('PageDown', 95, 100, 10)).toBe(99);
  expect([formatP(0.0002), formatR(-0.5), formatSeconds(312)]).toEqual(['< 0.001', '−0.500', '5:12']);
});

test('the peak of a map is where it is largest in size, in mm', () => {
  const grid = { shape: [3, 2, 2] as [number, number, number], affine: [-4, 0, 0, 90, 0, 4, 0, -10, 0, 0, 4, 0, 0, 0, 0, 1] };
  expect(peakMm(Float32Array.of(NaN, 0.1, -0.9, 0.2), Int32Array.of(0, 1, 11, 2), grid)).toEqual([82, -6, 4]);
});

test('series are copied as columns, with their bands and without what is missing', () => {
  const values = Float32Array.of(1, NaN);
  const band = { lower: Float32Array.of(0, 0.5), upper: Float32Array.of(2, 2.5) };
  expect(seriesAsTsv([{ label: 'FBN 3', side: 'brain', values, band }], (index) => 2 * index, 's')).toBe(
    's\tFBN 3\tFBN 3 lower\tFBN 3 upper\n0\t1\t0\t2\n2\t\t0.5\t2.5',
  );
});

test('losses of runs are strokes beside their epoch, and the worst are named', () => {
  // Two training runs and one validation run over two epochs; the first epoch was not kept.
  const losses = { data: Float32Array.of(NaN, NaN, NaN, 0.5, 2, 0.75), shape: [2, 3] };
  const ticks = runTicks(losses, 2);
  expect(ticks.map(({ side, place, values }) => [side, place, [...values[1]!]])).toEqual([
    ['brain', 'left', [0.5, 2]],
    ['neutral', 'right', [0.75]],
  ]);
  expect(tickRange(ticks, 2)).toEqual([
    [null, 0.5],
    [null, 2],
  ]);
  expect(tickRange([], 2)).toEqual([]);
  const names = { train: ['sub-1 run-1', 'sub-2 run-1'], validation: ['sub-3 run-1'] };
  expect(highestLosses(losses, names, 1, 2)).toEqual([
    { name: 'sub-2 run-1', part: 'training', loss: 2 },
    { name: 'sub-3 run-1', part: 'validation', loss: 0.75 },
  ]);
  expect(highestLosses(losses, names, 0, 2)).toEqual([]);
  expect(runTicks({ data: new Float32Array(3).fill(NaN), shape: [1, 3] }, 2)).toEqual([]);
});

test('the pace of a training stands beside its ceiling', () => {
  expect(describePace({ samplesPerSecond: 14.14, ceilingSamplesPerSecond: 22.5 })).toBe('14.1 samples/s of 22.5 (63 %)');
  expect(describePace({ samplesPerSecond: 3 })).toBe('3.0 samples/s');
});

test('three numbers of the channels are read as they are typed, and nothing else', () => {
  expect(channelNumbers(' ')).toEqual({ numbers: null, error: null });
  expect(channelNumbers('0.485, 0.456 0.406')).toEqual({ numbers: [0.485, 0.456, 0.406], error: null });
  expect(channelNumbers('104;117;-123').numbers).toEqual([104, 117, -123]);
  for (const text of ['1, 2', '1, 2, 3, 4', '1, x, 3']) expect(channelNumbers(text).error).toMatch(/three numbers/);
  expect(channelNumbers('1, 0, 1', true).error).toMatch(/above 0/);
});

test('a table is as wide as its columns at least, and the one without a width takes the rest', () => {
  const columns = [{ width: 28 }, {}, { width: 56 }].map((one, i) => ({ key: `${i}`, title: '', value: () => 0, ...one }));
  expect(narrowestTable(columns)).toBe(28 + 80 + 56);
  expect(columnTemplate(columns)).toBe('28px minmax(80px, 1fr) 56px');
});
