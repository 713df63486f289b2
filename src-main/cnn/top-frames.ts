/** One of the frames that activate a filter most. */
export interface TopFrame {
  frame: number;
  activation: number;
}

/**
 * The frames that activate a filter most. Frames closer than a minimum distance in time show the same scene: of those only the
 * most activating one counts. The result is that of taking frames from the most activating down and skipping those too close to
 * one taken; of equal activations the earlier frame comes first. NaN is passed over.
 * @param series the filter's activation [time]
 * @param options.minimumDistance in TRs: 1 allows neighbours
 * @returns most activating first; fewer than wanted where the run is too short
 */
export function findTopFrames(series: Float32Array, { count, minimumDistance }: TopFramesOptions): TopFrame[] {
  const best = new BestFrames((count - 1) * (2 * Math.max(1, minimumDistance) - 1) + 1);
  for (let frame = 0; frame < series.length; frame++) {
    const activation = series[frame]!;
    if (!Number.isNaN(activation)) best.offer(frame, activation);
  }
  const taken: TopFrame[] = [];
  for (let i = 0; i < best.count && taken.length < count; i++) {
    const frame = best.frames[i]!;
    if (taken.every((other) => Math.abs(other.frame - frame) >= minimumDistance)) {
      taken.push({ frame, activation: best.activations[i]! });
    }
  }
  return taken;
}

export interface TopFramesOptions {
  count: number;
  minimumDistance: number;
}

/**
 * The best few frames in order, activation falling, then frame rising. A frame taken rules out at most 2·(distance − 1) others, so
 * the best (count − 1)·(2·distance − 1) + 1 hold the result whatever comes: no run is sorted whole.
 */
class BestFrames {
  readonly frames: Int32Array;
  readonly activations: Float32Array;
  count = 0;

  constructor(private readonly capacity: number) {
    this.frames = new Int32Array(capacity);
    this.activations = new Float32Array(capacity);
  }

  /** Frames are offered in order, so that among equals the earlier stays before. */
  offer(frame: number, activation: number): void {
    const { frames, activations, capacity } = this;
    if (this.count === capacity && !(activation > activations[capacity - 1]!)) return;
    let place = Math.min(this.count, capacity - 1);
    while (place > 0 && activation > activations[place - 1]!) {
      frames[place] = frames[place - 1]!;
      activations[place] = activations[place - 1]!;
      place--;
    }
    frames[place] = frame;
    activations[place] = activation;
    this.count = Math.min(this.count + 1, capacity);
  }
}
