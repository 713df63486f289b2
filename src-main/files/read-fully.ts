import type { FileHandle } from 'node:fs/promises';

/** One read is kept below the 2 GiB that the operating system reads at once. */
const LARGEST_READ = 1 << 30;

/**
 * Fills memory from a place of a file, in as many reads as it takes.
 * @param tooShort the error where the file ends before; it is given how many bytes the file would need and how many it has
 */
export async function readFully(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
  tooShort: (needed: number, found: number) => Error,
): Promise<void> {
  let done = 0;
  while (done < into.byteLength) {
    const { bytesRead } = await handle.read(into, done, Math.min(into.byteLength - done, LARGEST_READ), position + done);
    if (bytesRead === 0) throw tooShort(position + into.byteLength, position + done);
    done += bytesRead;
  }
}
