import { join } from 'node:path';
import type { SampleSource } from '../embedding/samples';
import { openRunFile, type RunFile } from '../files/run-file';

/** Share of the machine's free memory that samples may be kept in from epoch to epoch. */
const KEPT_SHARE_OF_FREE_MEMORY = 0.5;

/** Memory for runs that are used again and again. */
export function keepBytes(): number {
  return Math.floor(process.availableMemory() * KEPT_SHARE_OF_FREE_MEMORY);
}

/** The run files of a task, open all the time: a read issued at once overlaps with the computation of another sample. */
export class RunFiles {
  private readonly files: RunFile[] = [];

  /** @param widen hand float16 out as float32: not every GPU knows float16 */
  constructor(
    private readonly project: string,
    private readonly widen: boolean,
  ) {}

  async open(runs: readonly { name: string; file: string }[]): Promise<SampleSource[]> {
    const samples: SampleSource[] = [];
    for (const { name, file } of runs) {
      const run = await openRunFile(join(this.project, file));
      this.files.push(run);
      const { time, voxels, sumOfSquares } = run.header;
      samples.push(
        this.widen
          ? {
              name,
              time,
              voxels,
              sumOfSquares,
              dataType: 'float32',
              load: async (into, firstRow = 0) => into.set(await run.readFloat32(firstRow, into.length / voxels)),
            }
          : {
              name,
              time,
              voxels,
              sumOfSquares,
              dataType: run.header.dataType,
              load: async (into, firstRow = 0) => void (await run.readRaw(into, firstRow, into.length / voxels)),
            },
      );
    }
    return samples;
  }

  /** Voxels that are invalid in any file opened so far, ascending. */
  invalidVoxels(): Uint32Array {
    return Uint32Array.from(new Set(this.files.flatMap((file) => file.header.invalidVoxels))).sort();
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }
}
