import sharp from 'sharp';
import { frameBytes, type FrameSource } from '../../src-preload/shared/domain/frames';

/** Frames for one run of a CNN. */
export interface FrameBatch {
  startFrame: number;
  count: number;
  /** RGB uint8 [frame, y, x, 3] at the size fed. */
  pixels: Uint8Array;
}

/**
 * Feeds a CNN frame by frame source order, two batches ahead: while the CNN runs, which blocks the JavaScript thread, the
 * next batch is resized and the one after is read by threads of their own. Frames are resized only where the CNN takes one
 * size (bicubic with anti-aliasing, stretched; by sharp, so that it is the same for every opset and device).
 */
export class FrameFeed {
  private position: number;
  private raw: Promise<FrameBatch | null>;
  private sized: Promise<FrameBatch | null>;

  constructor(
    private readonly source: FrameSource,
    private readonly size: { width: number; height: number },
    private readonly batchSize: number,
    startFrame = 0,
  ) {
    this.position = startFrame;
    this.sized = this.resizeNext(this.readNext());
    this.raw = this.readNext();
  }

  /** The next batch; null after the last. The last may be smaller. */
  next(): Promise<FrameBatch | null> {
    const current = this.sized;
    this.sized = this.resizeNext(this.raw);
    this.raw = this.readNext();
    return current;
  }

  private readNext(): Promise<FrameBatch | null> {
    const startFrame = this.position;
    const count = Math.min(this.batchSize, this.source.count - startFrame);
    if (count <= 0) return Promise.resolve(null);
    this.position += count;
    return quiet(this.source.read(startFrame, count).then((pixels) => ({ startFrame, count, pixels })));
  }

  private resizeNext(raw: Promise<FrameBatch | null>): Promise<FrameBatch | null> {
    const { width, height } = this.size;
    if (width === this.source.width && height === this.source.height) return raw;
    return quiet(raw.then((batch) => batch && resizeBatch(batch, this.source, this.size)));
  }
}

async function resizeBatch(
  { startFrame, count, pixels }: FrameBatch,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Promise<FrameBatch> {
  const fromBytes = frameBytes(from);
  const raw = { width: from.width, height: from.height, channels: 3 } as const;
  const resized = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      sharp(pixels.subarray(i * fromBytes, (i + 1) * fromBytes), { raw })
        .resize(to.width, to.height, { fit: 'fill', kernel: 'cubic' })
        .raw()
        .toBuffer(),
    ),
  );
  const result = new Uint8Array(count * frameBytes(to));
  resized.forEach((frame, i) => result.set(frame, i * frameBytes(to)));
  return { startFrame, count, pixels: result };
}

/** Read ahead may fail after the extraction has stopped for another reason; whoever awaits it still gets the error. */
function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
