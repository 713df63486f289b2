import type { Layer } from './find-layers';

const MAX_BATCH = 8;
const MAX_DEVICE_BATCH = 16;
const DEVICE_MEMORY_BYTES = 256 * 2 ** 20;
/** Feature maps alive at one time in a run, beside the largest: its input, a branch, and the engine's own copy. */
const MAPS_ALIVE = 4;

/** What runs may take beyond what the loaded CNN does: 1 GiB, less where the machine has less to give. */
export function memoryBudget(available = process.availableMemory()): number {
  return Math.min(2 ** 30, 0.4 * available);
}

/**
 * Frames in one run, by measured memory: it begins with one and doubles as long as a run of twice as many would keep within the
 * budget, judged by what the runs so far have added to the process; at most 8. More does not make a run faster (ResNet-18 at
 * 256 × 180 on two cores, per frame: 55 ms alone, 34 in fours, 32 in eights and beyond).
 */
export class GrowingBatchSize {
  private frames = 1;
  private isSettled = false;

  /**
   * @param baseBytes memory of the process before the first run
   * @param budgetBytes what runs may add to it
   */
  constructor(
    private readonly baseBytes: number,
    private readonly budgetBytes: number,
  ) {}

  get size(): number {
    return this.frames;
  }

  /** Says what memory the process has after a run of so many frames. */
  measured(frames: number, bytes: number): void {
    // Batches read ahead are smaller: only a run of the present size tells something new.
    if (this.isSettled || frames < this.frames) return;
    const twice = 2 * Math.max(0, bytes - this.baseBytes);
    if (this.frames * 2 > MAX_BATCH || twice > this.budgetBytes) this.isSettled = true;
    else this.frames *= 2;
  }
}

/**
 * Where the memory is not this process's (a GPU's): as many frames as keep four of the model's largest feature map, at the size of
 * these frames, within 256 MiB; 1 to 16.
 */
export function estimateBatchSize(layers: readonly Layer[], { width, height }: { width: number; height: number }): number {
  const largest = Math.max(
    width * height * 3,
    ...layers.map(({ filters, stride }) => (filters ?? 1) * Math.ceil(width / stride) * Math.ceil(height / stride)),
  );
  return Math.min(MAX_DEVICE_BATCH, Math.max(1, Math.floor(DEVICE_MEMORY_BYTES / (MAPS_ALIVE * 4 * largest))));
}
