import { open } from 'node:fs/promises';
import { UserError } from '../../src-preload/shared/domain/errors';
import { writeFileAtomically } from './atomic-write';
import { readFully } from './read-fully';

/*
 * The .npy format of NumPy (NEP 1): "\x93NUMPY", version, header length, a Python dictionary as text, then the values.
 * Our own because the readers on npm know neither float16, Fortran order, big-endian values nor bounds for hostile files.
 */
const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const ALIGNMENT = 64;
/** NumPy writes headers of about 120 bytes; one of this length is no array of numbers. */
const LONGEST_HEADER = 1 << 16;
const MOST_DIMENSIONS = 32;

/** The values of an array as read or written; int64 stays exact as BigInt. */
export type NpyData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** Name of an element type as NumPy prints it. */
export type NpyType = keyof typeof elementTypes;

/** An array of numbers in C order: the last axis runs fastest. */
export interface NpyArray {
  shape: readonly number[];
  /** float16 is widened to float32; bool is 0 or 1. */
  data: NpyData;
  /** The element type in the file. */
  dtype: NpyType;
}

/** What is written: the element type of the file is that of `data`. */
export type NpyContent = Pick<NpyArray, 'shape' | 'data'>;

/** A view on `length` values of a buffer, or where the type has none in JavaScript, their conversion. */
type MakeData = (...part: [buffer: ArrayBuffer, offset: number, length: number]) => NpyData;

const elementTypes = {
  float16: { code: 'f2', bytes: 2, make: (...part) => new Float32Array(new Float16Array(...part)) },
  float32: { code: 'f4', bytes: 4, make: (...part) => new Float32Array(...part) },
  float64: { code: 'f8', bytes: 8, make: (...part) => new Float64Array(...part) },
  int8: { code: 'i1', bytes: 1, make: (...part) => new Int8Array(...part) },
  int16: { code: 'i2', bytes: 2, make: (...part) => new Int16Array(...part) },
  int32: { code: 'i4', bytes: 4, make: (...part) => new Int32Array(...part) },
  int64: { code: 'i8', bytes: 8, make: (...part) => new BigInt64Array(...part) },
  uint8: { code: 'u1', bytes: 1, make: (...part) => new Uint8Array(...part) },
  uint16: { code: 'u2', bytes: 2, make: (...part) => new Uint16Array(...part) },
  uint32: { code: 'u4', bytes: 4, make: (...part) => new Uint32Array(...part) },
  uint64: { code: 'u8', bytes: 8, make: (...part) => new BigUint64Array(...part) },
  /** Three bytes of text: how SciPy names a sparse matrix's format. */
  bytes3: { code: 'S3', bytes: 3, make: (buffer, offset, length) => new Uint8Array(buffer, offset, 3 * length) },
  bool: { code: 'b1', bytes: 1, make: (...part) => new Uint8Array(...part).map((value) => (value ? 1 : 0)) },
} as const satisfies Record<string, { code: string; bytes: number; make: MakeData }>;

/** What a header says, checked. */
interface NpyHeader {
  dtype: NpyType;
  bigEndian: boolean;
  fortranOrder: boolean;
  shape: number[];
  /** Numbers in the array. */
  length: number;
  /** Where the values start in the file. */
  dataOffset: number;
}

/**
 * Reads a .npy file of numbers, version 1 to 3, in C or Fortran order, of either byte order.
 * @throws UserError where the file is damaged or holds something else than numbers; Python objects are never unpickled
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const start = new Uint8Array(Math.min(size, LONGEST_HEADER + 12));
    await readFully(handle, start, 0, endsEarly(path));
    const header = parseHeader(start, path);
    const bytes = new Uint8Array(checkedByteLength(header, size, path));
    await readFully(handle, bytes, header.dataOffset, endsEarly(path));
    return toArray(header, bytes.buffer, 0);
  } finally {
    await handle.close();
  }
}

/**
 * Reads the content of a .npy file that is in memory already, and takes the bytes over: the array is a view on them
 * where it can be.
 * @param file what errors name
 */
export function parseNpy(bytes: Uint8Array<ArrayBuffer>, file: string): NpyArray {
  const header = parseHeader(bytes, file);
  checkedByteLength(header, bytes.byteLength, file);
  const offset = bytes.byteOffset + header.dataOffset;
  const aligned = offset % elementTypes[header.dtype].bytes === 0;
  return aligned ? toArray(header, bytes.buffer, offset) : toArray(header, bytes.slice(header.dataOffset).buffer, 0);
}

/** Writes an array as .npy version 1 (C order, little-endian); the name holds the old content or all of the new. */
export async function writeNpy(path: string, content: NpyContent): Promise<void> {
  const [header, values] = encodeNpy(content);
  await writeFileAtomically(path, async (sink) => {
    await sink.write(header);
    await sink.write(values);
  });
}

/** The two parts of a .npy file: its header and, as a view on the same memory, its values. */
export function encodeNpy({ shape, data }: NpyContent): [header: Uint8Array, values: Uint8Array] {
  const expected = shape.reduce((product, extent) => product * extent, 1);
  if (expected !== data.length) throw new Error(`shape [${shape.join(', ')}] does not hold ${data.length} values`);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${describeData(data)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(length).fill(0x20);
  header.set(MAGIC);
  header.set([1, 0], 6);
  new DataView(header.buffer).setUint16(8, length - 10, true);
  header.set(Buffer.from(text, 'latin1'), 10);
  header[length - 1] = 0x0a;
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

function describeData(data: NpyData): string {
  const name = data.constructor.name.replace(/^Big|Array$/g, '').toLowerCase() as NpyType;
  const { code, bytes } = elementTypes[name];
  return `${bytes === 1 ? '|' : '<'}${code}`;
}

function parseHeader(start: Uint8Array, file: string): NpyHeader {
  const refuse = (expected: string, found: string) =>
    new UserError({
      code: 'file-content',
      what: 'cannot read the array',
      file,
      expected,
      found,
      remedy: 'write it again with numpy.save',
    });
  if (start.byteLength < 10 || MAGIC.some((byte, i) => start[i] !== byte)) {
    throw refuse('a .npy file, starting with "\\x93NUMPY"', start.byteLength === 0 ? 'an empty file' : 'other content');
  }
  const version = start[6]!;
  if (version < 1 || version > 3) throw refuse('.npy version 1, 2 or 3', `version ${version}`);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const textOffset = version === 1 ? 10 : 12;
  if (start.byteLength < textOffset) throw refuse('a header', 'the end of the file');
  const textLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (textLength > LONGEST_HEADER) throw refuse(`a header of at most ${LONGEST_HEADER} bytes`, `${textLength} bytes`);
  if (textOffset + textLength > start.byteLength) throw refuse(`a header of ${textLength} bytes`, 'the end of the file');
  const text = Buffer.from(start.subarray(textOffset, textOffset + textLength)).toString(version === 3 ? 'utf8' : 'latin1');
  return { ...parseDictionary(text, refuse), dataOffset: textOffset + textLength };
}

/** One member of the dictionary: text, a truth value, or the tuple of the shape (Python 2 wrote whole numbers as `3L`). */
const MEMBER = /^\s*(['"])(descr|fortran_order|shape)\1\s*:\s*(?:(['"])([^'"\\]*)\3|(True|False)|\(([\d\s,L]*)\))\s*(?:,|(?=\}))/;

function parseDictionary(text: string, refuse: (expected: string, found: string) => UserError): Omit<NpyHeader, 'dataOffset'> {
  const found = text.trim();
  const members = new Map<string, string>();
  let rest = found.startsWith('{') ? found.slice(1) : '';
  for (let match = MEMBER.exec(rest); match; match = MEMBER.exec(rest)) {
    members.set(match[2]!, match[4] ?? match[5] ?? match[6]!);
    rest = rest.slice(match[0].length);
  }
  const description = members.get('descr');
  const order = members.get('fortran_order');
  const extents = members.get('shape');
  if (rest.trim() !== '}' || description === undefined || extents === undefined || !/^(True|False)$/.test(order ?? '')) {
    throw refuse('a header with one element type, an order and a shape', shorten(found));
  }
  return { ...parseDescription(description, refuse), fortranOrder: order === 'True', ...parseShape(extents, refuse) };
}

function parseDescription(description: string, refuse: (expected: string, found: string) => UserError) {
  const match = /^([<>=|]?)([a-zA-Z]\d*)$/.exec(description);
  const entry = Object.entries(elementTypes).find(([, { code }]) => code === match?.[2]);
  if (!match || !entry) {
    const found = /^\|?O/.test(description) ? 'Python objects, which are never unpickled' : `'${shorten(description)}'`;
    throw refuse('numbers (float16/32/64, integers or bool)', found);
  }
  return { dtype: entry[0] as NpyType, bigEndian: match[1] === '>' && entry[1].bytes > 1 };
}

function parseShape(extents: string, refuse: (expected: string, found: string) => UserError) {
  const parts = extents.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map((part) => (/^\d{1,16}L?$/.test(part) ? Number.parseInt(part, 10) : NaN));
  const length = shape.reduce((product, extent) => product * extent, 1);
  if (shape.length > MOST_DIMENSIONS || !Number.isSafeInteger(length * 8)) {
    throw refuse(`at most ${MOST_DIMENSIONS} dimensions of a size that fits in memory`, `(${shorten(extents)})`);
  }
  return { shape, length };
}

/** Bytes of the values; the file must hold just these, so that no header can ask for more memory than its file has. */
function checkedByteLength({ dtype, length, shape, dataOffset }: NpyHeader, size: number, file: string): number {
  const bytes = length * elementTypes[dtype].bytes;
  if (dataOffset + bytes !== size) {
    throw new UserError({
      code: 'file-damaged',
      what: 'the array is cut off or has bytes after its end',
      file,
      expected: `${bytes} bytes of ${dtype} [${shape.join(', ')}]`,
      found: `${size - dataOffset} bytes`,
      remedy: 'write it again with numpy.save',
    });
  }
  return bytes;
}

function toArray({ dtype, bigEndian, fortranOrder, shape, length }: NpyHeader, buffer: ArrayBuffer, offset: number): NpyArray {
  const { bytes, make } = elementTypes[dtype];
  if (bigEndian) swapBytes(Buffer.from(buffer, offset, length * bytes), bytes);
  const data = make(buffer, offset, length);
  return { shape, data: fortranOrder && shape.length > 1 ? toCOrder(data, shape) : data, dtype };
}

function swapBytes(values: Buffer, bytes: number): void {
  if (bytes === 2) values.swap16();
  else if (bytes === 4) values.swap32();
  else values.swap64();
}

/** Fortran order is C order of the reversed axes: walks the source once, with the target index carried along. */
function toCOrder(source: NpyData, shape: readonly number[]): NpyData {
  const target = source.slice();
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const position = shape.map(() => 0);
  let to = 0;
  for (const value of source) {
    target[to] = value;
    for (let axis = 0; axis < shape.length; axis++) {
      to += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      to -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
  return target;
}

/** The error where a file ends before what is read, which was there when its size was asked for. */
function endsEarly(file: string): () => UserError {
  return () => new UserError({ code: 'file-damaged', what: 'the file became shorter while it was read', file });
}

function shorten(text: string): string {
  const line = text.replace(/[^\x20-\x7e]+/g, '?');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
