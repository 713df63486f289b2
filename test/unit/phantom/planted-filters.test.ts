import { expect, test } from 'vitest';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { choosePlantedFilters } from '../../../src-main/phantom/planted-filters';
import { Random } from '../../../src-main/phantom/random';

const time = 400;

/** Filters made of sources: each row says how much of each source it holds. */
function filtersOf(mixtures: number[][], seed: number): Matrix {
  const random = new Random(seed, 'sources');
  const sources = Array.from({ length: mixtures[0]!.length }, () => Array.from({ length: time }, () => random.uniform()));
  const rows = mixtures.map((mixture) =>
    Array.from({ length: time }, (_, t) => mixture.reduce((sum, share, s) => sum + share * sources[s]![t]!, 0)),
  );
  return { rows: rows.length, columns: time, data: Float32Array.from(rows.flat()) };
}

test('filters with near-duplicates, silent and constant ones are left alone', () => {
  const mixtures = [
    [1, 0, 0, 0, 0],
    [1, 0.1, 0, 0, 0],
    [0, 1, 0, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 1, 0],
    [0, 0, 0, 0, 0],
  ];
  const activations = [filtersOf(mixtures, 1), filtersOf(mixtures, 2)];
  for (const run of activations) run.data.fill(0, 4 * time, 4 * time + Math.round(0.9 * time));
  expect(choosePlantedFilters(activations, 2).sort()).toEqual([2, 3]);
  expect(() => choosePlantedFilters(activations, 5)).toThrow(/4 filters respond/);
});
