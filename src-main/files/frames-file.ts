import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../../src-preload/shared/domain/errors';
import { checkFrameRange, frameBytes, type FrameSource } from '../../src-preload/shared/domain/frames';
import { writeFileAtomically } from './atomic-write';
import { readFully } from './read-fully';

/*
 * The chosen frames of a movie run, one per TR:
 *   bytes 0–7   "SYNCFRM1"
 *   bytes 8–11  length of the JSON header in bytes, uint32 little-endian
 *   then        the JSON header, zero bytes up to a multiple of 64, and the pixels, RGB uint8 [frame, y, x, 3]
 */
const MAGIC = 'SYNCFRM1';
const PREAMBLE_BYTES = 12;
const ALIGNMENT = 64;
/** A run of 100,000 TRs has a header of about 2 MB; anything larger than this is no header of ours. */
const MAX_HEADER_BYTES = 1 << 26;

const headerSchema = z.object({
  version: z.literal(1),
  count: z.int().positive(),
  width: z.int().positive(),
  height: z.int().positive(),
  /** Seconds between volumes; frame i shows the end of TR i. */
  trSeconds: z.number().positive(),
  /** Movie time at which TR 0 starts, in seconds. */
  offsetSeconds: z.number(),
  /** Timestamp of each chosen frame, in seconds from the first frame of the video. */
  times: z.array(z.number()),
  /** SHA-256 of the video, or of the folder's names and contents. */
  sourceHash: z.string(),
  /** How frames were chosen: "last-frame-of-tr" or "one-image-per-tr". */
  rule: z.string(),
});

/** What a frames file says of itself. */
export type FramesHeader = z.infer<typeof headerSchema>;

/** A frames file opened for reading. */
export interface FramesFile extends FrameSource {
  readonly header: FramesHeader;
}

/**
 * Writes a frames file; the name holds either the old content or all of the new.
 * @param frames exactly header.count arrays of width × height × 3 bytes, in order; one is held at a time
 */
export async function writeFramesFile(
  path: string,
  header: Omit<FramesHeader, 'version' | 'count'>,
  frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const complete: FramesHeader = { version: 1, count: header.times.length, ...header };
  const json = Buffer.from(JSON.stringify(complete));
  const start = Buffer.alloc(alignedStart(json.byteLength));
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(json.byteLength, MAGIC.length);
  json.copy(start, PREAMBLE_BYTES);
  await writeFileAtomically(path, async (sink) => {
    await sink.write(start);
    let written = 0;
    for await (const frame of frames) {
      if (frame.byteLength !== frameBytes(complete)) throw new RangeError(`frame ${written} has ${frame.byteLength} bytes`);
      await sink.write(frame);
      written++;
    }
    if (written !== complete.count) throw new RangeError(`${written} frames given, ${complete.count} announced`);
  });
}

/**
 * Opens a frames file. One read of consecutive frames is one read of the file.
 * @throws UserError when it is not a frames file, was damaged, or is of a newer version
 */
export async function openFramesFile(path: string): Promise<FramesFile> {
  const handle = await open(path, 'r');
  try {
    const { header, dataStart } = await readHeader(handle, path);
    return { header, ...framesInFile(handle, path, header, dataStart) };
  } catch (caught) {
    await handle.close();
    throw caught;
  }
}

/** Whether a file starts like a frames file. */
export async function isFramesFile(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const start = Buffer.alloc(MAGIC.length);
    await handle.read(start, 0, MAGIC.length, 0);
    return start.toString('latin1') === MAGIC;
  } finally {
    await handle.close();
  }
}

async function readHeader(handle: FileHandle, path: string): Promise<{ header: FramesHeader; dataStart: number }> {
  const information = await handle.stat();
  if (!information.isFile()) throw notFrames(path, 'a folder or device');
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  const { bytesRead } = await handle.read(preamble, 0, PREAMBLE_BYTES, 0);
  if (bytesRead < PREAMBLE_BYTES || preamble.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw notFrames(path, bytesRead === 0 ? 'an empty file' : 'other content');
  }
  const headerBytes = preamble.readUInt32LE(MAGIC.length);
  if (headerBytes > MAX_HEADER_BYTES || PREAMBLE_BYTES + headerBytes > information.size) {
    throw damaged(path, `a header of ${headerBytes} bytes in a file of ${information.size} bytes`);
  }
  const header = parseHeader(await readExactly(handle, path, PREAMBLE_BYTES, Buffer.alloc(headerBytes)), path);
  const dataStart = alignedStart(headerBytes);
  const size = dataStart + header.count * frameBytes(header);
  if (information.size !== size) throw damaged(path, `${information.size} bytes`, `${size} bytes (${header.count} frames)`);
  return { header, dataStart };
}

function parseHeader(bytes: Uint8Array, path: string): FramesHeader {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw damaged(path, 'a header that is not JSON');
  }
  const parsed = headerSchema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw damaged(path, `a header whose ${issue?.path.join('.') || 'content'} is wrong (${issue?.message ?? 'unknown reason'})`);
  }
  if (parsed.data.times.length !== parsed.data.count) {
    throw damaged(path, `${parsed.data.times.length} timestamps`, `${parsed.data.count}`);
  }
  return parsed.data;
}

/**
 * A source over raw frames in an open file.
 * @param dataStart position of the first frame in the file, in bytes
 * @param path for error messages; `close` closes the file
 */
export function framesInFile(
  handle: FileHandle,
  path: string,
  series: { count: number; width: number; height: number },
  dataStart: number,
): FrameSource {
  const bytes = frameBytes(series);
  return {
    count: series.count,
    width: series.width,
    height: series.height,
    async read(start, count, into = new Uint8Array(count * bytes)) {
      checkFrameRange(series, start, count);
      return readExactly(handle, path, dataStart + start * bytes, into.subarray(0, count * bytes));
    },
    close: () => handle.close(),
  };
}

/** `into`, filled. */
async function readExactly<Bytes extends Uint8Array>(
  handle: FileHandle,
  path: string,
  position: number,
  into: Bytes,
): Promise<Bytes> {
  await readFully(handle, into, position, () => damaged(path, 'an end of file in the middle of a frame'));
  return into;
}

function alignedStart(headerBytes: number): number {
  return Math.ceil((PREAMBLE_BYTES + headerBytes) / ALIGNMENT) * ALIGNMENT;
}

function notFrames(path: string, found: string): UserError {
  return new UserError({
    code: 'file-kind',
    what: 'this is not a frames file',
    file: path,
    expected: `a file that starts with ${MAGIC}`,
    found,
  });
}

function damaged(path: string, found: string, expected?: string): UserError {
  return new UserError({
    code: 'file-damaged',
    what: 'the frames file is damaged',
    file: path,
    ...(expected !== undefined && { expected }),
    found,
    remedy: 'import the movie again',
  });
}
