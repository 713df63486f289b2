import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import { frameBytes, type FrameStream, type StreamedFrames } from '../../src-preload/shared/domain/frames';
import { FfmpegRing } from './byte-ring';
import { describeTiming, trOfTime, type TrRule } from './frame-choice';
import { DecodingLog, decodingArguments, summariseDecoding, type DecodingRequest } from './video-decoder';

/** Frames decoded ahead: more than the batches a CNN is fed with. */
const FRAMES_AHEAD = 40;

/** A video's frames at one size, decoded while others are looked at. */
export interface VideoStream extends FrameStream {
  /** How many whole TRs the video holds, by its frames' timestamps; to be asked at its end. */
  wholeTrs(): number;
  /** Ends the decoding; harmless at its end. */
  close(): Promise<void>;
}

export interface VideoStreamRequest extends Omit<DecodingRequest, 'window' | 'stretch'> {
  /** Give every frame the TR it falls in, and only the frames of TRs [start, end); `end` may be Infinity. */
  trs?: TrRule & { start: number; end: number };
}

/**
 * Decodes a video frame by frame in order, a few dozen frames ahead.
 * @throws UserError from the last `next` with FFmpeg's own words when the video is damaged or ends early
 */
export function streamVideo(request: VideoStreamRequest, signal: AbortSignal): VideoStream {
  const { width, height, information, trs } = request;
  const bytes = frameBytes(request);
  const log = new DecodingLog();
  const parameters = decodingArguments({ ...request, ...(trs && { stretch: stretchOf(trs) }) });
  const ring = new FfmpegRing(parameters, FRAMES_AHEAD * bytes, (line) => log.add(line), signal);
  void ring.finished.finally(() => log.end()).catch(() => {});
  let index = 0;
  const take = async (most: number): Promise<StreamedFrames> => {
    throwIfCancelled(signal);
    const pixels = new Uint8Array(most * bytes);
    const count = Math.floor((await ring.read(pixels)) / bytes);
    if (count < most) {
      const exitCode = await ring.finished;
      throwIfCancelled(signal);
      summariseDecoding(log, request.file, exitCode);
    }
    const given = { count, pixels: pixels.subarray(0, count * bytes) };
    if (!trs) return given;
    const own = new Int32Array(count);
    for (let i = 0; i < count; i++) own[i] = trOfTime(await log.timeGivenOut(index++), trs);
    return { ...given, trs: own };
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...{ width, height },
    expected: Math.round((information.framesPerSecond ?? 0) * (information.durationSeconds ?? 0)),
    // One after another, whenever they are asked for.
    next(most) {
      const taken = last.then(() => take(most));
      last = taken.catch(() => undefined);
      return taken;
    },
    wholeTrs: () => trOfTime(describeTiming(log.times, information.framesPerSecond).durationSeconds, trs!),
    async close() {
      ring.stop();
      await ring.finished.catch(() => undefined);
    },
  };
}

/** Frames before TR 0 come too: they stand for TRs at the start that hold none. */
function stretchOf({ trSeconds, offsetSeconds, start, end }: NonNullable<VideoStreamRequest['trs']>) {
  const fromSeconds = start === 0 ? -1e9 : offsetSeconds + start * trSeconds;
  return { fromSeconds, toSeconds: end === Infinity ? 1e9 : offsetSeconds + end * trSeconds };
}
