/**
 * Row-major bytes of a strided view.
 * @param bytes of the values from the view's first to its last
 * @param width bytes per value
 */
export function makeContiguous(
  bytes: ArrayBuffer,
  width: 1 | 2 | 4 | 8,
  shape: readonly number[],
  strides: readonly number[],
): ArrayBuffer {
  if (isContiguous(shape, strides)) return bytes;
  const unit = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array }[width];
  const from = new unit(bytes);
  const to = new unit(shape.reduce((product, size) => product * size, 1));
  const place = shape.map(() => 0);
  let offset = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[offset]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      offset -= place[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return to.buffer;
}

/** Whether values lie row-major without gaps; strides along axes of one value do not matter. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! > 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
