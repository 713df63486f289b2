import { stat } from 'node:fs/promises';
import { streamFrames, type FrameStream } from '../../src-preload/shared/domain/frames';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { isFramesFile } from '../files/frames-file';
import { frameSourceFromPath, type FrameSourceOptions } from './frame-source';
import { probeVideo } from './video-probe';
import { streamVideo } from './video-stream';

/** Frames one after another, to be closed after use. */
export interface FrameSeries extends FrameStream {
  /** Whole TRs of a video that gives all frames of each; to be asked at its end. */
  wholeTrs?(): number;
  close(): Promise<void>;
}

/**
 * Frames from whatever a path names, in order: a video is decoded while they are looked at, everything else is what
 * frameSourceFromPath gives. Of a video with a TR all frames come, each with its TR, unless only the last of each is wanted.
 * @throws UserError when it is none of these; from the last `next` when a video is damaged
 */
export async function openFrameSeries(
  path: string,
  options: FrameSourceOptions & { allFramesOfTr?: boolean },
  context: WorkContext,
): Promise<FrameSeries> {
  const { trSeconds, allFramesOfTr } = options;
  const isVideo = !(await stat(path)).isDirectory() && !/\.(png|jpe?g|bmp|webp)$/i.test(path) && !(await isFramesFile(path));
  if (!isVideo || (trSeconds !== undefined && !allFramesOfTr)) {
    const source = await frameSourceFromPath(path, options, context);
    return { ...streamFrames(source), close: () => source.close() };
  }
  const information = await probeVideo(path, context.signal);
  const size = { width: options.width ?? information.width, height: options.height ?? information.height };
  const trs = trSeconds !== undefined && { trSeconds, offsetSeconds: 0, start: 0, end: Infinity };
  return streamVideo({ file: path, information, ...size, ...(trs && { trs }) }, context.signal);
}
