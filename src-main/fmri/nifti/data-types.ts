/** Voxel values as they lie in a file, in the machine's byte order; 64-bit integers as float64. */
export type RawVolume =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** A NIfTI data type that can be read. */
export interface DataType {
  code: number;
  /** NumPy's name, which NiBabel shows. */
  name: string;
  bytes: number;
  /** A volume's bytes, already in the machine's byte order, as numbers. */
  view(bytes: Uint8Array): RawVolume;
}

type NumericArray = new (buffer: ArrayBuffer, offset: number, length: number) => RawVolume;

function numeric(code: number, name: string, bytes: number, array: NumericArray): DataType {
  return { code, name, bytes, view: (data) => new array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / bytes) };
}

function wide(code: number, name: string, array: typeof BigInt64Array | typeof BigUint64Array): DataType {
  const view = (data: Uint8Array) =>
    Float64Array.from(new array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / 8), Number);
  return { code, name, bytes: 8, view };
}

const readable: readonly DataType[] = [
  numeric(2, 'uint8', 1, Uint8Array),
  numeric(4, 'int16', 2, Int16Array),
  numeric(8, 'int32', 4, Int32Array),
  numeric(16, 'float32', 4, Float32Array),
  numeric(64, 'float64', 8, Float64Array),
  numeric(256, 'int8', 1, Int8Array),
  numeric(512, 'uint16', 2, Uint16Array),
  numeric(768, 'uint32', 4, Uint32Array),
  wide(1024, 'int64', BigInt64Array),
  wide(1280, 'uint64', BigUint64Array),
];

/** Types of the standard that hold no single real number, or one that JavaScript cannot hold. */
const refused: Record<number, string> = {
  1: 'binary (1 bit)',
  32: 'complex64',
  128: 'RGB24',
  1536: 'float128',
  1792: 'complex128',
  2048: 'complex256',
  2304: 'RGBA32',
};

/** The data type of a code of the standard, or undefined where it cannot be read. */
export function findDataType(code: number): DataType | undefined {
  return readable.find((type) => type.code === code);
}

/** The types that can be read, for messages. */
export const READABLE_TYPES = 'int8 … uint64, float32 or float64';

/** What a code that cannot be read stands for. */
export function describeRefusedType(code: number): string {
  return refused[code] ?? `unknown code ${code}`;
}

/** NumPy's name of a type in a byte order: "int16", big-endian ">i2". */
export function numpyName(type: DataType, littleEndian: boolean): string {
  return littleEndian || type.bytes === 1 ? type.name : `>${type.name[0]}${type.bytes}`;
}
