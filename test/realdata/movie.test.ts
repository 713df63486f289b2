import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFramesFile } from '../../src-main/files/frames-file';
import { frameSourceFromPath } from '../../src-main/stimulus/frame-source';
import { importMovie } from '../../src-main/stimulus/import-movie';
import { quietContext } from '../../src-preload/shared/domain/work';
import { realdataAvailable, realdataPath } from './realdata-folder';

describe.skipIf(!realdataAvailable)('film clips', () => {
  const output = join(mkdtempSync(join(tmpdir(), 'syncact-movie-')), 'run.frames');

  test.each([
    { name: 'bigbuckbunny.mp4', frames: 132, width: 1280, height: 720 },
    { name: 'bikes.mp4', frames: 250, width: 640, height: 272 },
  ])('$name: $frames frames at 25 per second', async ({ name, frames, width, height }) => {
    const video = realdataPath('movie', name);
    const summary = await importMovie({ source: { video }, trSeconds: 1, width: 256, height: 180, output }, quietContext());
    expect(summary).toMatchObject({
      sourceWidth: width,
      sourceHeight: height,
      variableFrameRate: false,
      emptyTrs: 0,
      warnings: [],
    });
    expect(summary.framesPerSecond).toBeCloseTo(25, 6);
    expect(summary.durationSeconds).toBeCloseTo(frames / 25, 6);
    expect(summary.count).toBe(Math.floor(frames / 25));
    summary.times.forEach((time, i) => expect(time).toBeCloseTo(i + 24 / 25, 6));
    const every = await frameSourceFromPath(video, { width: 256, height: 180 }, quietContext());
    expect(every.count).toBe(frames);
    // The frame of TR i is frame 25 i + 24, the same pixels.
    const chosen = await openFramesFile(output);
    for (const i of [0, summary.count - 1]) expect(await chosen.read(i, 1)).toEqual(await every.read(25 * i + 24, 1));
    await Promise.all([every.close(), chosen.close()]);
  });

  test('TR 0.72 s with an offset', async () => {
    const video = realdataPath('movie', 'bikes.mp4');
    const summary = await importMovie(
      { source: { video }, trSeconds: 0.72, offsetSeconds: 1, width: 64, height: 48, output },
      quietContext(),
    );
    // TR i is [1 + 0.72 i, 1.72 + 0.72 i): 18 frames each, the last at 1.68 + 0.72 i.
    expect(summary.count).toBe(12);
    summary.times.forEach((time, i) => expect(time).toBeCloseTo(1.68 + 0.72 * i, 6));
  });
});
