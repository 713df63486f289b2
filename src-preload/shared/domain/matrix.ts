/** A dense row-major float32 matrix; what rows and columns are is said where it is used, e.g. [fbns, time]. */
export interface Matrix {
  rows: number;
  columns: number;
  /** Length rows × columns; entry (i, j) at i × columns + j. */
  data: Float32Array;
}

/** A matrix of zeros. */
export function createMatrix(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float32Array(rows * columns) };
}

/** Row i as a view on the same memory, not a copy. */
export function matrixRow(matrix: Matrix, i: number): Float32Array {
  return matrix.data.subarray(i * matrix.columns, (i + 1) * matrix.columns);
}
