import sharp from 'sharp';
import { frameBytes, type FrameStream, type StreamedFrames } from '../../src-preload/shared/domain/frames';

/** Frames for one run of a CNN, at the size fed; `startFrame` counts from the first that was fed. */
export interface FrameBatch extends StreamedFrames {
  startFrame: number;
}

/**
 * Feeds a CNN frame by frame in order, two batches ahead: while the CNN runs, which blocks the JavaScript thread, the
 * next batch is resized and the one after is read by threads of their own. Frames are resized only where the CNN takes one
 * size (bicubic with anti-aliasing, stretched; by sharp, so that it is the same for every opset and device).
 */
export class FrameFeed {
  private position = 0;
  private raw: Promise<FrameBatch>;
  private sized: Promise<FrameBatch>;

  /** @param batchSize frames of the next batch to be read; it may change on the way */
  constructor(
    private readonly stream: FrameStream,
    private readonly size: { width: number; height: number },
    private readonly batchSize: () => number,
  ) {
    this.raw = this.readNext(Promise.resolve());
    this.sized = this.resizeNext(this.raw);
    this.raw = this.readNext(this.raw);
  }

  /** The next batch; of no frames after the last. The last may be smaller. */
  next(): Promise<FrameBatch> {
    const current = this.sized;
    this.sized = this.resizeNext(this.raw);
    this.raw = this.readNext(this.raw);
    return current;
  }

  /** Reads are issued at once, before the CNN runs; a stream gives them out in order. */
  private readNext(before: Promise<unknown>): Promise<FrameBatch> {
    const reading = this.stream.next(this.batchSize());
    return quiet(
      Promise.all([reading, before]).then(([frames]) => {
        const startFrame = this.position;
        this.position += frames.count;
        return { startFrame, ...frames };
      }),
    );
  }

  private resizeNext(raw: Promise<FrameBatch>): Promise<FrameBatch> {
    const { width, height } = this.size;
    if (width === this.stream.width && height === this.stream.height) return raw;
    return quiet(raw.then((batch) => resizeBatch(batch, this.stream, this.size)));
  }
}

async function resizeBatch(
  { pixels, ...batch }: FrameBatch,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Promise<FrameBatch> {
  const fromBytes = frameBytes(from);
  const resized = await Promise.all(
    Array.from({ length: batch.count }, (_, i) => resizeFrame(pixels.subarray(i * fromBytes, (i + 1) * fromBytes), from, to)),
  );
  const result = new Uint8Array(batch.count * frameBytes(to));
  resized.forEach((frame, i) => result.set(frame, i * frameBytes(to)));
  return { ...batch, pixels: result };
}

/** One frame, RGB uint8 [y, x, 3], at another size. */
export function resizeFrame(
  pixels: Uint8Array,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width: from.width, height: from.height, channels: 3 } })
    .resize(to.width, to.height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}

/** Read ahead may fail after the extraction has stopped for another reason; whoever awaits it still gets the error. */
function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
