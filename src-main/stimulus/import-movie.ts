import { basename } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import { frameBytes } from '../../src-preload/shared/domain/frames';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { writeFramesFile } from '../files/frames-file';
import { hashFile } from '../files/hash';
import { chooseFrames, describeTiming, type FrameChoice, type FrameTiming, type TrRule } from './frame-choice';
import { FrameSpool } from './frame-spool';
import { inspectImages, listNumberedImages, readImages } from './image-folder';
import { decodeVideo, type DecodingRequest } from './video-decoder';
import { probeVideo, type VideoInformation } from './video-probe';

/** Where a movie run's frames come from. */
export type MovieSource =
  | { video: string }
  /** Numbered images: one per TR, or with framesPerSecond the rule of videos. */
  | { folder: string; framesPerSecond?: number | undefined };

/** What to import and how. */
export interface MovieImport {
  source: MovieSource;
  /** Seconds between volumes. */
  trSeconds: number;
  /** Movie time at which TR 0 starts, in seconds from the first frame (not from the container's own zero); 0 if left out. */
  offsetSeconds?: number;
  /** TRs wanted; as many whole TRs as the movie holds if left out. */
  trCount?: number;
  /** Size of the frames written, in pixels; the picture is stretched to it (bicubic). */
  width: number;
  height: number;
  /** Path of the frames file to write. */
  output: string;
}

/** What was imported. */
export interface MovieSummary extends FrameTiming {
  /** Frames written, one per TR. */
  count: number;
  width: number;
  height: number;
  sourceWidth: number;
  sourceHeight: number;
  /** Timestamp of each frame written, in seconds from the first frame of the movie. */
  times: number[];
  /** SHA-256 of the video, or over the contents of the images. */
  sourceHash: string;
  /** TRs in which no frame falls; the last frame before their end was taken. */
  emptyTrs: number;
  /** Also given to context.warn. */
  warnings: string[];
}

/**
 * Writes the frame of every TR of a movie run to a frames file (see files/frames-file): the last frame whose timestamp t
 * satisfies offset + i·TR ≤ t < offset + (i + 1)·TR. Timestamps are those of the video's frames, at variable rates too.
 * @throws UserError when the movie is missing, damaged, has no picture, or does not hold the TRs wanted
 * @see Sync-ACT, section 2: the last frame of each TR
 */
export async function importMovie(request: MovieImport, context: WorkContext): Promise<MovieSummary> {
  checkRequest(request);
  const summary =
    'video' in request.source
      ? await importVideo(request, request.source.video, context)
      : await importFolder(request, request.source, context);
  if (summary.emptyTrs > 0) {
    summary.warnings.push(
      `${summary.emptyTrs} of ${summary.count} TRs hold no frame of their own; the last frame before their end was taken`,
    );
  }
  summary.warnings.forEach((warning) => context.warn(warning));
  return summary;
}

function checkRequest({ trSeconds, offsetSeconds = 0, trCount, width, height }: MovieImport): void {
  const require = (holds: boolean, what: string, expected: string, found: number) => {
    if (!holds) throw new UserError({ code: 'setting-invalid', what: `${what} is wrong`, expected, found: String(found) });
  };
  require(Number.isFinite(trSeconds) && trSeconds > 0, 'the TR', 'seconds above 0', trSeconds);
  require(Number.isFinite(offsetSeconds), 'the offset', 'seconds', offsetSeconds);
  require(trCount === undefined ||
    (Number.isInteger(trCount) && trCount > 0), 'the number of TRs', 'a whole number above 0', trCount ?? 0);
  for (const [name, pixels] of [
    ['width', width],
    ['height', height],
  ] as const) {
    require(Number.isInteger(pixels) && pixels > 0 && pixels <= 8192, `the ${name} of frames`, '1 to 8192 pixels', pixels);
  }
}

async function importVideo(request: MovieImport, file: string, context: WorkContext): Promise<MovieSummary> {
  const { trSeconds, offsetSeconds = 0, trCount, width, height, output } = request;
  const rule: TrRule = { trSeconds, offsetSeconds };
  const information = await probeVideo(file, context.signal);
  const sourceHash = await hashSource(file, context);
  const spool = await FrameSpool.create(output, frameBytes(request), rule);
  try {
    const { times, complaints } = await decodeInto(
      spool,
      { file, information, width, height, window: { ...rule, marginSeconds: margin(information, rule) } },
      context,
    );
    const timing = describeTiming(times, information.framesPerSecond);
    const choice = chooseFrames(times, timing.durationSeconds, rule, trCount);
    if (!choice.frames.every((frame) => spool.holds(times[frame]!))) {
      // Low or variable rates: the last frame of some TR lay before the window. Rare, so a second pass scales every frame.
      spool.clear();
      await decodeInto(spool, { file, information, width, height }, context);
    }
    const chosen = choice.frames.map((frame) => times[frame]!);
    await writeFramesFile(
      output,
      { width, height, trSeconds, offsetSeconds, times: chosen, sourceHash, rule: 'last-frame-of-tr' },
      readSpool(spool, chosen, context),
    );
    return {
      ...timing,
      count: chosen.length,
      width,
      height,
      sourceWidth: information.width,
      sourceHeight: information.height,
      times: chosen,
      sourceHash,
      emptyTrs: choice.emptyTrs,
      warnings: [...complaints.map((line) => `FFmpeg on ${basename(file)}: ${line}`), ...lengthWarning(information, timing)],
    };
  } finally {
    await spool.remove();
  }
}

/**
 * Frames earlier than this before the end of a TR are not scaled: two and a half frames at the declared rate, so that the
 * last one is always in it at a constant rate.
 */
function margin({ framesPerSecond = 10 }: VideoInformation, { trSeconds }: TrRule): number {
  return Math.min(trSeconds, 2.5 / framesPerSecond);
}

async function decodeInto(spool: FrameSpool, request: DecodingRequest, context: WorkContext) {
  const total = request.information.durationSeconds ?? 0;
  const stage = `decoding ${basename(request.file)}`;
  const decoded = await decodeVideo(request, context.signal, async (timeSeconds, pixels) => {
    await spool.offer(timeSeconds, pixels);
    context.progress({ stage, done: total ? Math.min(timeSeconds, total) : timeSeconds, total, unit: 'seconds' });
  });
  await spool.finish();
  return decoded;
}

async function* readSpool(spool: FrameSpool, times: readonly number[], { signal }: WorkContext): AsyncGenerator<Uint8Array> {
  for (const time of times) {
    throwIfCancelled(signal);
    yield await spool.read(time);
  }
}

/** Sound may be longer than the picture, so this is no error. */
function lengthWarning({ durationSeconds: declared = 0 }: VideoInformation, { durationSeconds }: FrameTiming): string[] {
  if (declared - durationSeconds <= Math.max(1, 0.02 * declared)) return [];
  return [`the picture ends at ${durationSeconds.toFixed(2)} s, the file declares ${declared.toFixed(2)} s`];
}

async function hashSource(file: string, { signal, progress }: WorkContext): Promise<string> {
  progress({ stage: `reading ${basename(file)}`, done: 0, total: 0, unit: 'bytes' });
  try {
    return await hashFile(file, signal);
  } catch (caught) {
    throwIfCancelled(signal);
    throw caught;
  }
}

async function importFolder(
  request: MovieImport,
  source: { folder: string; framesPerSecond?: number | undefined },
  context: WorkContext,
): Promise<MovieSummary> {
  const { trSeconds, offsetSeconds = 0, width, height, output } = request;
  const paths = await listNumberedImages(source.folder);
  const series = await inspectImages(paths, context.signal);
  const { choice, times, timing } = chooseImages(request, source, paths.length);
  const chosen = choice.frames.map((frame) => times[frame]!);
  const rule = source.framesPerSecond === undefined ? 'one-image-per-tr' : 'last-frame-of-tr';
  const images = readImages(
    choice.frames.map((frame) => paths[frame]!),
    width,
    height,
    context.signal,
  );
  await writeFramesFile(
    output,
    { width, height, trSeconds, offsetSeconds, times: chosen, sourceHash: series.hash, rule },
    withProgress(images, chosen.length, `reading frames of ${basename(source.folder)}`, context),
  );
  return {
    ...timing,
    count: chosen.length,
    width,
    height,
    sourceWidth: series.width,
    sourceHeight: series.height,
    times: chosen,
    sourceHash: series.hash,
    emptyTrs: choice.emptyTrs,
    warnings: [],
  };
}

function chooseImages(
  { trSeconds, offsetSeconds = 0, trCount }: MovieImport,
  { folder, framesPerSecond }: { folder: string; framesPerSecond?: number | undefined },
  images: number,
): { choice: FrameChoice; times: number[]; timing: FrameTiming } {
  if (framesPerSecond !== undefined) {
    if (!(framesPerSecond > 0 && Number.isFinite(framesPerSecond))) {
      throw new UserError({
        code: 'setting-invalid',
        what: 'the frame rate is wrong',
        expected: 'frames per second above 0',
        found: String(framesPerSecond),
      });
    }
    const times = Array.from({ length: images }, (_, i) => i / framesPerSecond);
    const timing = { durationSeconds: images / framesPerSecond, framesPerSecond, variableFrameRate: false };
    return { choice: chooseFrames(times, timing.durationSeconds, { trSeconds, offsetSeconds }, trCount), times, timing };
  }
  if ((trCount !== undefined && trCount !== images) || offsetSeconds !== 0) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the folder does not hold one image per TR',
      file: folder,
      expected: `${trCount ?? images} images, and no offset`,
      found: `${images} images, offset ${offsetSeconds} s`,
      remedy: 'pass the frame rate of the images as frames per second',
    });
  }
  const frames = Array.from({ length: images }, (_, i) => i);
  const timing = { durationSeconds: images * trSeconds, framesPerSecond: 1 / trSeconds, variableFrameRate: false };
  return { choice: { frames, emptyTrs: 0 }, times: frames.map((i) => i * trSeconds), timing };
}

async function* withProgress(
  frames: AsyncIterable<Uint8Array>,
  total: number,
  stage: string,
  context: WorkContext,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const frame of frames) {
    yield frame;
    context.progress({ stage, done: ++done, total, unit: 'frames' });
  }
}
