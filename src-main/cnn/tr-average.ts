/** Activations of consecutive TRs: float32 [TRs, filters] by tap. */
export interface TrRows {
  start: number;
  count: number;
  activations: Record<string, Float32Array>;
}

/**
 * The mean of activations over all frames of each TR, from batches of frames in order. (The mean of the activations, not the
 * activation by a mean picture: a blurred picture is none the movie shows.) A TR without a frame has the activation of the last
 * frame before its end, as a TR has that one frame by the paper's rule.
 */
export class TrAverage {
  private current: { tr: number; frames: number; sums: Record<string, Float64Array> } | undefined;
  private lastFrame: Record<string, Float32Array> | undefined;
  private next: number;

  /** @param start, end the TRs to give out: [start, end); `end` may be Infinity */
  constructor(
    start: number,
    private readonly end: number,
  ) {
    this.next = start;
  }

  /**
   * @param activations [frames, filters] by tap
   * @param trs the TR of each frame, not falling; frames before the first TR to give out stand for empty TRs only
   * @returns the TRs that are complete now
   */
  add(activations: Record<string, Float32Array>, trs: Int32Array): TrRows {
    const done = new RowList(this.next);
    trs.forEach((tr, frame) => {
      if (this.current && tr > this.current.tr) this.finishCurrent(done);
      const rows = Object.entries(activations).map(([tap, data]) => {
        const filters = data.length / trs.length;
        return [tap, data.subarray(frame * filters, (frame + 1) * filters)] as const;
      });
      if (tr >= this.next && tr < this.end) this.accumulate(tr, rows, done);
      if (tr < this.end) this.lastFrame = Object.fromEntries(rows);
    });
    return done.rows();
  }

  /**
   * What is left when the movie has ended.
   * @param end where only the movie's end tells: TRs from there on are dropped
   */
  finish(end = this.end): TrRows {
    const done = new RowList(this.next);
    if (this.current && this.current.tr < end) this.finishCurrent(done);
    this.repeatUntil(end, done);
    return done.rows();
  }

  private accumulate(tr: number, rows: readonly (readonly [string, Float32Array])[], done: RowList): void {
    if (!this.current) this.repeatUntil(tr, done);
    this.current ??= { tr, frames: 0, sums: Object.fromEntries(rows.map(([tap, row]) => [tap, new Float64Array(row.length)])) };
    for (const [tap, row] of rows) {
      const sums = this.current.sums[tap]!;
      for (let filter = 0; filter < row.length; filter++) sums[filter]! += row[filter]!;
    }
    this.current.frames++;
  }

  private finishCurrent(done: RowList): void {
    const { frames, sums } = this.current!;
    done.push(Object.fromEntries(Object.entries(sums).map(([tap, sum]) => [tap, Float32Array.from(sum, (one) => one / frames)])));
    this.current = undefined;
    this.next++;
  }

  private repeatUntil(tr: number, done: RowList): void {
    for (; this.next < tr; this.next++) {
      if (!this.lastFrame) throw new RangeError(`TR ${this.next} has no frame, and none is before it`);
      done.push(this.lastFrame);
    }
  }
}

/** Rows of TRs, one after another. */
class RowList {
  private readonly list: Record<string, Float32Array>[] = [];

  constructor(private readonly start: number) {}

  push(row: Record<string, Float32Array>): void {
    this.list.push(row);
  }

  rows(): TrRows {
    const [first = {}] = this.list;
    const activations = Object.keys(first).map((tap) => {
      const filters = first[tap]!.length;
      const data = new Float32Array(this.list.length * filters);
      this.list.forEach((row, i) => data.set(row[tap]!, i * filters));
      return [tap, data] as const;
    });
    return { start: this.start, count: this.list.length, activations: Object.fromEntries(activations) };
  }
}
