import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMatrix } from '../../../src-preload/shared/domain/matrix';
import { storeActivation } from '../../../src-main/compute/store-activation';
import { ActivationCache } from '../../../src-main/project/activation-cache';

const open = (path = join(mkdtempSync(join(tmpdir(), 'syncact-cache-')), 'activations.sqlite')) => ActivationCache.open(path);

test('a layer is stored by filter, and read whole or one filter at a time', () => {
  const cache = open();
  // More filters than a block holds, and not a multiple of it.
  const matrix = createMatrix(37, 5);
  matrix.data.forEach((_, i) => (matrix.data[i] = (i * 7919) % 101));
  expect(cache.findFilterActivation('k')).toBeUndefined();
  expect(cache.readFilterActivation('k')).toBeUndefined();
  storeActivation(cache, 'k', matrix, { device: 'cpu', computedAt: 'today' });
  expect(cache.findFilterActivation('k')).toMatchObject({ filters: 37, frames: 5 });
  expect(cache.readFilterActivation('k')).toEqual(matrix);
  for (const filter of [0, 15, 16, 36])
    expect(cache.readFilterSeries('k', filter)).toEqual(matrix.data.slice(filter * 5, filter * 5 + 5));
  expect(cache.readFilterSeries('k', 37)).toBeUndefined();
  expect(cache.readProvenance('k')).toEqual({ device: 'cpu', computedAt: 'today' });
  expect(cache.check()).toEqual([]);
  cache.close();
});

test('storing again takes the place of what was there', () => {
  const cache = open();
  storeActivation(cache, 'k', { rows: 1, columns: 3, data: Float32Array.of(1, 2, 3) }, {});
  storeActivation(cache, 'k', { rows: 2, columns: 2, data: Float32Array.of(4, 5, 7, 6) }, {});
  expect(cache.readFilterActivation('k')).toEqual({ rows: 2, columns: 2, data: Float32Array.of(4, 5, 7, 6) });
  expect([...cache.readTopFrames('k')!.indices].filter((frame) => frame >= 0)).toEqual([1, 0]);
  expect([...cache.readFilterStatistics('k')!]).toEqual([4, 5, 4.5, 0.5, 6, 7, 6.5, 0.5]);
  expect(cache.check()).toEqual([]);
  cache.close();
});

test('FBN activations and r matrices keep their numbers, NaN included', () => {
  const cache = open();
  const matrix = { rows: 1, columns: 3, data: Float32Array.of(0.25, NaN, -1) };
  cache.writeFbnActivation('e', 'r', matrix);
  cache.writeCorrelation('c', matrix);
  expect(cache.readFbnActivation('e', 'r')).toEqual(matrix);
  expect(cache.readCorrelation('c')).toEqual(matrix);
  expect(cache.hasFbnActivation('e', 'other')).toBe(false);
  cache.close();
});
