import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../../src-preload/shared/domain/errors';
import { writeFileAtomically, type FileSink } from './atomic-write';
import { readFully } from './read-fully';

/*
 * The safetensors format (huggingface/safetensors):
 *   bytes 0–7   length of the header, uint64 little-endian
 *   then        header, JSON in UTF-8 beginning with "{", may end in spaces:
 *               { NAME: { dtype, shape, data_offsets: [begin, end] }, …, __metadata__: { KEY: TEXT } }
 *   then        the tensors, row-major, little-endian; offsets count from here and cover the rest of the file without gap or overlap
 * Our own because the packages on npm read whole files into memory and write none atomically.
 */
const LENGTH_BYTES = 8;
/** Headers beyond this are refused unread, as in the reference implementation. */
const LARGEST_HEADER = 100_000_000;
const METADATA = '__metadata__';
/** Node and the operating systems move less than 2 GiB at once. */
const CHUNK_BYTES = 1 << 28;

/** Bytes per value of every element type that is read. */
const BYTES_PER_VALUE = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

/** An element type of the format, by its name there. */
export type SafetensorsType = keyof typeof BYTES_PER_VALUE;

const wholeNumber = z.int().nonnegative();
const entrySchema = z.strictObject({
  dtype: z.enum(Object.keys(BYTES_PER_VALUE) as SafetensorsType[]),
  shape: z.array(wholeNumber),
  data_offsets: z.tuple([wholeNumber, wholeNumber]),
});
const metadataSchema = z.record(z.string(), z.string());

/** Where a tensor lies and what it is. */
export interface SafetensorsEntry {
  dtype: SafetensorsType;
  shape: readonly number[];
  /** First byte, from the start of the file. */
  position: number;
  byteLength: number;
}

/** A tensor to be written. */
export interface SafetensorsTensor {
  name: string;
  dtype: SafetensorsType;
  shape: readonly number[];
  /** Row-major values of that type, little-endian as in memory; what need not be in memory at once comes in pieces. */
  data: ArrayBufferView | AsyncIterable<ArrayBufferView>;
}

/** An open safetensors file whose header has been checked; close it when done. */
export class SafetensorsFile {
  constructor(
    readonly path: string,
    /** Free text by key, from the file's `__metadata__`. */
    readonly metadata: ReadonlyMap<string, string>,
    /** Tensors by name, in the order of their data. */
    readonly tensors: ReadonlyMap<string, SafetensorsEntry>,
    private readonly handle: FileHandle,
  ) {}

  /**
   * The bytes of one tensor.
   * @param name must be in `tensors`
   * @returns memory of its own, aligned for any typed array
   */
  async readBytes(name: string): Promise<ArrayBuffer> {
    const entry = this.tensors.get(name);
    if (!entry) throw damaged(this.path, `a tensor named "${name}"`, 'none');
    const buffer = new ArrayBuffer(entry.byteLength);
    await readFully(this.handle, new Uint8Array(buffer), entry.position, endsEarly(this.path));
    return buffer;
  }

  /**
   * The values of one tensor that must be float32.
   * @param shape the shape it must have
   * @throws UserError where the tensor is absent or of another type or shape
   */
  async readFloat32(name: string, shape: readonly number[]): Promise<Float32Array> {
    return new Float32Array(await this.readTyped(name, 'F32', shape));
  }

  /**
   * Some rows of a tensor that must be float32 [rows, columns]; nothing else of it is read.
   * @returns [count × columns]
   * @throws UserError as readFloat32 does, or where there are no such rows
   */
  async readFloat32Rows(name: string, shape: readonly [number, number], from: number, count: number): Promise<Float32Array> {
    const { position } = this.check(name, 'F32', shape);
    const [rows, columns] = shape;
    if (from < 0 || from + count > rows) throw damaged(this.path, `rows ${from} to ${from + count} of "${name}"`, `${rows} rows`);
    const values = new Float32Array(count * columns);
    await readFully(this.handle, new Uint8Array(values.buffer), position + from * columns * 4, endsEarly(this.path));
    return values;
  }

  /** Some rows of a tensor that must be float16 [rows, columns], as their bits; see readFloat32Rows. */
  async readFloat16Rows(
    name: string,
    shape: readonly [number, number],
    from: number,
    count: number,
    into: Uint16Array<ArrayBuffer> = new Uint16Array(count * shape[1]),
  ): Promise<Uint16Array<ArrayBuffer>> {
    const { position } = this.check(name, 'F16', shape);
    const [rows, columns] = shape;
    if (from < 0 || from + count > rows) throw damaged(this.path, `rows ${from} to ${from + count} of "${name}"`, `${rows} rows`);
    const bytes = new Uint8Array(into.buffer, into.byteOffset, count * columns * 2);
    await readFully(this.handle, bytes, position + from * columns * 2, endsEarly(this.path));
    return into;
  }

  /** Some values of a uint8 tensor of one dimension; nothing else of it is read. */
  async readUint8Range(name: string, from: number, count: number): Promise<Uint8Array> {
    const length = this.tensors.get(name)?.shape[0] ?? 0;
    const { position } = this.check(name, 'U8', [length]);
    if (from < 0 || from + count > length) throw damaged(this.path, `bytes ${from} to ${from + count} of "${name}"`, `${length}`);
    const bytes = new Uint8Array(count);
    await readFully(this.handle, bytes, position + from, endsEarly(this.path));
    return bytes;
  }

  /** The values of one tensor that must be uint32 of the shape given; see readFloat32. */
  async readUint32(name: string, shape: readonly number[]): Promise<Uint32Array> {
    return new Uint32Array(await this.readTyped(name, 'U32', shape));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private readTyped(name: string, dtype: SafetensorsType, shape: readonly number[]): Promise<ArrayBuffer> {
    this.check(name, dtype, shape);
    return this.readBytes(name);
  }

  private check(name: string, dtype: SafetensorsType, shape: readonly number[]): SafetensorsEntry {
    const entry = this.tensors.get(name);
    const expected = `"${name}" as ${dtype} [${shape.join(', ')}]`;
    if (!entry) throw damaged(this.path, expected, 'no tensor of that name');
    const found = `${entry.dtype} [${entry.shape.join(', ')}]`;
    if (found !== `${dtype} [${shape.join(', ')}]`) throw damaged(this.path, expected, found);
    return entry;
  }
}

/**
 * Opens a safetensors file and checks its whole header: bounded length, known element types, sizes that agree with shapes,
 * offsets inside the file without gap or overlap. No tensor is read yet.
 * @throws UserError where the file is not such a file
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size < LENGTH_BYTES + 2) throw damaged(path, 'a header', `a file of ${size} bytes`);
    const preamble = Buffer.alloc(LENGTH_BYTES);
    await readFully(handle, preamble, 0, endsEarly(path));
    const headerBytes = preamble.readBigUInt64LE();
    if (headerBytes > LARGEST_HEADER || headerBytes > size - LENGTH_BYTES)
      throw damaged(path, `a header that fits in its ${size} bytes`, `one of ${headerBytes} bytes`);
    const text = Buffer.alloc(Number(headerBytes));
    await readFully(handle, text, LENGTH_BYTES, endsEarly(path));
    const { metadata, entries } = parseHeader(text, path);
    return new SafetensorsFile(path, metadata, placeTensors(entries, LENGTH_BYTES + text.length, size, path), handle);
  } catch (caught) {
    await handle.close();
    throw caught;
  }
}

/**
 * Writes a safetensors file atomically, tensor by tensor, without a second copy in memory.
 * @param metadata free text by key
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly SafetensorsTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header = encodeHeader(tensors, metadata);
  await writeFileAtomically(path, async (sink) => {
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeBigUInt64LE(BigInt(header.length));
    await sink.write(length);
    await sink.write(header);
    for (const { name, dtype, shape, data } of tensors) {
      const end = sink.length + byteLengthOf(dtype, shape);
      for await (const piece of ArrayBuffer.isView(data) ? [data] : data) await writeInChunks(sink, piece);
      if (sink.length !== end) throw new RangeError(`"${name}" came with ${sink.length - end} bytes too many`);
    }
  });
}

async function writeInChunks(sink: FileSink, data: ArrayBufferView): Promise<void> {
  for (let start = 0; start < data.byteLength; start += CHUNK_BYTES) {
    const count = Math.min(CHUNK_BYTES, data.byteLength - start);
    await sink.write(new Uint8Array(data.buffer, data.byteOffset + start, count));
  }
}

function encodeHeader(tensors: readonly SafetensorsTensor[], metadata: Readonly<Record<string, string>>): Buffer {
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([METADATA, metadata]);
  const names = new Set<string>([METADATA]);
  let begin = 0;
  for (const { name, dtype, shape, data } of tensors) {
    if (names.has(name)) throw new RangeError(`two tensors named "${name}"`);
    const byteLength = byteLengthOf(dtype, shape);
    if (ArrayBuffer.isView(data) && byteLength !== data.byteLength)
      throw new RangeError(`"${name}" has ${data.byteLength} bytes`);
    names.add(name);
    header.push([name, { dtype, shape, data_offsets: [begin, begin + byteLength] }]);
    begin += byteLength;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  // Spaces up to a multiple of 8 keep the tensors aligned for readers that map the file.
  return Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
}

interface HeaderEntry extends z.infer<typeof entrySchema> {
  name: string;
}

function parseHeader(text: Buffer, path: string): { metadata: Map<string, string>; entries: HeaderEntry[] } {
  const header = parseObject(text, path);
  const entries: HeaderEntry[] = [];
  let metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(header)) {
    const parsed = name === METADATA ? metadataSchema.safeParse(value) : entrySchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw damaged(
        path,
        'dtype, shape and data_offsets of every tensor',
        `"${name}": ${issue?.path.join('.')} ${issue?.message}`,
      );
    }
    if (name === METADATA) metadata = new Map(Object.entries(parsed.data as Record<string, string>));
    else entries.push({ name, ...(parsed.data as z.infer<typeof entrySchema>) });
  }
  return { metadata, entries };
}

function parseObject(text: Buffer, path: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw damaged(path, 'a header in JSON', 'something else');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw damaged(path, 'a header in JSON', 'no object');
  return header as Record<string, unknown>;
}

/** Tensors by name in the order of their data, after checking that they cover the data exactly once. */
function placeTensors(entries: HeaderEntry[], dataStart: number, size: number, path: string): Map<string, SafetensorsEntry> {
  const placed = new Map<string, SafetensorsEntry>();
  let position = 0;
  for (const { name, dtype, shape, data_offsets } of entries.sort((a, b) => order(a.data_offsets, b.data_offsets))) {
    const [begin, end] = data_offsets;
    const byteLength = byteLengthOf(dtype, shape);
    if (begin !== position || end - begin !== byteLength)
      throw damaged(path, `"${name}" at ${position}–${position + byteLength}`, `${begin}–${end}`);
    placed.set(name, { dtype, shape, position: dataStart + begin, byteLength });
    position = end;
  }
  if (dataStart + position !== size) throw damaged(path, `${dataStart + position} bytes`, `${size} bytes`);
  return placed;
}

function order(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}

function byteLengthOf(dtype: SafetensorsType, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, BYTES_PER_VALUE[dtype]);
}

/** The error where a file ends before what is read. */
function endsEarly(path: string): (needed: number, found: number) => UserError {
  return (needed, found) => damaged(path, `${needed} bytes`, `${found} bytes`);
}

function damaged(file: string, expected: string, found: string): UserError {
  return new UserError({
    code: 'file-damaged',
    what: 'this is not a whole safetensors file',
    file,
    expected,
    found,
    remedy: 'use another copy of it',
  });
}
