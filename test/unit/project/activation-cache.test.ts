import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ActivationCache } from '../../../src-main/project/activation-cache';

const open = (path = join(mkdtempSync(join(tmpdir(), 'syncact-cache-')), 'activations.sqlite')) => ActivationCache.open(path);

test('activations are stored by frames, resumed, and read by filter', () => {
  const cache = open();
  const layer = cache.beginFilterActivation('k', 2, 3);
  cache.appendFrames(0, 2, [{ id: layer.id, data: Float32Array.of(1, 10, 2, 20) }]);
  expect(cache.readFilterActivation('k')).toBeUndefined();
  expect(cache.beginFilterActivation('k', 2, 3)).toMatchObject({ nextFrame: 2, complete: false });
  cache.appendFrames(2, 1, [{ id: layer.id, data: Float32Array.of(3, 30) }]);
  cache.completeFilterActivation(layer.id, { framesPerFilter: 1, indices: Int32Array.of(2, 2) });
  expect(cache.readFilterActivation('k')).toEqual({ rows: 2, columns: 3, data: Float32Array.of(1, 2, 3, 10, 20, 30) });
  expect(cache.readTopFrames('k')).toEqual({ framesPerFilter: 1, indices: Int32Array.of(2, 2) });
  expect(cache.check()).toEqual([]);
  expect(() => cache.beginFilterActivation('k', 5, 3)).toThrow(/another shape/);
  cache.close();
});

test('a gap in the chunks is not skipped over', () => {
  const cache = open();
  const layer = cache.beginFilterActivation('k', 1, 4);
  cache.appendFrames(2, 2, [{ id: layer.id, data: Float32Array.of(3, 4) }]);
  expect(cache.findFilterActivation('k')!.nextFrame).toBe(0);
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
