import { open, rm, type FileHandle } from 'node:fs/promises';
import { FileSink } from '../files/atomic-write';
import { unfinishedPath } from '../files/unfinished';

/** Rows are written and read in blocks of about this size. */
const BLOCK_BYTES = 4 << 20;

/**
 * A float32 matrix on disk that is written row by row and then read once, beside the file that it is for. It is unlinked as
 * soon as it is open (where the system allows), so that not even a killed process leaves it behind.
 */
export class ScratchMatrix {
  private readonly block: Float32Array;
  private filled = 0;
  private readonly sink: FileSink;

  private constructor(
    private readonly handle: FileHandle,
    private readonly temporary: string,
    private readonly target: string,
    private readonly columns: number,
  ) {
    this.block = new Float32Array(columns * Math.max(1, Math.floor(BLOCK_BYTES / (4 * columns))));
    this.sink = new FileSink(handle, target);
  }

  static async create(target: string, columns: number): Promise<ScratchMatrix> {
    const temporary = unfinishedPath(target);
    const handle = await open(temporary, 'wx+').catch((caught: unknown) => Promise.reject(nameTarget(caught, target)));
    if (process.platform !== 'win32') await rm(temporary, { force: true });
    return new ScratchMatrix(handle, temporary, target, columns);
  }

  /** Memory for the next row; fill it, then call `commitRow`. */
  nextRow(): Float32Array {
    return this.block.subarray(this.filled, this.filled + this.columns);
  }

  /** Counts the row as written. */
  async commitRow(): Promise<void> {
    this.filled += this.columns;
    if (this.filled === this.block.length) await this.flush();
  }

  /** All rows in order, in blocks of whole rows; the memory yielded is used again for the next block. */
  async *readBlocks(): AsyncGenerator<Float32Array> {
    await this.flush();
    for (let position = 0; position < this.sink.length;) {
      const bytes = new Uint8Array(this.block.buffer, 0, Math.min(this.block.byteLength, this.sink.length - position));
      for (let read = 0; read < bytes.length;) {
        const { bytesRead } = await this.handle.read(bytes, read, bytes.length - read, position + read);
        if (bytesRead === 0) throw new Error(`the scratch file of ${this.target} was cut`);
        read += bytesRead;
      }
      position += bytes.length;
      yield this.block.subarray(0, bytes.length / 4);
    }
  }

  /** Closes and removes the file. */
  async dispose(): Promise<void> {
    await this.handle.close();
    await rm(this.temporary, { force: true });
  }

  private async flush(): Promise<void> {
    try {
      await this.sink.write(new Uint8Array(this.block.buffer, 0, this.filled * 4));
    } catch (caught) {
      throw nameTarget(caught, this.target);
    }
    this.filled = 0;
  }
}

/** The user knows the file being made, not the scratch file. */
function nameTarget(caught: unknown, path: string): unknown {
  return caught instanceof Error ? Object.assign(caught, { path }) : caught;
}
