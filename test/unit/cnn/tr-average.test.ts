import { expect, test } from 'vitest';
import { TrAverage, type TrRows } from '../../../src-main/cnn/tr-average';

/** Runs frames through in batches; returns the rows of tap `a`, one filter. */
function average(frames: [tr: number, value: number][], batch: number, start: number, end: number, finish?: number): number[] {
  const averages = new TrAverage(start, end);
  const found: number[] = [];
  let next = start;
  const take = ({ start: at, count, activations }: TrRows) => {
    if (count === 0) return;
    expect(at).toBe(next);
    next += count;
    found.push(...activations.a!);
  };
  for (let i = 0; i < frames.length; i += batch) {
    const some = frames.slice(i, i + batch);
    const values = Float32Array.from(some, ([, value]) => value);
    take(
      averages.add(
        { a: values },
        Int32Array.from(some, ([tr]) => tr),
      ),
    );
  }
  take(averages.finish(finish));
  return found;
}

const frames: [number, number][] = [
  [0, 1],
  [0, 3],
  [1, 5],
  [1, 6],
  [1, 7],
  [4, 10],
  [5, 2],
];

test.each([1, 2, 3, 7])('the mean of each TR, whatever the batches (%i)', (batch) => {
  // TRs 2 and 3 have no frame: the last one before their end stands for them.
  expect(average(frames, batch, 0, 6)).toEqual([2, 6, 7, 7, 10, 2]);
});

test('a stretch of it, also where it begins with an empty TR', () => {
  expect(average(frames, 2, 1, 4)).toEqual([6, 7, 7]);
  expect(average(frames, 2, 3, 5)).toEqual([7, 10]);
});

test('where only the end of the movie tells how many TRs there are', () => {
  expect(average(frames, 2, 0, Infinity, 5)).toEqual([2, 6, 7, 7, 10]);
  expect(average(frames, 2, 0, Infinity, 7)).toEqual([2, 6, 7, 7, 10, 2, 2]);
});

test('nothing before the first frame', () => {
  expect(() => average([[2, 1]], 1, 0, 3)).toThrow(/TR 0 has no frame/);
});
