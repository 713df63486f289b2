import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingRanges, PartialActivations } from '../../../src-main/project/partial-activations';

const part = { key: 'k', model: 'm', layer: 'l', movieRun: 'run-1', reducer: 'max', filters: 2, frames: 5 };
const newPath = () => join(mkdtempSync(join(tmpdir(), 'syncact-partial-')), 'a.partial');

test('frames gather in any order and come out by filter', () => {
  const path = newPath();
  const partial = PartialActivations.open(path);
  const id = partial.begin(part);
  partial.append(3, 2, [{ id, data: Float32Array.of(4, 40, 5, 50) }]);
  expect(partial.nextFrame('k', 0)).toBe(0);
  partial.append(0, 2, [{ id, data: Float32Array.of(1, 10, 2, 20) }]);
  expect(partial.nextFrame('k', 0)).toBe(2);
  expect(partial.nextFrame('k', 3)).toBe(5);
  expect(missingRanges(partial.ranges(id), 5)).toEqual([{ start: 2, end: 3 }]);
  partial.append(2, 1, [{ id, data: Float32Array.of(3, 30) }]);
  expect(partial.matrix(partial.find('k')!).data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 10, 20, 30, 40, 50));
  expect(() => partial.begin({ ...part, filters: 3 })).toThrow(/another shape.*3 filters/);
  partial.close();
  const again = PartialActivations.open(path);
  expect(again.nextFrame('k', 0)).toBe(5);
  again.remove(['k']);
  again.closeAndTidy();
  expect(existsSync(path)).toBe(false);
});

test('one process at a time', () => {
  const path = newPath();
  const one = PartialActivations.open(path);
  expect(() => PartialActivations.open(path)).toThrow(/in use by another program/);
  one.close();
  PartialActivations.open(path).close();
});

test('what is missing of a run', () => {
  expect(missingRanges([], 4)).toEqual([{ start: 0, end: 4 }]);
  const ranges = [
    { start: 6, end: 8 },
    { start: 1, end: 3 },
    { start: 2, end: 5 },
  ];
  expect(missingRanges(ranges, 9)).toEqual([
    { start: 0, end: 1 },
    { start: 5, end: 6 },
    { start: 8, end: 9 },
  ]);
  expect(missingRanges([{ start: 0, end: 9 }], 9)).toEqual([]);
});
