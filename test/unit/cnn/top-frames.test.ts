import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TopFrames, type TopFrame } from '../../../src-main/cnn/top-frames';

/** The definition: sort all frames, take from the top, skip those too close to one taken. */
function topFramesOfSeries(series: readonly number[], count: number, minimumDistance: number): TopFrame[] {
  const sorted = series.map((activation, frame) => ({ frame, activation })).filter(({ activation }) => !Number.isNaN(activation));
  sorted.sort((a, b) => b.activation - a.activation || a.frame - b.frame);
  const taken: TopFrame[] = [];
  for (const candidate of sorted) {
    if (taken.length === count) break;
    if (taken.every(({ frame }) => Math.abs(frame - candidate.frame) >= minimumDistance)) taken.push(candidate);
  }
  return taken;
}

test('streaming in batches gives what sorting everything gives, ties included', () => {
  const activation = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(NaN));
  const cases = fc.record({
    series: fc.array(fc.tuple(activation, activation), { maxLength: 60 }),
    count: fc.integer({ min: 1, max: 6 }),
    minimumDistance: fc.integer({ min: 1, max: 5 }),
    batch: fc.integer({ min: 1, max: 9 }),
    backwards: fc.boolean(),
  });
  fc.assert(
    fc.property(cases, ({ series, count, minimumDistance, batch, backwards }) => {
      const top = new TopFrames(2, { count, minimumDistance });
      const starts = Array.from({ length: Math.ceil(series.length / batch) }, (_, i) => i * batch);
      for (const start of backwards ? starts.toReversed() : starts) {
        top.add(start, Float32Array.from(series.slice(start, start + batch).flat()));
      }
      const expected = [0, 1].map((filter) =>
        topFramesOfSeries(
          series.map((frame) => frame[filter as 0 | 1]),
          count,
          minimumDistance,
        ),
      );
      expect(top.result()).toEqual(expected);
    }),
  );
});

test('a later, higher frame gives back a frame that the one between had ruled out', () => {
  const top = new TopFrames(1, { count: 2, minimumDistance: 3 });
  top.add(0, Float32Array.of(5, 0, 6, 0, 7));
  expect(top.result()).toEqual([
    [
      { frame: 4, activation: 7 },
      { frame: 0, activation: 5 },
    ],
  ]);
});

test('ten frames at least three TRs apart by default', () => {
  const top = new TopFrames(1);
  top.add(
    0,
    Float32Array.from({ length: 100 }, (_, i) => i),
  );
  expect(top.result()[0]!.map(({ frame }) => frame)).toEqual([99, 96, 93, 90, 87, 84, 81, 78, 75, 72]);
});
