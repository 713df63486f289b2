import { describe, expect, test } from 'vitest';
import { bestFbnOfFilter, bestFilterOfFbn, findPairs, summarisePairs } from '../../../src-main/coupling/pairs';
import { correlationPValue } from '../../../src-main/coupling/significance';
import { series } from './made-up-series';

/** r of three FBNs and four filters; the second FBN and the last filter are constant. */
const r = series([0.2, 0.5, 0.5, NaN], [NaN, NaN, NaN, NaN], [-0.9, 0.5, -0.1, NaN]);

test('Eq. 2: the largest signed r, of equals the first, never NaN', () => {
  expect(bestFilterOfFbn(r)).toEqual([1, null, 1]);
});

test('Eq. 1: one FBN per filter, none for a constant filter', () => {
  expect(bestFbnOfFilter(r)).toEqual([0, 0, 0, null]);
});

test('a large negative r is no partner', () => {
  expect(bestFilterOfFbn(series([-0.9, 0.1, -0.99]))).toEqual([1]);
  expect(bestFilterOfFbn(series([-0.9, -0.1]))).toEqual([1]);
});

describe('summaries', () => {
  test('FBN → filter', () => {
    expect(findPairs(r, 'fbn-to-filter', 20)).toEqual([
      { fbn: 0, filter: 1, r: 0.5, p: correlationPValue(0.5, 18) },
      { fbn: 2, filter: 1, r: 0.5, p: correlationPValue(0.5, 18) },
    ]);
    expect(summarisePairs(r, 'fbn-to-filter', 20)).toEqual({
      pairs: 2,
      undefinedPairs: 1,
      meanR: 0.5,
      notSignificant: 0,
      shareNotSignificant: 0,
    });
  });

  test('filter → FBN counts pairs with p > 0.05', () => {
    const summary = summarisePairs(r, 'filter-to-fbn', 20);
    expect(summary).toMatchObject({ pairs: 3, undefinedPairs: 1, notSignificant: 1, shareNotSignificant: 1 / 3 });
    expect(summary.meanR).toBeCloseTo(0.4, 12);
  });

  test('no pair at all has no mean', () => {
    const summary = summarisePairs(series([NaN, NaN]), 'fbn-to-filter', 20);
    expect(summary).toEqual({ pairs: 0, undefinedPairs: 1, meanR: NaN, notSignificant: 0, shareNotSignificant: NaN });
  });
});
