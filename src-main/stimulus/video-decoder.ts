import type { Readable } from 'node:stream';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import { frameBytes } from '../../src-preload/shared/domain/frames';
import { inputArguments, startFfmpeg, type LogLine } from './ffmpeg';
import { TIME_TOLERANCE_SECONDS, type TrRule } from './frame-choice';
import { lastError, type VideoInformation } from './video-probe';

/** What to decode and at which size frames come out. */
export interface DecodingRequest {
  file: string;
  information: VideoInformation;
  width: number;
  height: number;
  /**
   * Only frames in the last `marginSeconds` of a TR are scaled and given out; every frame where it is left out.
   * Timestamps are returned for all frames in both cases.
   */
  window?: TrRule & { marginSeconds: number };
  /** Only frames from here on and before there, in seconds from the first frame, are scaled and given out. */
  stretch?: { fromSeconds: number; toSeconds: number };
}

/** All timestamps of a video in seconds from its first frame, in the order shown, and what FFmpeg complained of. */
export interface DecodedTimes {
  times: number[];
  complaints: string[];
}

/** Log lines that mean lost or damaged pictures; others (such as reference frames missing at a cut) are passed on as warnings. */
const DAMAGE = /error|invalid|corrupt|partial file|truncat|damaged/i;

/**
 * Decodes the picture of a video once, in order. At most a few frames are held, whatever its length.
 * Timestamps are presentation timestamps relative to the first frame, whatever the container starts counting at.
 * @param onFrame receives each frame (RGB, row-major) and its timestamp in seconds; the pixels are its own
 * @throws UserError with FFmpeg's own words when the video is damaged or ends early
 */
export async function decodeVideo(
  request: DecodingRequest,
  signal: AbortSignal,
  onFrame: (timeSeconds: number, pixels: Uint8Array) => Promise<void> | void,
): Promise<DecodedTimes> {
  const log = new DecodingLog();
  const process = startFfmpeg(decodingArguments(request), { signal, onLine: (line) => log.add(line) });
  void process.finished.finally(() => log.end()).catch(() => {});
  try {
    let index = 0;
    for await (const pixels of splitFrames(process.output, frameBytes(request))) {
      throwIfCancelled(signal);
      await onFrame(await log.timeGivenOut(index++), pixels);
    }
    const exitCode = await process.finished;
    throwIfCancelled(signal);
    return summariseDecoding(log, request.file, exitCode);
  } finally {
    process.stop();
  }
}

/** FFmpeg's arguments for a request: raw RGB frames on its standard output, timestamps in its log. */
export function decodingArguments(request: DecodingRequest): string[] {
  const input = [...inputArguments(request.file), '-filter_complex', filterGraph(request), '-map', '[frames]'];
  return [...input, ...request.information.passthrough, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
}

/** Logs timestamps, on a small corner: the filter sums up every pixel it gets, which took as long as scaling a frame. */
const CORNER = `crop='min(16,iw)':'min(16,ih)':0:0`;

/** Branches of the same frames: the timestamp of each is logged, and that of each wanted, and those wanted are scaled. */
function filterGraph({ width, height, window, stretch }: DecodingRequest): string {
  const conditions = [
    ...(window
      ? [
          `gte(mod(t-start_t-(${window.offsetSeconds})+${TIME_TOLERANCE_SECONDS},${window.trSeconds}),` +
            `${window.trSeconds - window.marginSeconds})`,
        ]
      : []),
    ...(stretch
      ? [
          `gte(t-start_t+${TIME_TOLERANCE_SECONDS},${stretch.fromSeconds})*lt(t-start_t+${TIME_TOLERANCE_SECONDS},${stretch.toSeconds})`,
        ]
      : []),
  ];
  const select = conditions.length > 0 ? `select='${conditions.join('*')}',` : '';
  // The raw output needs no times, but FFmpeg refuses two frames with one timestamp in units of its (wrong, at variable
  // rates) frame rate: frames leave 1000 s apart.
  const spread = 'setpts=1000*N/TB';
  return (
    `[0:V:0]split[all][some];` +
    `[all]${CORNER},showinfo@all,nullsink;` +
    `[some]${select}split[logged][wanted];` +
    `[logged]${CORNER},showinfo@out,nullsink;` +
    `[wanted]scale=${width}:${height}:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24,${spread}[frames]`
  );
}

/** @throws UserError with FFmpeg's own words when the video is damaged or ends early */
export function summariseDecoding(log: DecodingLog, file: string, exitCode: number | null): DecodedTimes {
  const complaints = log.complaints();
  const damage = complaints.filter((line) => DAMAGE.test(line.text));
  if (exitCode !== 0 || damage.length > 0 || log.times.length === 0) {
    const seconds = log.times.at(-1)?.toFixed(2);
    throw new UserError({
      code: 'file-damaged',
      what: 'the video is damaged or cut short',
      file,
      found: `after ${log.times.length} frames${seconds ? ` (${seconds} s)` : ''} FFmpeg says "${lastError(damage.length ? damage : log.lines, file)}"`,
      remedy: 'copy the file again from its source, or re-encode it and look at the result',
    });
  }
  if (log.times.some(Number.isNaN)) {
    throw new UserError({
      code: 'file-content',
      what: 'the video has frames without timestamps',
      file,
      remedy: 'put it in a container that has them, such as with "ffmpeg -i IN -c:v libx264 OUT.mp4"',
    });
  }
  return { times: log.times, complaints: [...new Set(complaints.map((line) => line.text))] };
}

/** Reads the timestamps out of FFmpeg's log; it runs ahead of the pixels or behind them, so times are waited for. */
export class DecodingLog {
  readonly times: number[] = [];
  /** Everything but the per-frame lines; the last few hundred are enough to explain a failure. */
  readonly lines: LogLine[] = [];
  /** Presentation timestamps of the frames given out, in units of the time base. */
  private readonly givenOut: number[] = [];
  private firstPts: number | undefined;
  /** Seconds per unit, as numerator and denominator; both branches have the stream's. */
  private timeBase: [number, number] = [NaN, NaN];
  private wake: (() => void) | undefined;
  private ended = false;

  add(line: LogLine): void {
    if (!line.component.startsWith('showinfo@')) {
      this.lines.push(line);
      if (this.lines.length > 500) this.lines.splice(0, 250);
      return;
    }
    const timeBase = /config in time_base: (\d+)\/(\d+)/.exec(line.text);
    if (timeBase) this.timeBase = [Number(timeBase[1]), Number(timeBase[2])];
    // A frame without a timestamp has the text NOPTS there, which becomes NaN.
    const frame = /^n:\s*\d+ pts:\s*(-?\d+|NOPTS)/.exec(line.text);
    if (frame) this.addFrame(line.component, Number(frame[1]));
  }

  private addFrame(component: string, pts: number): void {
    if (component === 'showinfo@all') {
      this.firstPts ??= pts;
      this.times.push(this.inSeconds(pts, this.firstPts));
    } else {
      this.givenOut.push(pts);
    }
    this.wake?.();
  }

  private inSeconds(pts: number, firstPts: number): number {
    const [numerator, denominator] = this.timeBase;
    return ((pts - firstPts) * numerator) / denominator;
  }

  /** The timestamp of the index-th frame given out, in seconds from the first frame of the video. */
  async timeGivenOut(index: number): Promise<number> {
    while (this.givenOut[index] === undefined || this.firstPts === undefined) {
      if (this.ended) throw new Error(`FFmpeg gave out frame ${index} without logging its timestamp`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.inSeconds(this.givenOut[index], this.firstPts);
  }

  /** No more lines will come. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  complaints(): LogLine[] {
    return this.lines.filter(
      ({ level, text }) => ['error', 'fatal', 'panic'].includes(level) || (level === 'warning' && /corrupt/i.test(text)),
    );
  }
}

/** Cuts a byte stream into arrays of one frame each. An unfinished frame at the end is left out: FFmpeg's exit status tells. */
async function* splitFrames(stream: Readable, bytes: number): AsyncGenerator<Uint8Array> {
  let frame = new Uint8Array(bytes);
  let filled = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let taken = 0;
    while (taken < chunk.length) {
      const length = Math.min(chunk.length - taken, bytes - filled);
      frame.set(chunk.subarray(taken, taken + length), filled);
      taken += length;
      filled += length;
      if (filled < bytes) continue;
      yield frame;
      frame = new Uint8Array(bytes);
      filled = 0;
    }
  }
}
