import { mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test, vi } from 'vitest';
import { importMovie } from '../../../src-main/stimulus/import-movie';
import { frameSourceFromPath } from '../../../src-main/stimulus/frame-source';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { frameColour, frameNumber, HEIGHT, makeVideo, temporaryFolder, WIDTH } from './make-video';

const folder = temporaryFolder();
const video = makeVideo(join(folder, 'video.mp4'), 30, 10);

async function numbers(path: string, options: Parameters<typeof frameSourceFromPath>[1]): Promise<number[]> {
  const source = await frameSourceFromPath(path, options, quietContext());
  const found: number[] = [];
  for (let i = 0; i < source.count; i++) found.push(frameNumber(await source.read(i, 1)));
  await source.close();
  return found;
}

test('every frame of a video, or one per TR', async () => {
  // Other tests use the common temporary folder at the same time.
  vi.stubEnv('TMPDIR', temporaryFolder());
  expect(await numbers(video, {})).toEqual(Array.from({ length: 30 }, (_, i) => i));
  expect(await numbers(video, { trSeconds: 1, width: 8, height: 8 })).toEqual([9, 19, 29]);
  expect(readdirSync(tmpdir())).toEqual([]);
  vi.unstubAllEnvs();
});

test('a video keeps its own size where none is given', async () => {
  const source = await frameSourceFromPath(video, {}, quietContext());
  expect([source.width, source.height]).toEqual([WIDTH, HEIGHT]);
  await source.close();
});

test('a folder of images, a single image, a frames file', async () => {
  const images = join(folder, 'images');
  mkdirSync(images);
  for (const k of [2, 10]) {
    const [r, g, b] = frameColour(k);
    await sharp({ create: { width: 6, height: 4, channels: 3, background: { r, g, b } } }).toFile(join(images, `scene ${k}.png`));
  }
  expect(await numbers(images, {})).toEqual([2, 10]);
  expect(await numbers(join(images, 'scene 10.png'), { width: 3, height: 3 })).toEqual([10]);
  const output = join(folder, 'run.frames');
  await importMovie({ source: { video }, trSeconds: 1, width: 8, height: 8, output }, quietContext());
  expect(await numbers(output, {})).toEqual([9, 19, 29]);
});

test('grey, transparent and 16-bit images become RGB', async () => {
  const path = join(folder, 'grey.png');
  await sharp(Buffer.from([0, 128, 255, 64]), { raw: { width: 2, height: 2, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(path);
  const source = await frameSourceFromPath(path, {}, quietContext());
  expect([...(await source.read(0, 1))]).toEqual([0, 0, 0, 128, 128, 128, 255, 255, 255, 64, 64, 64]);
  const transparent = join(folder, 'transparent.png');
  await sharp({ create: { width: 1, height: 1, channels: 4, background: { r: 200, g: 100, b: 50, alpha: 0.5 } } }).toFile(
    transparent,
  );
  const pixel = await (await frameSourceFromPath(transparent, {}, quietContext())).read(0, 1);
  expect(pixel).toHaveLength(3);
  expect(pixel[0]).toBeCloseTo(100, -1);
  const deep = join(folder, 'deep.png');
  await sharp({ create: { width: 1, height: 1, channels: 3, background: { r: 255, g: 128, b: 0 } } })
    .toColourspace('rgb16')
    .png()
    .toFile(deep);
  expect([...(await (await frameSourceFromPath(deep, {}, quietContext())).read(0, 1))]).toEqual([255, 128, 0]);
});
