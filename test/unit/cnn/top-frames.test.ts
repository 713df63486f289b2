import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findTopFrames, type TopFrame } from '../../../src-main/cnn/top-frames';

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

test('gives what sorting everything gives, ties included', () => {
  const activation = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(NaN));
  const cases = fc.record({
    series: fc.array(activation, { maxLength: 60 }),
    count: fc.integer({ min: 1, max: 6 }),
    minimumDistance: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(cases, ({ series, count, minimumDistance }) => {
      const found = findTopFrames(Float32Array.from(series), { count, minimumDistance });
      expect(found).toEqual(topFramesOfSeries(series, count, minimumDistance));
    }),
  );
});

test('a scene that lasts gives one frame', () => {
  const series = Float32Array.from({ length: 30 }, (_, t) => (t > 9 && t < 16 ? 10 - Math.abs(t - 12) : t === 25 ? 5 : 0));
  expect(findTopFrames(series, { count: 2, minimumDistance: 6 })).toEqual([
    { frame: 12, activation: 10 },
    { frame: 25, activation: 5 },
  ]);
});
