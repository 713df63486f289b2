import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip, type ZlibOptions } from 'node:zlib';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';

/** Large pieces: fewer turns of the event loop, and inflating goes on in the thread pool while a piece is being used. */
const PIECE_BYTES = 1 << 20;
const PIECES_AHEAD = 4;

/** A file of a NIfTI image on disk. */
export interface ImageFile {
  path: string;
  compressed: boolean;
  /** Bytes on disk. */
  size: number;
}

/** The files of an image: the same one twice, or .hdr and .img. */
export interface ImageFiles {
  header: ImageFile;
  data: ImageFile;
}

/** Finds the file or the .hdr/.img pair that a path names. */
export async function locateImage(path: string): Promise<ImageFiles> {
  const pair = /^(.*)\.(hdr|img)(\.gz)?$/i.exec(path);
  if (!pair) {
    const file = await inspectFile(path);
    return { header: file, data: file };
  }
  const [, stem, , ending = ''] = pair;
  return { header: await inspectFile(`${stem}.hdr${ending}`), data: await inspectFile(`${stem}.img${ending}`) };
}

async function inspectFile(path: string): Promise<ImageFile> {
  const found = await stat(path);
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : 'a device or pipe';
    throw new UserError({
      what: 'cannot read this NIfTI file',
      file: path,
      expected: 'a file',
      found: kind,
      remedy: 'name a .nii or .nii.gz file',
    });
  }
  const start = Buffer.alloc(64);
  const handle = await open(path, 'r');
  const { bytesRead } = await handle.read(start, 0, start.length, 0).finally(() => handle.close());
  // By content, not by name: unpacked files keep the ending .gz and packed ones lose it.
  const compressed = bytesRead >= 2 && start[0] === 0x1f && start[1] === 0x8b;
  if (!compressed && /\.gz$/i.test(path)) throw notGzip(path, start.subarray(0, bytesRead));
  return { path, compressed, size: found.size };
}

/**
 * The (decompressed) bytes of a file in pieces, in bounded memory; the file is closed when the caller stops.
 * @param onSourceBytes sees the bytes as they are on disk, for hashing
 * @throws UserError where the gzip stream is damaged or ends early
 */
export async function* readPieces(
  file: ImageFile,
  options: { signal?: AbortSignal | undefined; onSourceBytes?: ((bytes: Uint8Array) => void) | undefined } = {},
): AsyncGenerator<Uint8Array> {
  const { signal, onSourceBytes = () => {} } = options;
  const source = createReadStream(file.path, { highWaterMark: PIECE_BYTES });
  async function* observed(): AsyncGenerator<Uint8Array> {
    for await (const piece of source as AsyncIterable<Buffer>) {
      onSourceBytes(piece);
      yield piece;
    }
  }
  if (!file.compressed) {
    for await (const piece of observed()) yield checked(piece, signal);
    return;
  }
  const inflate = createGunzip({ chunkSize: PIECE_BYTES, highWaterMark: PIECES_AHEAD * PIECE_BYTES } as ZlibOptions);
  pipeline(observed(), inflate, () => {});
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) yield checked(piece, signal);
  } catch (caught) {
    throw describeInflateError(caught, file.path);
  } finally {
    source.destroy();
  }
}

function checked(piece: Uint8Array, signal: AbortSignal | undefined): Uint8Array {
  if (signal?.aborted) throw new CancelledError();
  return piece;
}

function describeInflateError(caught: unknown, path: string): unknown {
  if (!(caught instanceof Error && 'code' in caught && String(caught.code).startsWith('Z_'))) return caught;
  const found = caught.code === 'Z_BUF_ERROR' ? 'a file that ends too early (truncated)' : `damaged data (${caught.message})`;
  return new UserError({
    what: 'cannot decompress this file',
    file: path,
    expected: 'a whole gzip stream',
    found,
    remedy: 'copy or download it again',
  });
}

function notGzip(path: string, start: Uint8Array): UserError {
  const isText = start.length > 0 && start.every((byte) => byte >= 9 && byte < 127);
  const isNifti = start.length >= 4 && [348, 540].includes(new DataView(start.buffer, start.byteOffset).getInt32(0, true));
  const found = start.length === 0 ? 'an empty file' : isText ? 'text' : isNifti ? 'an uncompressed NIfTI file' : 'other data';
  const remedy = isNifti ? 'rename it to end in .nii' : 'copy or download it again';
  return new UserError({ what: 'this .gz file is not compressed with gzip', file: path, expected: 'gzip data', found, remedy });
}
