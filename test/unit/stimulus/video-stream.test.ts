import { truncateSync, statSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFrameSeries } from '../../../src-main/stimulus/frame-series';
import { probeVideo } from '../../../src-main/stimulus/video-probe';
import { streamVideo, type VideoStreamRequest } from '../../../src-main/stimulus/video-stream';
import { CancelledError } from '../../../src-preload/shared/domain/errors';
import { frameBytes, type FrameStream } from '../../../src-preload/shared/domain/frames';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { frameNumber, HEIGHT, makeVideo, temporaryFolder, WIDTH } from './make-video';

const folder = temporaryFolder();
const file = makeVideo(join(folder, 'video.mp4'), 200, 10);
const bytes = frameBytes({ width: WIDTH, height: HEIGHT });
const never = new AbortController().signal;

async function open(more: Partial<VideoStreamRequest> = {}, signal = never) {
  const path = more.file ?? file;
  return streamVideo({ information: await probeVideo(path, never), width: WIDTH, height: HEIGHT, ...more, file: path }, signal);
}

/** Numbers and TRs of all frames, taken in such pieces; the JavaScript thread is blocked between them, as by a CNN. */
async function drain(stream: FrameStream, most: number) {
  const [numbers, trs]: [number[], number[]] = [[], []];
  for (;;) {
    const { count, pixels, trs: own } = await stream.next(most);
    expect(pixels).toHaveLength(count * bytes);
    if (count === 0) return { numbers, trs };
    for (let i = 0; i < count; i++) numbers.push(frameNumber(pixels.subarray(i * bytes, (i + 1) * bytes)));
    trs.push(...(own ?? []));
    const until = performance.now() + 5;
    while (performance.now() < until);
  }
}

test.each([1, 16, 500])('every frame once and in order, in pieces of %i, more than are decoded ahead', async (most) => {
  const stream = await open();
  expect(stream.expected).toBe(200);
  expect((await drain(stream, most)).numbers).toEqual(Array.from({ length: 200 }, (_, i) => i));
  await stream.close();
});

test('with TRs every frame has its own, and only a stretch of them comes', async () => {
  const rule = { trSeconds: 1, offsetSeconds: 0.5 };
  const all = await open({ trs: { ...rule, start: 0, end: Infinity } });
  const { numbers, trs } = await drain(all, 16);
  expect(numbers).toHaveLength(200);
  expect(trs.slice(0, 6)).toEqual([-1, -1, -1, -1, -1, 0]);
  expect(all.wholeTrs()).toBe(19);
  await all.close();
  const part = await drain(await open({ trs: { ...rule, start: 3, end: 5 } }), 7);
  expect(part.numbers).toEqual(Array.from({ length: 20 }, (_, i) => 35 + i));
  expect(part.trs).toEqual(Array.from({ length: 20 }, (_, i) => (i < 10 ? 3 : 4)));
});

test('a video that ends early is an error at its end, not a shorter video', async () => {
  const cut = join(folder, 'cut.mkv');
  makeVideo(join(folder, 'whole.mkv'), 200, 10, ['-c:v', 'mjpeg']);
  copyFileSync(join(folder, 'whole.mkv'), cut);
  truncateSync(cut, Math.floor(statSync(cut).size / 2));
  await expect(drain(await open({ file: cut }), 16)).rejects.toThrow(/damaged or cut short/);
});

test('closing or cancelling in the middle ends it', async () => {
  const stream = await open();
  await stream.next(3);
  await stream.close();
  const controller = new AbortController();
  const other = await open({}, controller.signal);
  await other.next(3);
  controller.abort();
  await expect(other.next(3)).rejects.toBeInstanceOf(CancelledError);
});

test('a series is a stream for videos, and what a source gives for everything else', async () => {
  const video = await openFrameSeries(file, { width: WIDTH, height: HEIGHT }, quietContext());
  expect((await drain(video, 64)).numbers).toHaveLength(200);
  await video.close();
  const last = await openFrameSeries(file, { width: WIDTH, height: HEIGHT, trSeconds: 2 }, quietContext());
  expect((await drain(last, 64)).numbers).toEqual([19, 39, 59, 79, 99, 119, 139, 159, 179, 199]);
  await last.close();
});
