import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { Grid } from '../../src-preload/shared/domain/grid';
import { UserError } from '../../src-preload/shared/domain/errors';
import { writeFileAtomically } from './atomic-write';
import { readFully } from './read-fully';

/*
 * A run on disk: S of one run of one subject, brain-masked and z-scored per voxel.
 *   bytes 0–7     magic "SYNCRUN1"
 *   bytes 8–11    length of the header, uint32 little-endian
 *   bytes 12–     header, JSON in UTF-8 (may end in spaces), then zeros up to a multiple of 64 bytes
 *   then          [time × voxels], row-major, little-endian float16 or float32, to the end of the file
 */
const MAGIC = 'SYNCRUN1';
const PREAMBLE_BYTES = 12;
const ALIGNMENT = 64;

const count = z.int().positive();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const headerSchema = z
  .object({
    version: z.literal(1),
    time: count,
    voxels: count,
    dataType: z.enum(['float16', 'float32']),
    trSeconds: z.number().positive(),
    grid: z.object({ shape: z.tuple([count, count, count]), affine: z.array(z.number()).length(16) }),
    maskHash: sha256,
    sourceHash: sha256,
    sumOfSquares: z.number().nonnegative(),
    invalidVoxels: z.array(z.int().nonnegative()),
    parameters: z.record(z.string(), z.unknown()),
  })
  .refine(({ voxels, invalidVoxels }) => invalidVoxels.every((v, i) => v < voxels && (i === 0 || v > invalidVoxels[i - 1]!)), {
    path: ['invalidVoxels'],
    message: 'voxels of the mask in ascending order',
  });

/** What a run file says about itself. */
export interface RunHeader {
  version: 1;
  /** Rows of the matrix: volumes of the run. */
  time: number;
  /** Columns of the matrix: voxels of the mask, in the mask's order. */
  voxels: number;
  dataType: 'float16' | 'float32';
  trSeconds: number;
  grid: Grid;
  /** SHA-256 of the mask (grid and voxels) that the columns belong to. */
  maskHash: string;
  /** SHA-256 of the file the run was read from. */
  sourceHash: string;
  /** ‖S‖², the sum of the squares of all values as stored, in float64. */
  sumOfSquares: number;
  /** Columns that are constant or not finite in this run, ascending; their values are stored as 0. */
  invalidVoxels: readonly number[];
  /** How the run was made: detrending, confounds, smoothing, … */
  parameters: Readonly<Record<string, unknown>>;
}

/** A header before its values are known. */
export type RunDescription = Omit<RunHeader, 'version' | 'sumOfSquares'>;

/** An open run file; close it when done. */
export class RunFile {
  constructor(
    readonly path: string,
    readonly header: RunHeader,
    private readonly handle: FileHandle,
    private readonly dataOffset: number,
  ) {}

  /**
   * Rows as stored, without conversion: float16 as its bits.
   * @param into memory to fill, of the stored type (Uint16Array for float16) and at least rows × voxels long; allocated when left out
   * @param startRow first row read
   * @param rows number of rows; by default all that follow
   * @returns [rows, voxels]: `into` itself, or a new array
   */
  async readRaw(
    into?: Uint16Array | Float32Array,
    startRow = 0,
    rows = this.header.time - startRow,
  ): Promise<Uint16Array | Float32Array> {
    const { time, voxels, dataType } = this.header;
    if (!(startRow >= 0 && rows >= 0 && startRow + rows <= time)) throw new RangeError(`rows ${startRow}+${rows} of ${time}`);
    const stored = dataType === 'float16' ? Uint16Array : Float32Array;
    const values = into ?? new stored(rows * voxels);
    if (!(values instanceof stored) || values.length < rows * voxels)
      throw new RangeError(`memory for ${rows} rows of ${dataType}`);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, rows * voxels * stored.BYTES_PER_ELEMENT);
    await readFully(this.handle, bytes, this.dataOffset + startRow * voxels * stored.BYTES_PER_ELEMENT, endsEarly(this.path));
    return values;
  }

  /** Rows as float32 [rows, voxels], converted where they are stored as float16. */
  async readFloat32(startRow = 0, rows = this.header.time - startRow): Promise<Float32Array> {
    const raw = await this.readRaw(undefined, startRow, rows);
    return raw instanceof Float32Array ? raw : new Float32Array(new Float16Array(raw.buffer, raw.byteOffset, raw.length));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/**
 * Opens a run file after checking its magic, header and exact size.
 * @throws UserError where the file is not a whole run file
 */
export async function openRunFile(path: string): Promise<RunFile> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const preamble = Buffer.alloc(PREAMBLE_BYTES);
    if (size < PREAMBLE_BYTES) throw notARunFile(path, `${size} bytes`);
    await readFully(handle, preamble, 0, endsEarly(path));
    const magic = preamble.toString('latin1', 0, MAGIC.length);
    if (magic !== MAGIC) throw notARunFile(path, JSON.stringify(magic));
    const headerBytes = preamble.readUInt32LE(MAGIC.length);
    if (PREAMBLE_BYTES + headerBytes > size) throw damaged(path, `a header of ${headerBytes} bytes`, `a file of ${size} bytes`);
    const text = Buffer.alloc(headerBytes);
    await readFully(handle, text, PREAMBLE_BYTES, endsEarly(path));
    const header = parseHeader(text, path);
    const offset = dataOffset(headerBytes);
    const expected = offset + header.time * header.voxels * bytesPerValue(header.dataType);
    if (size !== expected) throw damaged(path, `${expected} bytes`, `${size} bytes`);
    return new RunFile(path, header, handle, offset);
  } catch (caught) {
    await handle.close();
    throw caught;
  }
}

/**
 * Writes a run file atomically, row by row.
 * @param rows float32 values in order, any whole number of rows at a time, description.time rows in all; every value finite
 * @returns the header as written, with the sum of squares of the stored (rounded) values
 */
export async function writeRunFile(
  path: string,
  description: RunDescription,
  rows: AsyncIterable<Float32Array> | Iterable<Float32Array>,
): Promise<RunHeader> {
  let header: RunHeader = { version: 1, ...description, sumOfSquares: 0 };
  // The sum of squares is known last: the header is written again at the end, in the same place, filled up with spaces.
  const headerBytes = Buffer.byteLength(JSON.stringify(header)) + 24;
  await writeFileAtomically(path, async (sink) => {
    await sink.write(encodeHeader(header, headerBytes));
    let written = 0;
    let sumOfSquares = 0;
    for await (const values of rows) {
      const stored = header.dataType === 'float16' ? new Float16Array(values) : values;
      sumOfSquares += sumSquares(stored);
      if (!Number.isFinite(sumOfSquares)) throw new RangeError(`a value of ${path} is not finite in ${header.dataType}`);
      await sink.write(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
      written += values.length;
    }
    const { time, voxels } = header;
    if (written !== time * voxels) throw new RangeError(`${written} values written to ${path}, not ${time} × ${voxels}`);
    header = { ...header, sumOfSquares };
    await sink.writeAt(encodeHeader(header, headerBytes), 0);
  });
  return header;
}

function encodeHeader(header: RunHeader, headerBytes: number): Buffer {
  const block = Buffer.alloc(dataOffset(headerBytes));
  block.write(MAGIC, 0, 'latin1');
  block.writeUInt32LE(headerBytes, MAGIC.length);
  block.fill(' ', PREAMBLE_BYTES, PREAMBLE_BYTES + headerBytes);
  block.write(JSON.stringify(header), PREAMBLE_BYTES, 'utf8');
  return block;
}

function parseHeader(text: Buffer, path: string): RunHeader {
  let json: unknown;
  try {
    json = JSON.parse(text.toString('utf8'));
  } catch {
    throw damaged(path, 'a header in JSON', 'something else');
  }
  const parsed = headerSchema.safeParse(json);
  if (parsed.success) return parsed.data as RunHeader;
  const issue = parsed.error.issues[0];
  throw damaged(path, 'a header of version 1', `${issue?.path.join('.') || 'header'}: ${issue?.message}`);
}

function sumSquares(values: Float16Array | Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** The error where a run file ends before what is read. */
function endsEarly(path: string): (needed: number, found: number) => UserError {
  return (needed, found) => damaged(path, `${needed} bytes`, `${found} bytes`);
}

function dataOffset(headerBytes: number): number {
  return Math.ceil((PREAMBLE_BYTES + headerBytes) / ALIGNMENT) * ALIGNMENT;
}

function bytesPerValue(dataType: RunHeader['dataType']): number {
  return dataType === 'float16' ? 2 : 4;
}

function notARunFile(file: string, found: string): UserError {
  return new UserError({
    code: 'file-kind',
    what: 'this is not a run file',
    file,
    expected: `"${MAGIC}" at its start`,
    found,
    remedy: 'import the run again',
  });
}

function damaged(file: string, expected: string, found: string): UserError {
  return new UserError({
    code: 'file-damaged',
    what: 'the run file is damaged',
    file,
    expected,
    found,
    remedy: 'import the run again',
  });
}
