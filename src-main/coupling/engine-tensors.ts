import type { Tensor } from '../../src-preload/shared/domain/engine';
import type { Matrix } from '../../src-preload/shared/domain/matrix';

export function toTensor({ rows, columns, data }: Matrix): Tensor {
  return { type: 'float32', dims: [rows, columns], data };
}

/** The numbers of the transposed matrix [columns, rows]; in blocks, so that neither side is read or written all over memory. */
export function transposed({ rows, columns, data }: Matrix): Float32Array {
  const block = 32;
  const result = new Float32Array(data.length);
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(rows, top + block);
    for (let t = 0; t < columns; t++) for (let i = top; i < bottom; i++) result[t * rows + i] = data[i * columns + t]!;
  }
  return result;
}
