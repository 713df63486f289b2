/** Element types of tensors in checkpoints. */
export type TensorType = 'float16' | 'bfloat16' | 'float32' | 'float64' | 'int8' | 'uint8' | 'int16' | 'int32' | 'int64' | 'bool';

export const bytesPerValue: Readonly<Record<TensorType, 1 | 2 | 4 | 8>> = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
};

/** Row-major values of a tensor; bfloat16 widened to float32, which is exact. */
export type TensorValues =
  Float16Array | Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;

/** The values that bytes stand for, exactly. @param bytes little-endian, as the machines are that this runs on */
export function valuesOf(type: TensorType, bytes: ArrayBuffer): TensorValues {
  if (type === 'bfloat16') return widenBfloat16(new Uint16Array(bytes));
  return new arrays[type](bytes);
}

/** The same as float32: exact for halves and float32, rounded for float64 and large whole numbers. */
export function float32Of(type: TensorType, bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  if (type === 'float32') return new Float32Array(bytes);
  const values = valuesOf(type, bytes);
  return values instanceof BigInt64Array ? Float32Array.from(values, Number) : Float32Array.from(values);
}

const arrays = {
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/** A bfloat16 is the upper half of a float32. */
function widenBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}
