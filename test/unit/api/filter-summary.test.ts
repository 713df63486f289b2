import { expect, test } from 'vitest';
import { combine, countSilent } from '../../../src-main/api/filter-summary';
import { summariseFilters } from '../../../src-main/cnn/filter-statistics';

test('runs put together are as one long run', () => {
  const one = Float32Array.of(1, 5, 2, 0, 0, 0, 3, 3, 3);
  const two = Float32Array.of(7, 9, 0, 0, 3, 3);
  const whole = Float32Array.of(1, 5, 2, 7, 9, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3);
  const tables = [
    { frames: 3, table: summariseFilters({ rows: 3, columns: 3, data: one }) },
    { frames: 2, table: summariseFilters({ rows: 3, columns: 2, data: two }) },
  ];
  const found = combine(tables)!;
  const expected = summariseFilters({ rows: 3, columns: 5, data: whole });
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  expect(countSilent(found)).toEqual({ dead: 1, constant: 1 });
  expect(combine([])).toBeUndefined();
});

test('a filter that is constant in each run but not over all is alive', () => {
  const runs = [0, 2].map((value) => ({ frames: 2, table: Float32Array.of(value, value, value, 0) }));
  expect(countSilent(combine(runs)!)).toEqual({ dead: 0, constant: 0 });
});
