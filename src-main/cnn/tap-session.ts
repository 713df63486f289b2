import { UserError } from '../../src-preload/shared/domain/errors';
import type { EngineSession } from '../../src-preload/shared/domain/engine';
import { frameBytes } from '../../src-preload/shared/domain/frames';
import { saidOutOfMemory } from '../../src-preload/shared/domain/out-of-memory';

interface TapSessionOptions {
  /** For error messages. */
  file: string;
  /** Names of the outputs. */
  taps: readonly string[];
  width: number;
  height: number;
  batchSize: number;
  /** Whether the model takes exactly batchSize frames; smaller batches are then filled up. */
  fixed: boolean;
}

/** A CNN with taps, loaded. */
export class TapSession {
  readonly batchSize: number;

  constructor(
    private readonly session: EngineSession,
    private readonly options: TapSessionOptions,
  ) {
    this.batchSize = options.batchSize;
  }

  /** Whether runs are of batchSize frames, whatever is given. */
  get isFixed(): boolean {
    return this.options.fixed;
  }

  /**
   * Activations of a batch of frames.
   * @param pixels RGB uint8 [frame, y, x, 3]
   * @returns float32 [frame, filter] by tap
   */
  async run(pixels: Uint8Array, count: number): Promise<Record<string, Float32Array>> {
    const { taps, width, height, fixed, batchSize } = this.options;
    const frames = fixed ? batchSize : count;
    const data = frames === count ? pixels : fillUp(pixels, frames * frameBytes(this.options));
    const input = { type: 'uint8', dims: [frames, height, width, 3], data } as const;
    const outputs = await this.runSession({ [this.session.inputNames[0]!]: input });
    return Object.fromEntries(
      taps.map((name) => {
        const { dims, data } = outputs[name]!;
        if (dims[0] !== frames) throw new Error(`tap ${name} gave ${dims[0]} rows for ${frames} frames`);
        return [name, (data as Float32Array).subarray(0, (data.length / frames) * count)];
      }),
    );
  }

  /**
   * Whether several frames in one run give each what it gives alone: of a model exported for one frame this is not certain.
   * Tried on noise, because frames of a movie may be alike.
   */
  async treatsFramesAlike(): Promise<boolean> {
    const bytes = frameBytes(this.options);
    const noise = makeNoise(2 * bytes);
    try {
      const together = await this.run(noise, 2);
      const alone = await this.run(noise.subarray(bytes), 1);
      return this.options.taps.every((name) => isLastRow(together[name]!, alone[name]!));
    } catch {
      return false;
    }
  }

  release(): Promise<void> {
    return this.session.release();
  }

  private async runSession(feeds: Parameters<EngineSession['run']>[0]): ReturnType<EngineSession['run']> {
    try {
      return await this.session.run(feeds);
    } catch (caught) {
      const found = caught instanceof Error ? caught.message : String(caught);
      // Nothing is wrong with the model, then: the compute process says what takes less.
      if (saidOutOfMemory(found) !== undefined) throw caught;
      const { file, width, height } = this.options;
      throw new UserError(
        {
          code: 'model-unsuitable',
          what: 'the CNN cannot be run on such frames',
          file,
          found: `frames of ${width}×${height}: ${found}`,
          remedy: 'import the movie at another size',
        },
        { cause: caught },
      );
    }
  }
}

function fillUp(pixels: Uint8Array, length: number): Uint8Array {
  const filled = new Uint8Array(length);
  filled.set(pixels);
  return filled;
}

/** Bytes of a linear congruential generator (Numerical Recipes' constants): the same every time. */
function makeNoise(length: number): Uint8Array {
  const noise = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise[i] = state >>> 24;
  }
  return noise;
}

/** Whether the second of two rows equals a row, but for rounding. */
function isLastRow(rows: Float32Array, row: Float32Array): boolean {
  const last = rows.subarray(rows.length - row.length);
  const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return row.every((value, i) => Math.abs(value - last[i]!) <= 1e-3 * largest || Object.is(value, last[i]));
}
