import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { openFramesFile } from '../../../src-main/files/frames-file';
import { importMovie, type MovieImport, type MovieSummary } from '../../../src-main/stimulus/import-movie';
import { frameColour, frameNumber, HEIGHT, makeVideo, runFfmpeg, temporaryFolder, WIDTH } from './make-video';

const folder = temporaryFolder();

/** Imports and returns the summary with the numbers burned into the frames that were chosen. */
async function importNumbers(
  source: MovieImport['source'],
  options: Partial<MovieImport> & { trSeconds: number },
): Promise<MovieSummary & { numbers: number[] }> {
  const output = join(folder, `${Math.random()}.frames`);
  const summary = await importMovie({ source, width: 16, height: 12, output, ...options }, quietContext());
  const frames = await openFramesFile(output);
  expect(frames.header).toMatchObject({
    count: summary.count,
    times: summary.times,
    trSeconds: options.trSeconds,
    sourceHash: summary.sourceHash,
  });
  const numbers: number[] = [];
  for (let i = 0; i < frames.count; i++) numbers.push(frameNumber(await frames.read(i, 1)));
  await frames.close();
  expect(readdirSync(folder).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  return { ...summary, numbers };
}

const refusal = (source: MovieImport['source'], options: Partial<MovieImport> & { trSeconds: number }) =>
  importNumbers(source, options).then(
    () => expect.fail('imported'),
    (caught: unknown) => {
      expect(caught).toBeInstanceOf(UserError);
      expect((caught as Error).message).not.toContain('\n');
      return (caught as Error).message;
    },
  );

test('takes the last frame of each TR at a constant rate', async () => {
  const video = makeVideo(join(folder, 'constant.mp4'), 130, 25);
  const summary = await importNumbers({ video }, { trSeconds: 1 });
  expect(summary.numbers).toEqual([24, 49, 74, 99, 124]);
  expect(summary).toMatchObject({
    count: 5,
    sourceWidth: WIDTH,
    sourceHeight: HEIGHT,
    variableFrameRate: false,
    emptyTrs: 0,
    warnings: [],
  });
  expect(summary.durationSeconds).toBeCloseTo(5.2, 9);
  expect(summary.framesPerSecond).toBeCloseTo(25, 9);
  expect(summary.times).toEqual([0.96, 1.96, 2.96, 3.96, 4.96]);
});

test('a frame exactly on a boundary belongs to the TR that starts there, also where floating point says otherwise', async () => {
  const video = makeVideo(join(folder, 'boundary.mp4'), 60, 10);
  // TR 3 starts at 3 × 1.3 = 3.9000000000000004 s; frame 39 is at 3.9 s, so TR 2 ends with frame 38.
  const summary = await importNumbers({ video }, { trSeconds: 1.3 });
  expect(summary.numbers).toEqual([12, 25, 38, 51]);
});

test('an offset moves the TRs; the number of TRs can be given', async () => {
  const video = makeVideo(join(folder, 'offset.mp4'), 100, 20);
  const summary = await importNumbers({ video }, { trSeconds: 1, offsetSeconds: 0.5, trCount: 3 });
  expect(summary.numbers).toEqual([29, 49, 69]);
  expect((await importNumbers({ video }, { trSeconds: 1, offsetSeconds: 0.5 })).count).toBe(4);
});

test('a video whose last TR is not whole can be asked for it', async () => {
  const video = makeVideo(join(folder, 'partial.mp4'), 45, 20);
  expect((await importNumbers({ video }, { trSeconds: 1 })).numbers).toEqual([19, 39]);
  expect((await importNumbers({ video }, { trSeconds: 1, trCount: 3 })).numbers).toEqual([19, 39, 44]);
});

test('uses the timestamps of a variable frame rate', async () => {
  // 20 frames/s for 20 frames, then 5 frames/s: frame k ≥ 20 at 1 + (k − 20) / 5 s.
  const video = makeVideo(join(folder, 'variable.mkv'), 40, 20, [
    '-vf',
    "settb=1/100,setpts='round(if(lt(N,20),N/20,1+(N-20)/5)/TB)'",
    '-vsync',
    '0',
  ]);
  const summary = await importNumbers({ video }, { trSeconds: 1 });
  expect(summary.numbers).toEqual([19, 24, 29, 34, 39]);
  expect(summary.variableFrameRate).toBe(true);
  expect(summary.times[1]).toBeCloseTo(1.8, 3);
});

test('TRs without a frame take the last before their end, and are counted', async () => {
  // Frames 0–9 in the first second, then nothing until 3.5 s.
  const video = makeVideo(join(folder, 'gap.mkv'), 30, 10, [
    '-vf',
    "settb=1/100,setpts='round(if(lt(N,10),N/10,3.5+(N-10)/10)/TB)'",
    '-vsync',
    '0',
  ]);
  const warnings: string[] = [];
  const output = join(folder, 'gap.frames');
  const summary = await importMovie(
    { source: { video }, trSeconds: 1, width: 16, height: 12, output },
    { ...quietContext(), warn: (message) => warnings.push(message) },
  );
  expect(summary.emptyTrs).toBe(2);
  expect(warnings).toEqual(['2 of 5 TRs hold no frame of their own; the last frame before their end was taken']);
  expect((await importNumbers({ video }, { trSeconds: 1 })).numbers).toEqual([9, 9, 9, 14, 24]);
  expect((await importNumbers({ video }, { trSeconds: 0.05, trCount: 6 })).numbers).toEqual([0, 0, 1, 1, 2, 2]);
});

test('times count from the first frame, whatever the container starts at', async () => {
  const transport = makeVideo(join(folder, 'start.ts'), 60, 20, ['-c:v', 'libx264', '-crf', '1', '-pix_fmt', 'yuv444p']);
  expect((await importNumbers({ video: transport }, { trSeconds: 1 })).times[0]).toBeCloseTo(0.95, 4);
  const late = makeVideo(join(folder, 'late.mkv'), 60, 20, ['-output_ts_offset', '5']);
  expect((await importNumbers({ video: late }, { trSeconds: 1 })).numbers).toEqual([19, 39, 59]);
  // Sound that starts at 0 while the picture starts at 2 s.
  const sound = join(folder, 'sound.mkv');
  runFfmpeg(['-i', late, '-f', 'lavfi', '-i', 'sine=duration=8', '-map', '0:v', '-map', '1:a', '-c:v', 'copy', sound]);
  expect((await importNumbers({ video: sound }, { trSeconds: 1 })).numbers.slice(0, 3)).toEqual([19, 39, 59]);
});

test('B-frames come in the order shown', async () => {
  const video = makeVideo(join(folder, 'bframes.mp4'), 100, 25, [
    '-c:v',
    'libx264rgb',
    '-crf',
    '0',
    '-bf',
    '3',
    '-x264-params',
    'b-adapt=0',
  ]);
  expect((await importNumbers({ video }, { trSeconds: 0.72 })).numbers).toEqual([17, 35, 53, 71, 89]);
});

test('sizes are those after a rotation', async () => {
  const upright = makeVideo(join(folder, 'upright.mp4'), 20, 10);
  const turned = join(folder, 'turned.mp4');
  runFfmpeg(['-i', upright, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', turned]);
  expect(await importNumbers({ video: turned }, { trSeconds: 1 })).toMatchObject({
    sourceWidth: HEIGHT,
    sourceHeight: WIDTH,
    numbers: [9, 19],
  });
});

test('an offset before the movie and TRs after its end are explained', async () => {
  const video = makeVideo(join(folder, 'short.mp4'), 50, 10);
  expect(await refusal({ video }, { trSeconds: 1, offsetSeconds: -2 })).toMatch(
    /TR 0 ends before the first frame.*offset of -2 s/,
  );
  expect(await refusal({ video }, { trSeconds: 1, trCount: 9 })).toMatch(/9 TRs of 1 s = 9 s.*a movie of 5 s/);
  expect(await refusal({ video }, { trSeconds: 10 })).toMatch(/no whole TR/);
  expect(await refusal({ video }, { trSeconds: 0 })).toMatch(/TR is wrong/);
});

test('damaged, truncated and mistaken files are told apart', async () => {
  const whole = makeVideo(join(folder, 'whole.mp4'), 200, 25, ['-movflags', 'faststart']);
  const bytes = readFileSync(whole);
  const write = (name: string, content: Buffer | string) => {
    writeFileSync(join(folder, name), content);
    return { video: join(folder, name) };
  };
  expect(await refusal(write('truncated.mp4', bytes.subarray(0, Math.floor(bytes.length * 0.7))), { trSeconds: 1 })).toMatch(
    /damaged or cut short.*FFmpeg says/,
  );
  expect(
    await refusal(write('headless.mp4', readFileSync(join(folder, 'constant.mp4')).subarray(0, 2000)), { trSeconds: 1 }),
  ).toMatch(/moov atom not found/);
  const garbled = Buffer.from(bytes);
  garbled.fill(0xa5, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 400);
  expect(await refusal(write('garbled.mp4', garbled), { trSeconds: 1 })).toMatch(/damaged or cut short/);
  expect(await refusal(write('text.mp4', 'Dear diary,\nthis is no movie.\n'), { trSeconds: 1 })).toMatch(
    /not a video.*text file/,
  );
  expect(await refusal(write('empty.mp4', ''), { trSeconds: 1 })).toMatch(/empty/);
  expect(await refusal({ video: folder }, { trSeconds: 1 })).toMatch(/folder, not a video/);
  runFfmpeg(['-f', 'lavfi', '-i', 'sine=duration=1', join(folder, 'sound.m4a')]);
  expect(await refusal({ video: join(folder, 'sound.m4a') }, { trSeconds: 1 })).toMatch(/no picture/);
});

test('file names are never options, protocols or patterns, and playlists open nothing', async () => {
  const video = makeVideo(join(folder, 'plain.mp4'), 20, 10);
  for (const name of ['-i.mp4', 'http:x.mp4', 'frame%03d.mp4', "quote ' and : colon.mp4", 'concat:plain.mp4|plain.mp4']) {
    copyFileSync(video, join(folder, name));
    expect((await importNumbers({ video: join(folder, name) }, { trSeconds: 1 })).numbers).toEqual([9, 19]);
  }
  writeFileSync(join(folder, 'list.mp4'), 'ffconcat version 1.0\nfile plain.mp4\n');
  expect(await refusal({ video: join(folder, 'list.mp4') }, { trSeconds: 1 })).toMatch(/not a video/);
});

test('cancelling ends FFmpeg and leaves no file', async () => {
  const video = makeVideo(join(folder, 'long.mp4'), 250, 5);
  const controller = new AbortController();
  const output = join(folder, 'cancelled.frames');
  const context = {
    ...quietContext(),
    signal: controller.signal,
    progress: ({ stage }: { stage: string }) => stage.startsWith('decoding') && controller.abort(),
  };
  await expect(importMovie({ source: { video }, trSeconds: 1, width: 512, height: 512, output }, context)).rejects.toBeInstanceOf(
    CancelledError,
  );
  expect(readdirSync(folder).filter((name) => name.startsWith('cancelled'))).toEqual([]);
});

async function makeImages(name: string, numbers: readonly (number | string)[], ending = 'png'): Promise<string> {
  const path = join(folder, name);
  mkdirSync(path);
  await Promise.all(
    numbers.map((number, k) => {
      const [r, g, b] = frameColour(k);
      return sharp({ create: { width: 20, height: 10, channels: 3, background: { r, g, b } } }).toFile(
        join(path, `f${number}.${ending}`),
      );
    }),
  );
  return path;
}

test('numbered images are taken in natural order, one per TR', async () => {
  const images = await makeImages('natural', [8, 9, 10, 11]);
  writeFileSync(join(images, 'notes.txt'), '');
  const summary = await importNumbers({ folder: images }, { trSeconds: 2 });
  expect(summary).toMatchObject({
    numbers: [0, 1, 2, 3],
    times: [0, 2, 4, 6],
    durationSeconds: 8,
    sourceWidth: 20,
    sourceHeight: 10,
  });
  expect(await refusal({ folder: images }, { trSeconds: 2, trCount: 5 })).toMatch(/expected 5 images.*found 4 images/);
});

test('with a frame rate, images follow the rule of videos', async () => {
  const images = await makeImages(
    'rate',
    Array.from({ length: 20 }, (_, i) => String(i).padStart(4, '0')),
  );
  expect((await importNumbers({ folder: images, framesPerSecond: 4 }, { trSeconds: 1, offsetSeconds: 1 })).numbers).toEqual([
    7, 11, 15, 19,
  ]);
});

test('BMP images are read too', async () => {
  const images = await makeImages('bmp', [0, 1]);
  for (const k of [0, 1]) runFfmpeg(['-i', join(images, `f${k}.png`), join(images, `g${k + 2}.bmp`)]);
  expect((await importNumbers({ folder: images }, { trSeconds: 1 })).numbers).toEqual([0, 1, 0, 1]);
});

test('gaps, repetitions, sizes and damage in a folder are named', async () => {
  expect(await refusal({ folder: await makeImages('gap', [1, 2, 4, 9]) }, { trSeconds: 1 })).toMatch(
    /missing numbers: 3, 5 to 8/,
  );
  expect(await refusal({ folder: await makeImages('twice', [1, '01', 2]) }, { trSeconds: 1 })).toMatch(
    /f01\.png and f1\.png|f1\.png and f01\.png/,
  );
  expect(await refusal({ folder: await makeImages('named', ['a', 'b']) }, { trSeconds: 1 })).toMatch(/no number in the name/);
  const sizes = await makeImages('sizes', [1, 2]);
  await sharp({ create: { width: 21, height: 10, channels: 3, background: 'red' } }).toFile(join(sizes, 'f3.png'));
  expect(await refusal({ folder: sizes }, { trSeconds: 1 })).toMatch(/f3\.png.*expected 20×10.*found 21×10/);
  const broken = await makeImages('broken', [1, 2]);
  writeFileSync(join(broken, 'f3.png'), 'no image');
  expect(await refusal({ folder: broken }, { trSeconds: 1 })).toMatch(/f3\.png/);
  mkdirSync(join(folder, 'nothing'));
  expect(await refusal({ folder: join(folder, 'nothing') }, { trSeconds: 1 })).toMatch(/holds no frames/);
});
