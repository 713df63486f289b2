import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeClip, type ClipRequest } from '../../../src-main/stimulus/encode-clip';
import { decodeVideo } from '../../../src-main/stimulus/video-decoder';
import { probeVideo } from '../../../src-main/stimulus/video-probe';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { frameColour, HEIGHT, makeVideo, temporaryFolder, WIDTH } from './make-video';

const size = { width: 160, height: 96 };
const movie = { x: 8, y: 8, width: 64, height: 48 };
const plot = { x: 16, y: 64, width: 128, height: 24 };
const RATE = 10;
const seconds = 2;
let folder: string;
let video: string;
let common: Omit<ClipRequest, 'file' | 'source' | 'startSeconds'>;

beforeAll(async () => {
  folder = temporaryFolder();
  video = makeVideo(join(folder, 'movie of 50% #1.mkv'), 60, RATE);
  const picture = join(folder, 'picture.png');
  await sharp({ create: { ...size, channels: 3, background: '#ffffff' } })
    .png()
    .toFile(picture);
  common = { picture, seconds, movie, plot, isBlurred: false, title: 'A "clip"', provenance: '{"a":1}' };
});

/** Every frame of a clip, as a function of a place. */
async function read(file: string) {
  const { signal } = quietContext();
  const information = await probeVideo(file, signal);
  const frames: { seconds: number; at: (x: number, y: number) => number[] }[] = [];
  await decodeVideo({ file, information, ...size }, signal, (time, pixels) => {
    frames.push({ seconds: time, at: (x, y) => [...pixels.subarray(3 * (y * size.width + x), 3 * (y * size.width + x) + 3)] });
  });
  return frames;
}

/** Where the cursor stands: the darkest column of the plot. */
function cursorOf({ at }: { at: (x: number, y: number) => number[] }): number {
  const middle = plot.y + plot.height / 2;
  const darkness = Array.from({ length: size.width }, (_, x) => at(x, middle)[0]!);
  return darkness.indexOf(Math.min(...darkness));
}

describe.each(['mp4', 'webm'])('a clip as .%s', (ending) => {
  test('shows the stretch of the video, and a cursor that goes through the plot with it', async () => {
    const file = join(folder, `clip.${ending}`);
    await encodeClip({ ...common, file, source: { video }, startSeconds: 3 }, quietContext());
    const frames = await read(file);
    expect(frames.length).toBe(25 * seconds);
    for (const time of [0.1, 1, 1.9]) {
      const frame = frames.reduce((a, b) => (Math.abs(b.seconds - time) < Math.abs(a.seconds - time) ? b : a));
      expect(Math.abs(cursorOf(frame) - (plot.x + (plot.width * frame.seconds) / seconds))).toBeLessThan(3);
      const shown = frame.at(movie.x + 32, movie.y + 24);
      // Of the colour of its frame, or of the one before or after: coded colours are near, and rates differ.
      const near = [-1, 0, 1].map((step) => frameColour(Math.floor((3 + frame.seconds) * RATE) + step));
      const distance = Math.min(...near.map((colour) => Math.max(...colour.map((part, i) => Math.abs(part - shown[i]!)))));
      expect(distance).toBeLessThan(20);
    }
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
  });
});

test('frames of a fixed rate serve as well; blurred, an edge in them is gone', async () => {
  const frames = join(folder, 'frames.rgb');
  const pixels = Buffer.alloc(2 * WIDTH * HEIGHT * 3);
  // Black on the left, white on the right.
  for (let pixel = 0; pixel < 2 * WIDTH * HEIGHT; pixel++)
    pixels.fill(pixel % WIDTH < WIDTH / 2 ? 0 : 255, pixel * 3, pixel * 3 + 3);
  writeFileSync(frames, pixels);
  const source = { frames, width: WIDTH, height: HEIGHT, framesPerSecond: 1 };
  const edges = [];
  for (const isBlurred of [false, true]) {
    const file = join(folder, `edge-${isBlurred}.mp4`);
    await encodeClip({ ...common, file, source, startSeconds: 0, isBlurred }, quietContext());
    const [frame] = await read(file);
    const middle = movie.x + movie.width / 2;
    edges.push(frame!.at(middle + 1, movie.y + 24)[0]! - frame!.at(middle - 2, movie.y + 24)[0]!);
  }
  expect(edges[0]).toBeGreaterThan(200);
  expect(edges[1]).toBeLessThan(160);
});

test('a cancelled clip and one of a broken video leave nothing; the latter says what FFmpeg said', async () => {
  const file = join(folder, 'none.mp4');
  const cancelled = AbortSignal.abort();
  await expect(
    encodeClip({ ...common, file, source: { video }, startSeconds: 0 }, { ...quietContext(), signal: cancelled }),
  ).rejects.toThrow(/cancelled/);
  const broken = join(folder, 'broken.mp4');
  writeFileSync(broken, 'no video');
  await expect(encodeClip({ ...common, file, source: { video: broken }, startSeconds: 0 }, quietContext())).rejects.toThrow(
    /the clip cannot be made.*FFmpeg says "/,
  );
  await expect(
    encodeClip({ ...common, file: join(folder, 'x.gif'), source: { video }, startSeconds: 0 }, quietContext()),
  ).rejects.toThrow(/\.mp4 or \.webm.*\.gif/);
  expect(existsSync(file)).toBe(false);
});
