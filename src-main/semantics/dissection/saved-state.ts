import { existsSync, rmSync } from 'node:fs';
import { openSafetensors, writeSafetensors, type SafetensorsTensor } from '../../files/safetensors';

type StateArray = Float32Array | Float64Array | Int32Array;
const types = { Float32Array: 'F32', Float64Array: 'F64', Int32Array: 'I32' } as const;
const makers = { F32: Float32Array, F64: Float64Array, I32: Int32Array } as const;

/** How far long work over pictures has come, kept in a file from which it goes on. */
export class SavedState {
  private savedAt = performance.now();

  /** @param key of what is being done: a state of anything else is not gone on from */
  constructor(
    private readonly path: string,
    private readonly key: string,
    private readonly intervalMilliseconds = 30_000,
  ) {}

  /** Whether it is time to save again. */
  get isDue(): boolean {
    return performance.now() - this.savedAt >= this.intervalMilliseconds;
  }

  async save(stage: string, next: number, arrays: Readonly<Record<string, StateArray>>): Promise<void> {
    const tensors = Object.entries(arrays).map(([name, data]): SafetensorsTensor => {
      const dtype = types[data.constructor.name as keyof typeof types];
      return { name, dtype, shape: [data.length], data };
    });
    await writeSafetensors(this.path, tensors, { key: this.key, stage, next: String(next) });
    this.savedAt = performance.now();
  }

  /** What was saved; undefined where nothing was, or of other work. */
  async load(): Promise<{ stage: string; next: number; arrays: Record<string, never> } | undefined> {
    if (!existsSync(this.path)) return undefined;
    const file = await openSafetensors(this.path).catch(() => undefined);
    if (!file) return undefined;
    try {
      if (file.metadata.get('key') !== this.key) return undefined;
      const arrays: Record<string, StateArray> = {};
      for (const [name, { dtype }] of file.tensors) arrays[name] = new makers[dtype as 'F32'](await file.readBytes(name));
      const next = Number(file.metadata.get('next'));
      return { stage: file.metadata.get('stage') ?? '', next, arrays: arrays as Record<string, never> };
    } finally {
      await file.close();
    }
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
