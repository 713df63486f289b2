/** The frames of a movie run in order, at one size; pixels are RGB uint8, row-major [frame, y, x, 3]. */
export interface FrameSource {
  readonly count: number;
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /**
   * Reads `count` frames from frame `start` on.
   * @param into an array of at least count × height × width × 3 bytes to write to; a new one is made where it is left out
   * @returns a view of exactly count × height × width × 3 bytes
   * @throws RangeError when the frames asked for are not all there
   */
  read(start: number, count: number, into?: Uint8Array): Promise<Uint8Array>;
  /** Frees what the source holds; it cannot be read afterwards. */
  close(): Promise<void>;
}

/** Frames that come one after another, as from a decoder; pixels are RGB uint8, row-major [frame, y, x, 3]. */
export interface FrameStream {
  readonly width: number;
  readonly height: number;
  /** Frames that will come, as far as is known; 0 where it is not. */
  readonly expected: number;
  /** The next frames, at most so many; fewer at the end, none after it. The pixels are their own. */
  next(most: number): Promise<StreamedFrames>;
}

export interface StreamedFrames {
  count: number;
  /** Exactly count × height × width × 3 bytes. */
  pixels: Uint8Array;
  /** The TR that each frame is of, where several may share one. */
  trs?: Int32Array;
}

/** Frames start … end − 1 of a source, one after another. */
export function streamFrames(source: FrameSource, start = 0, end = source.count): FrameStream {
  const { width, height } = source;
  let position = start;
  return {
    ...{ width, height, expected: Math.max(0, end - start) },
    async next(most) {
      const count = Math.max(0, Math.min(most, end - position));
      const from = position;
      position += count;
      return { count, pixels: count === 0 ? new Uint8Array() : await source.read(from, count) };
    },
  };
}

/** Bytes of one RGB frame. */
export function frameBytes(size: { width: number; height: number }): number {
  return size.width * size.height * 3;
}

/** Throws RangeError unless frames start … start + count − 1 exist. */
export function checkFrameRange(source: Pick<FrameSource, 'count'>, start: number, count: number): void {
  if (!Number.isInteger(start) || !Number.isInteger(count) || start < 0 || count < 0 || start + count > source.count) {
    throw new RangeError(`frames ${start} to ${start + count - 1} asked for, ${source.count} there`);
  }
}

/**
 * A source over frames that are in memory already.
 * @param pixels RGB uint8 [frame, y, x, 3]; not copied
 */
export function framesInMemory(pixels: Uint8Array, size: { width: number; height: number }): FrameSource {
  const bytes = frameBytes(size);
  if (pixels.byteLength % bytes !== 0)
    throw new RangeError(`${pixels.byteLength} bytes are no whole number of ${bytes}-byte frames`);
  const count = pixels.byteLength / bytes;
  return {
    count,
    width: size.width,
    height: size.height,
    read(start, frames, into) {
      checkFrameRange({ count }, start, frames);
      const view = pixels.subarray(start * bytes, (start + frames) * bytes);
      if (!into) return Promise.resolve(view);
      into.set(view);
      return Promise.resolve(into.subarray(0, view.byteLength));
    },
    close: () => Promise.resolve(),
  };
}
