import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeAbandoned, unfinishedPath, UNFINISHED_SUFFIX } from './unfinished';

/**
 * Writes a file so that its name holds either the old content or all of the new: temporary file beside it, every byte
 * written (short writes are continued), fsync, rename, fsync of the folder. On any error the temporary file is removed; one that a killed
 * process left is removed by the next that writes the same file.
 * Our own because write-file-atomic 8 accepts short writes and then replaces a good file by a truncated one.
 * @param write receives a sink; what it has written when it resolves is the file
 */
export async function writeFileAtomically(path: string, write: (sink: FileSink) => Promise<void>): Promise<void> {
  await removeAbandoned(path);
  const temporary = unfinishedPath(path);
  const handle = await open(temporary, 'wx');
  try {
    try {
      await write(new FileSink(handle, temporary));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (caught) {
    await rm(temporary, { force: true });
    throw nameTarget(caught, path);
  }
  await syncFolder(dirname(path));
}

/** The simple case of writeFileAtomically: the whole content at once. */
export async function writeContentAtomically(path: string, content: Uint8Array | string): Promise<void> {
  await writeFileAtomically(path, (sink) => sink.write(typeof content === 'string' ? Buffer.from(content) : content));
}

/** Sequential and positional writing that never stops short. */
export class FileSink {
  private position = 0;

  constructor(
    private readonly handle: FileHandle,
    readonly path: string,
  ) {}

  /** Appends all bytes after what was written before. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.writeAt(bytes, this.position);
    this.position += bytes.byteLength;
  }

  /** Writes all bytes at an absolute position; does not move the place where `write` appends. */
  async writeAt(bytes: Uint8Array, position: number): Promise<void> {
    let written = 0;
    while (written < bytes.byteLength) {
      const { bytesWritten } = await this.handle.write(bytes, written, bytes.byteLength - written, position + written);
      if (bytesWritten === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC', path: this.path });
      written += bytesWritten;
    }
  }

  /** Bytes appended so far. */
  get length(): number {
    return this.position;
  }
}

/** System errors name the temporary file or none at all; the user knows only the target. */
function nameTarget(caught: unknown, path: string): unknown {
  if (caught instanceof Error && 'code' in caught && (!('path' in caught) || String(caught.path).endsWith(UNFINISHED_SUFFIX))) {
    return Object.assign(caught, { path });
  }
  return caught;
}

/** Makes a rename durable. Windows cannot open folders; there the rename is durable with the file. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
