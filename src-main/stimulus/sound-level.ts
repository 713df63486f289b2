import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { inputArguments, startFfmpeg, type LogLine } from './ffmpeg';
import { lastError } from './video-probe';

/** Samples per second that the level is measured at: louder and softer need no treble. */
const RATE = 8000;
/** Seconds of sound that make one value of the envelope. */
const WINDOW = 0.01;

/** The time points of a movie run. */
export interface SoundTiming {
  trSeconds: number;
  /** Movie time at which TR 0 starts. */
  offsetSeconds: number;
  count: number;
}

/**
 * How loud a movie is by TR: the envelope (root mean square of every 10 ms, all channels mixed) averaged over each TR, in units of full
 * scale. Time counts from the start of the file.
 * @returns [count]; 0 beyond the end of the sound
 * @throws UserError where the file has no sound track, or it cannot be read
 */
export async function computeSoundLevel(file: string, timing: SoundTiming, context: WorkContext): Promise<Float32Array> {
  const lines: LogLine[] = [];
  const process = startFfmpeg(
    // What a track lacks at its start or in between is filled with silence, so that samples tell the time.
    [
      ...inputArguments(file),
      '-map',
      '0:a:0',
      '-ac',
      '1',
      '-af',
      `aresample=${RATE}:async=1:first_pts=0`,
      '-f',
      'f32le',
      'pipe:1',
    ],
    { signal: context.signal, onLine: (line) => lines.push(line) },
  );
  const envelope = new Envelope(timing);
  try {
    for await (const chunk of process.output) envelope.add(chunk as Buffer);
  } finally {
    process.stop();
  }
  const status = await process.finished;
  throwIfCancelled(context.signal);
  if (lines.some(({ text }) => /Stream map '0:a:0' matches no streams/.test(text))) {
    throw new UserError({
      code: 'file-kind',
      what: 'the movie has no sound track',
      file,
      remedy: 'leave "sound level" out of the confounds, or import the movie from a file with sound',
    });
  }
  if (envelope.isEmpty)
    throw new UserError({
      code: 'file-content',
      what: 'the sound of the movie cannot be read',
      file,
      found: `FFmpeg says "${lastError(lines, file)}" (${status})`,
    });
  return envelope.means();
}

class Envelope {
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;
  private rest: Buffer = Buffer.alloc(0);
  private window = 0;
  private squares = 0;
  private samples = 0;

  constructor(private readonly timing: SoundTiming) {
    this.sums = new Float64Array(timing.count);
    this.counts = new Float64Array(timing.count);
  }

  get isEmpty(): boolean {
    return this.window === 0;
  }

  add(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % 4);
    for (let at = 0; at < whole; at += 4) this.take(bytes.readFloatLE(at));
    this.rest = bytes.subarray(whole);
  }

  private take(sample: number): void {
    this.squares += sample * sample;
    if (++this.samples < RATE * WINDOW) return;
    const middle = (this.window + 0.5) * WINDOW - this.timing.offsetSeconds;
    const tr = Math.floor(middle / this.timing.trSeconds);
    if (tr >= 0 && tr < this.sums.length) {
      this.sums[tr]! += Math.sqrt(this.squares / this.samples);
      this.counts[tr]!++;
    }
    [this.squares, this.samples] = [0, 0];
    this.window++;
  }

  means(): Float32Array {
    return Float32Array.from(this.sums, (sum, tr) => (this.counts[tr] === 0 ? 0 : sum / this.counts[tr]!));
  }
}
