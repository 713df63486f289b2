import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import type { LayerMapBatch, LayerMaps } from '../../cnn/layer-maps';
import { readPictures } from './picture-feed';
import type { SavedState } from './saved-state';

export const BATCH = 8;

/** Everything a CNN says to every picture of a list, batch by batch, from a picture on. */
export async function lookAtAll(
  files: readonly string[],
  maps: LayerMaps,
  from: number,
  stage: string,
  context: WorkContext,
  onBatch: (batch: LayerMapBatch, pictures: readonly number[]) => Promise<void> | void,
): Promise<void> {
  const wanted = Array.from({ length: files.length - from }, (_, i) => from + i);
  for await (const { pictures, pixels } of readPictures(files, wanted, maps.size, BATCH)) {
    throwIfCancelled(context.signal);
    await onBatch(await maps.run(pixels, pictures.length), pictures);
    context.progress({ stage, done: pictures.at(-1)! + 1, total: files.length, unit: 'pictures' });
  }
}

/** A picture and how much it activates a filter. */
export interface TopPicture {
  picture: number;
  activation: number;
}

/** The pictures that activate each filter most, while their maps stream by; of equal activations the earlier one comes first. */
export class TopPictures {
  /** [filters × count], most activating first; −1 where there are none yet. */
  private readonly pictures: Int32Array;
  private readonly activations: Float32Array;

  constructor(
    readonly filters: number,
    private readonly count: number,
  ) {
    this.pictures = new Int32Array(filters * count).fill(-1);
    // What shows nothing of a filter is no picture of it.
    this.activations = new Float32Array(filters * count);
  }

  add({ filters, width, height, data }: LayerMapBatch, pictures: readonly number[]): void {
    const cells = width * height;
    for (let i = 0; i < pictures.length * filters; i++) {
      let largest = -Infinity;
      for (let at = i * cells; at < (i + 1) * cells; at++) if (data[at]! > largest) largest = data[at]!;
      this.insert(i % filters, pictures[Math.floor(i / filters)]!, largest);
    }
  }

  result(): TopPicture[][] {
    return Array.from({ length: this.filters }, (_, filter) =>
      Array.from({ length: this.count }, (_, rank) => filter * this.count + rank)
        .filter((at) => this.pictures[at]! >= 0)
        .map((at) => ({ picture: this.pictures[at]!, activation: this.activations[at]! })),
    );
  }

  save(): Record<string, Int32Array | Float32Array> {
    return { 'top.pictures': this.pictures, 'top.activations': this.activations };
  }

  restore(arrays: Record<string, Int32Array | Float32Array>): void {
    this.pictures.set(arrays['top.pictures']!);
    this.activations.set(arrays['top.activations']!);
  }

  private insert(filter: number, picture: number, activation: number): void {
    const first = filter * this.count;
    const last = first + this.count - 1;
    if (!(activation > this.activations[last]!)) return;
    let at = last;
    for (; at > first && activation > this.activations[at - 1]!; at--) {
      this.pictures[at] = this.pictures[at - 1]!;
      this.activations[at] = this.activations[at - 1]!;
    }
    this.pictures[at] = picture;
    this.activations[at] = activation;
  }
}

/** Saves at intervals, and when the work is stopped. */
export async function saving<Result>(
  state: SavedState,
  save: () => Promise<void>,
  work: (afterBatch: () => Promise<void>) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(async () => {
      if (state.isDue) await save();
    });
  } catch (caught) {
    await save().catch(() => undefined);
    throw caught;
  }
}
