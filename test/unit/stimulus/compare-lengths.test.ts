import { expect, test } from 'vitest';
import { compareLengths } from '../../../src-main/stimulus/compare-lengths';

test('equal lengths are used whole', () => {
  expect(compareLengths({ frames: 900, runVolumes: 900, trSeconds: 1, trim: false })).toEqual({
    frames: 900,
    volumes: 900,
    used: 900,
    droppedFrames: 0,
    droppedVolumes: 0,
  });
});

test('different lengths are refused with both numbers and seconds', () => {
  expect(() => compareLengths({ frames: 921, runVolumes: 946, trSeconds: 1.5, trim: false })).toThrow(
    'the movie run and its scan differ in length (expected one frame per volume: 946 volumes (1419 s), found 921 frames (1381.5 s)): ' +
      'check the TR and the offset, or pass --trim to use the first 921 of each',
  );
});

test('trimming uses the shorter and says what was left out', () => {
  expect(compareLengths({ frames: 921, runVolumes: 946, trSeconds: 1.5, trim: true })).toMatchObject({
    used: 921,
    droppedFrames: 0,
    droppedVolumes: 25,
  });
  expect(compareLengths({ frames: 946, runVolumes: 921, trSeconds: 1.5, trim: true })).toMatchObject({
    used: 921,
    droppedFrames: 25,
  });
  expect(() => compareLengths({ frames: 0, runVolumes: 3, trSeconds: 1, trim: true })).toThrow(/differ in length/);
});
