import { open, rm, type FileHandle } from 'node:fs/promises';
import { unfinishedPath } from '../files/unfinished';
import { trOfTime, type TrRule } from './frame-choice';

/**
 * Keeps the last frame of every TR on disk while a video is decoded, because the header of a frames file, which comes
 * first, is known only at the end. One frame is held in memory.
 */
export class FrameSpool {
  /** Slot in the file and timestamp of the frame kept for each TR that has one. */
  private readonly kept = new Map<number, { slot: number; timeSeconds: number }>();
  private pending: { tr: number; timeSeconds: number; pixels: Uint8Array } | undefined;

  private constructor(
    private readonly handle: FileHandle,
    private readonly path: string,
    private readonly frameBytes: number,
    private readonly rule: TrRule,
  ) {}

  /** A spool in a temporary file beside `output`. */
  static async create(output: string, frameBytes: number, rule: TrRule): Promise<FrameSpool> {
    const path = unfinishedPath(output);
    return new FrameSpool(await open(path, 'wx+'), path, frameBytes, rule);
  }

  /** Offers a frame; of the frames of one TR the one with the latest timestamp is kept. */
  async offer(timeSeconds: number, pixels: Uint8Array): Promise<void> {
    const tr = this.key(timeSeconds);
    if (this.pending && this.pending.tr !== tr) await this.finish();
    if (!this.pending || timeSeconds >= this.pending.timeSeconds) this.pending = { tr, timeSeconds, pixels };
  }

  /** Writes the frame still held in memory; call it after the last frame was offered. */
  async finish(): Promise<void> {
    if (!this.pending) return;
    const { tr, timeSeconds, pixels } = this.pending;
    this.pending = undefined;
    const earlier = this.kept.get(tr);
    if (earlier && earlier.timeSeconds > timeSeconds) return;
    const slot = earlier?.slot ?? this.kept.size;
    let written = 0;
    while (written < pixels.byteLength) {
      const position = slot * this.frameBytes + written;
      const { bytesWritten } = await this.handle.write(pixels, written, pixels.byteLength - written, position);
      if (bytesWritten === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', path: this.path });
      written += bytesWritten;
    }
    this.kept.set(tr, { slot, timeSeconds });
  }

  /** Whether the frame with this timestamp was kept for its TR; ask after `finish`. */
  holds(timeSeconds: number): boolean {
    return this.kept.get(this.key(timeSeconds))?.timeSeconds === timeSeconds;
  }

  /** The pixels of the frame kept for the TR of this timestamp. */
  async read(timeSeconds: number): Promise<Uint8Array> {
    const { slot } = this.kept.get(this.key(timeSeconds))!;
    const pixels = new Uint8Array(this.frameBytes);
    const { bytesRead } = await this.handle.read(pixels, 0, this.frameBytes, slot * this.frameBytes);
    if (bytesRead !== this.frameBytes) throw new Error(`read ${bytesRead} bytes of a spooled frame`);
    return pixels;
  }

  /** Forgets every frame. */
  clear(): void {
    this.kept.clear();
    this.pending = undefined;
  }

  /** Closes and deletes the temporary file. */
  async remove(): Promise<void> {
    await this.handle.close();
    await rm(this.path, { force: true });
  }

  /** All frames before TR 0 share one place: only the last of them can be wanted. */
  private key(timeSeconds: number): number {
    return Math.max(-1, trOfTime(timeSeconds, this.rule));
  }
}
