import { expect, test } from 'vitest';
import {
  binOf,
  filterRows,
  histogramOf,
  kernelPixels,
  mapBox,
  receptiveBox,
  shadePixels,
} from '../../../src-renderer/features/filter/look';

test('filters that never change are told from those that never fire', () => {
  const rows = filterRows(Float32Array.of(0, 4, 1, 1, 0, 0, 0, 0, 2, 2, 2, 0, -1, -1, -1, 0, NaN, NaN, NaN, NaN));
  expect(rows.map(({ state }) => state)).toEqual(['alive', 'dead', 'constant', 'dead', 'alive']);
});

test('a histogram counts every frame once', () => {
  const series = Float32Array.of(0, 1, 2, 3, 4, NaN);
  const histogram = histogramOf(series, 4);
  expect(histogram).toEqual({ from: 0, to: 4, counts: [1, 1, 1, 2] });
  expect([0, 0.99, 1, 4, 9].map((value) => binOf(histogram, value))).toEqual([0, 0, 1, 3, 3]);
  expect(histogramOf(Float32Array.of(2, 2), 4).counts).toEqual([2]);
  expect(histogramOf(new Float32Array(), 4).counts).toEqual([]);
});

const axis = { size: 7, step: 2, start: 0 };
const look = { receptiveField: { y: axis, x: axis }, input: { width: 20, height: 10 } };

test('a map lies where its units look', () => {
  // Unit 0 is centred on pixel 0, whose middle is half a pixel in; units are 2 pixels apart.
  expect(mapBox(look, [5, 10])).toEqual({ x: -0.5 / 20, y: -0.5 / 10, width: 1, height: 1 });
  expect(mapBox({ ...look, receptiveField: null }, [5, 10])).toEqual({ x: 0, y: 0, width: 1, height: 1 });
});

test('what the strongest unit sees is cut at the edge of the picture', () => {
  const map = new Float32Array(50);
  map[2 * 10 + 5] = 1;
  const inside = receptiveBox(look, map, [5, 10])!;
  // Unit (2, 5): pixels 1 to 7 of 10 down, 7 to 13 of 20 across.
  expect(inside.x).toBeCloseTo(7 / 20);
  expect(inside.width).toBeCloseTo(7 / 20);
  expect(inside.y).toBeCloseTo(1 / 10);
  expect(inside.height).toBeCloseTo(7 / 10);
  map[0] = 2;
  expect(receptiveBox(look, map, [5, 10])).toMatchObject({ x: 0, y: 0, width: 4 / 20, height: 4 / 10 });
  const wide = { ...axis, size: 99 };
  expect(receptiveBox({ ...look, receptiveField: { y: wide, x: wide } }, map, [5, 10])).toBeNull();
});

test('kernels are grey at 0 and full at their largest weight', () => {
  const pixels = kernelPixels(Float32Array.of(0, 2, 0, -2, 1, 0), 3, 1, 2);
  expect([...pixels]).toEqual([128, 128, 191, 255, 255, 0, 128, 255]);
});

test('the shade is clear where the filter fires most, dark where it does not', () => {
  const alphas = [...shadePixels(Float32Array.of(0, 2, 4, -3))].filter((_, at) => at % 4 === 3);
  expect(alphas).toEqual([192, 96, 0, 192]);
  expect([...shadePixels(Float32Array.of(-1, 0))].filter((_, at) => at % 4 === 3)).toEqual([192, 192]);
});
