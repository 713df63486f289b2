import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip, type ZlibOptions } from 'node:zlib';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';

/** Compressed bytes read at a time. */
const SOURCE_PIECE_BYTES = 1 << 20;
/** Inflated bytes at a time: large, so that one piece is inflated in the thread pool while another is being used. */
const PIECE_BYTES = 1 << 22;
const PIECES_AHEAD = 2;

/** A file of a NIfTI image on disk. */
export interface ImageFile {
  path: string;
  compressed: boolean;
  /** Bytes on disk. */
  size: number;
}

export interface PieceOptions {
  signal?: AbortSignal | undefined;
  onSourceBytes?: ((bytes: Uint8Array) => void) | undefined;
  pieceBytes?: number;
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
      code: 'file-kind',
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
 * The (decompressed) bytes of a file in pieces, in bounded memory; the file is closed when the caller stops. A piece may be used
 * until the next one is asked for.
 * @param options.onSourceBytes sees the bytes as they are on disk, for hashing
 * @param options.pieceBytes size of inflated pieces, for readers that want only the beginning
 * @throws UserError where the gzip stream is damaged or ends early
 */
export async function* readPieces(file: ImageFile, options: PieceOptions = {}): AsyncGenerator<Uint8Array> {
  const { signal, onSourceBytes = () => {}, pieceBytes = PIECE_BYTES } = options;
  const source = createReadStream(file.path, { highWaterMark: Math.min(SOURCE_PIECE_BYTES, pieceBytes) });
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
  // As objects, pieces come out one by one; as bytes, all that wait would be copied into one.
  const readable = { readableObjectMode: true, readableHighWaterMark: PIECES_AHEAD };
  const inflate = createGunzip({ chunkSize: pieceBytes, ...readable } as ZlibOptions);
  pipeline(observed(), inflate, () => {});
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      yield checked(piece, signal);
      release(piece);
    }
  } catch (caught) {
    throw describeInflateError(caught, file.path);
  } finally {
    source.destroy();
  }
}

/** Gives used memory back at once; left to the garbage collector, pieces pile up to many times what is in use. */
function release({ buffer, byteOffset, byteLength }: Buffer): void {
  // zlib fills a buffer in one piece or several: the one that ends it is the last. Small buffers are in a pool of Node's.
  const isLast = byteOffset + byteLength === buffer.byteLength;
  if (isLast && buffer.byteLength >= PIECE_BYTES) (buffer as ArrayBuffer).transfer(0);
}

function checked(piece: Uint8Array, signal: AbortSignal | undefined): Uint8Array {
  if (signal?.aborted) throw new CancelledError();
  return piece;
}

function describeInflateError(caught: unknown, path: string): unknown {
  if (!(caught instanceof Error && 'code' in caught && String(caught.code).startsWith('Z_'))) return caught;
  const found = caught.code === 'Z_BUF_ERROR' ? 'a file that ends too early (truncated)' : `damaged data (${caught.message})`;
  return new UserError({
    code: 'file-damaged',
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
  return new UserError({
    code: 'file-kind',
    what: 'this .gz file is not compressed with gzip',
    file: path,
    expected: 'gzip data',
    found,
    remedy,
  });
}
