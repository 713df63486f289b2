/** One of the frames that activate a filter most. */
export interface TopFrame {
  frame: number;
  activation: number;
}

/**
 * Keeps the frames that activate each filter most, while activations stream by, without keeping the activations. Frames
 * closer than a minimum distance in time show the same scene: of those only the most activating one counts. The result is
 * that of taking frames from the most activating down and skipping those too close to one taken; of equal activations the
 * earlier frame comes first.
 */
export class TopFrames {
  /** A frame taken rules out at most 2·(distance − 1) others, so the best this many frames hold the result whatever comes. */
  private readonly capacity: number;
  private readonly kept: { frames: Int32Array; activations: Float32Array; count: number }[];

  /**
   * @param options.count frames wanted per filter
   * @param options.minimumDistance in TRs: 1 allows neighbours
   */
  constructor(
    filters: number,
    private readonly options: { count: number; minimumDistance: number } = { count: 10, minimumDistance: 3 },
  ) {
    const { count, minimumDistance } = options;
    this.capacity = (count - 1) * (2 * Math.max(1, minimumDistance) - 1) + 1;
    this.kept = Array.from({ length: filters }, () => ({
      frames: new Int32Array(this.capacity),
      activations: new Float32Array(this.capacity),
      count: 0,
    }));
  }

  /**
   * Takes a batch; batches may come in any order, a frame once.
   * @param activations [frames, filters], row-major; NaN is passed over
   */
  add(startFrame: number, activations: Float32Array): void {
    const filters = this.kept.length;
    for (let offset = 0; offset < activations.length; offset++) {
      const activation = activations[offset]!;
      if (!Number.isNaN(activation)) this.insert(offset % filters, startFrame + Math.floor(offset / filters), activation);
    }
  }

  /** The frames of each filter, most activating first; fewer than wanted where the run is too short. */
  result(): TopFrame[][] {
    return this.kept.map(({ frames, activations, count }) => {
      const taken: TopFrame[] = [];
      for (let i = 0; i < count && taken.length < this.options.count; i++) {
        const frame = frames[i]!;
        if (taken.every((other) => Math.abs(other.frame - frame) >= this.options.minimumDistance)) {
          taken.push({ frame, activation: activations[i]! });
        }
      }
      return taken;
    });
  }

  /** Keeps each filter's list sorted: activation falling, then frame rising. */
  private insert(filter: number, frame: number, activation: number): void {
    const list = this.kept[filter]!;
    const { frames, activations } = list;
    const goesBefore = (i: number) => activation > activations[i]! || (activation === activations[i]! && frame < frames[i]!);
    if (list.count === this.capacity && !goesBefore(list.count - 1)) return;
    let place = Math.min(list.count, this.capacity - 1);
    while (place > 0 && goesBefore(place - 1)) {
      frames[place] = frames[place - 1]!;
      activations[place] = activations[place - 1]!;
      place--;
    }
    frames[place] = frame;
    activations[place] = activation;
    list.count = Math.min(list.count + 1, this.capacity);
  }
}
