import { expect, test } from 'vitest';
import { ProgressClock } from '../../../src-main/jobs/progress-clock';

const report = (done: number, stage = 'reading') => ({ stage, done, total: 100, unit: 'volumes' });

test('rate and time left come from the recent past', () => {
  const clock = new ProgressClock();
  expect(clock.update(report(0), 0)).toMatchObject({ unitsPerSecond: null, secondsLeft: null });
  expect(clock.update(report(10), 1000)).toMatchObject({ unitsPerSecond: 10, secondsLeft: 9 });
  for (let second = 2; second <= 60; second++) clock.update(report(10 + (second - 1) * 0.5), second * 1000);
  expect(clock.update(report(40), 61_000).unitsPerSecond).toBeCloseTo(0.5, 1);
});

test('a new series of units starts anew', () => {
  const clock = new ProgressClock();
  clock.update(report(90), 0);
  clock.update(report(95), 1000);
  expect(clock.update(report(1), 2000).unitsPerSecond).toBeNull();
});
