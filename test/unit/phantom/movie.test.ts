import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelledError } from '../../../src-preload/shared/domain/errors';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { createScenes, FRAMES_PER_SECOND, writeMovie } from '../../../src-main/phantom/movie';
import { drawFrames } from '../../../src-main/phantom/movie-frames';
import { Random } from '../../../src-main/phantom/random';
import { FRAME_HEIGHT, FRAME_WIDTH } from '../../../src-main/phantom/scene';
import { probeVideo } from '../../../src-main/stimulus/video-probe';
import { frameSourceFromPath } from '../../../src-main/stimulus/frame-source';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phantom-movie-'));
});
afterAll(() => rm(folder, { recursive: true }));

const scenesOf = (seed: number, seconds: number) => createScenes(new Random(seed, 'movie 1'), seconds);

test('scenes of 2 to 5 seconds fill the movie, cut at frames', () => {
  const scenes = scenesOf(1, 120);
  let end = 0;
  for (const { start, seconds } of scenes) {
    expect(start).toBeCloseTo(end, 9);
    expect(Number.isInteger(seconds * FRAMES_PER_SECOND)).toBe(true);
    expect(seconds).toBeGreaterThanOrEqual(2 - 0.5 / FRAMES_PER_SECOND);
    expect(seconds).toBeLessThanOrEqual(5 + 0.5 / FRAMES_PER_SECOND);
    end = start + seconds;
  }
  expect(end).toBeGreaterThanOrEqual(120);
  expect(scenesOf(1, 120)).toEqual(scenes);
  expect(scenesOf(2, 120)).not.toEqual(scenes);
});

test('frames move within a scene and change at a cut', async () => {
  const [first, second] = scenesOf(1, 20);
  const frames: Uint8Array[] = [];
  for await (const frame of drawFrames(first!, FRAMES_PER_SECOND, 9)) frames.push(frame.slice());
  for await (const frame of drawFrames(second!, FRAMES_PER_SECOND, 1)) frames.push(frame.slice());
  expect(frames[0]).toHaveLength(FRAME_WIDTH * FRAME_HEIGHT * 3);
  const change = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
  const within = change(frames[0]!, frames[8]!);
  expect(within).toBeGreaterThan(0);
  expect(change(frames[8]!, frames[9]!)).toBeGreaterThan(2 * within);
  const values = frames[0]!.toSorted();
  expect(values.at(-1)! - values[0]!).toBeGreaterThan(60);
});

test('a movie is a real video, the same for the same seed', async () => {
  const paths = ['a.mp4', 'b.mp4'].map((name) => join(folder, name));
  for (const path of paths) await writeMovie(path, scenesOf(3, 6), 6, quietContext());
  expect(Buffer.compare(await readFile(paths[0]!), await readFile(paths[1]!))).toBe(0);
  const { width, height, durationSeconds } = await probeVideo(paths[0]!, quietContext().signal);
  expect([width, height]).toEqual([FRAME_WIDTH, FRAME_HEIGHT]);
  expect(durationSeconds).toBeCloseTo(6, 1);
  const frames = await frameSourceFromPath(paths[0]!, { trSeconds: 1 }, quietContext());
  expect(frames.count).toBe(6);
  // The last frame of the second TR, before and after encoding.
  let drawn: Uint8Array | undefined;
  for await (const frame of drawFrames(scenesOf(3, 6)[0]!, FRAMES_PER_SECOND, 16)) drawn = frame.slice();
  const decoded = await frames.read(1, 1);
  await frames.close();
  expect(drawn!.reduce((sum, value, i) => sum + Math.abs(value - decoded[i]!), 0) / drawn!.length).toBeLessThan(6);
});

test('a cancelled movie leaves nothing behind', async () => {
  const stop = new AbortController();
  const context = { ...quietContext(), signal: stop.signal, progress: () => stop.abort() };
  const path = join(folder, 'cancelled.mp4');
  await expect(writeMovie(path, scenesOf(3, 20), 20, context)).rejects.toThrow(CancelledError);
  expect(existsSync(path)).toBe(false);
  expect((await readdir(folder)).filter((name) => name.includes('cancelled'))).toEqual([]);
});
