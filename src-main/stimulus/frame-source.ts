import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFrameRange, frameBytes, type FrameSource } from '../../src-preload/shared/domain/frames';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { framesInFile, isFramesFile, openFramesFile } from '../files/frames-file';
import { imageSize, listImages, readImage } from './image-folder';
import { importMovie } from './import-movie';
import { decodeVideo, type DecodingRequest } from './video-decoder';
import { probeVideo } from './video-probe';

/** How frames are taken from a path. */
export interface FrameSourceOptions {
  /** Size of the frames given out, in pixels; that of the (first) picture where left out. */
  width?: number;
  height?: number;
  /** One frame per TR of a video, as in importMovie; every frame where left out. Folders and images are taken whole. */
  trSeconds?: number;
}

/**
 * Frames from whatever a path names: a frames file, an image, a folder of images (natural order), or a video.
 * A video is decoded to a temporary file, which `close` deletes.
 * @throws UserError when it is none of these
 */
export async function frameSourceFromPath(path: string, options: FrameSourceOptions, context: WorkContext): Promise<FrameSource> {
  if ((await stat(path)).isDirectory()) return imageSource(await listImages(path), options);
  if (/\.(png|jpe?g|bmp|webp)$/i.test(path)) return imageSource([path], options);
  if (await isFramesFile(path)) return openFramesFile(path);
  return videoSource(path, options, context);
}

async function imageSource(paths: readonly string[], options: FrameSourceOptions): Promise<FrameSource> {
  const own = options.width && options.height ? undefined : await imageSize(paths[0]!);
  const size = { width: options.width ?? own!.width, height: options.height ?? own!.height };
  const bytes = frameBytes(size);
  return {
    ...size,
    count: paths.length,
    async read(start, count, into = new Uint8Array(count * bytes)) {
      checkFrameRange({ count: paths.length }, start, count);
      const images = paths.slice(start, start + count).map((path) => readImage(path, size.width, size.height));
      (await Promise.all(images)).forEach((image, i) => into.set(image, i * bytes));
      return into.subarray(0, count * bytes);
    },
    close: () => Promise.resolve(),
  };
}

async function videoSource(path: string, options: FrameSourceOptions, context: WorkContext): Promise<FrameSource> {
  const information = await probeVideo(path, context.signal);
  const size = { width: options.width ?? information.width, height: options.height ?? information.height };
  const folder = await mkdtemp(join(tmpdir(), 'syncact-frames-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const output = join(folder, 'frames');
    const frames =
      options.trSeconds === undefined
        ? await spoolEveryFrame({ file: path, information, ...size }, output, context)
        : await framePerTr({ video: path }, { ...size, trSeconds: options.trSeconds, output }, context);
    return { ...frames, close: () => frames.close().then(removeFolder) };
  } catch (caught) {
    await removeFolder();
    throw caught;
  }
}

async function framePerTr(
  source: { video: string },
  request: { width: number; height: number; trSeconds: number; output: string },
  context: WorkContext,
): Promise<FrameSource> {
  await importMovie({ source, ...request }, context);
  return openFramesFile(request.output);
}

/** Frames go to disk as they come, so that a long video needs no more memory than a short one. */
async function spoolEveryFrame(request: DecodingRequest, output: string, context: WorkContext): Promise<FrameSource> {
  const handle = await open(output, 'wx+');
  try {
    const total = request.information.durationSeconds ?? 0;
    const { times } = await decodeVideo(request, context.signal, async (timeSeconds, pixels) => {
      await handle.appendFile(pixels);
      context.progress({
        stage: 'decoding the video',
        done: total ? Math.min(timeSeconds, total) : timeSeconds,
        total,
        unit: 'seconds',
      });
    });
    return framesInFile(handle, output, { count: times.length, width: request.width, height: request.height }, 0);
  } catch (caught) {
    await handle.close();
    throw caught;
  }
}
