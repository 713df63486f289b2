import { setImmediate } from 'node:timers/promises';
import type { Engine } from '../../src-preload/shared/domain/engine';
import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { GraphBuilder } from '../onnx/graph-builder';
import { createCorrelator } from './engine-correlator';
import { EngineMaxima } from './engine-maxima';
import { toTensor } from './engine-tensors';

/** Products computed elsewhere (an engine). */
export interface SeriesProduct {
  /**
   * a · bᵀ in float32; sums of T products of unit series are right to about 1e-7.
   * @param a float32 [rows of a, time]
   * @param b float32 [rows of b, time]
   * @returns float32 [rows of a, rows of b]
   */
  (a: Matrix, b: Matrix): Promise<Matrix>;
  /** Makes ready to correlate many series with the same ones, where that is faster than z-scores here and the product there. */
  correlator?(x: Matrix): Promise<Correlator>;
}

/** Correlates series as they are with unit series given before. */
export interface Correlator {
  /**
   * @param y float32 [y series, time]
   * @returns r [x series, y series], in [−1, 1], until the next call; the mean of each y and its sum of squares about it, by which r can be trusted or not
   */
  with(y: Matrix): Promise<{ r: Float32Array; mean: Float32Array; squares: Float32Array }>;
  release(): Promise<void>;
}

/** Copies of a series [copies, time], of which `shiftsOf` tells that they are all its circular shifts. */
export interface Copies extends Matrix {
  shiftsOf?: Float32Array;
}

/**
 * The largest entry of every row of a · bᵀ, computed elsewhere: [rows of a].
 * @param b may be kept until it is called with another: its numbers must not change
 * @param columns keeps the largest entries of many products place by place: `into` = max(`from`, a · bᵀ), both [rows of a, rows of b]
 */
export type SeriesMaxima = (a: Copies, b: Matrix, columns?: { from: Float32Array; into: Float32Array }) => Promise<Float32Array>;

/** Rows of numbers, as much of a matrix as a product needs. */
export interface Rows {
  rows: number;
  columns: number;
  data: Float64Array;
}

/** Rows [start, end), as a view. */
export function rowsBetween({ columns, data }: Rows, start: number, end: number): Rows {
  return { rows: end - start, columns, data: data.subarray(start * columns, end * columns) };
}

/** The rows in float32, as a SeriesProduct takes them. */
export function toMatrix({ rows, columns, data }: Rows): Matrix {
  return { rows, columns, data: new Float32Array(data) };
}

/** Where a block of a product goes: entry (i, j) at offset + i × stride + j. */
export interface ProductTarget {
  data: Float32Array | Float64Array;
  offset: number;
  stride: number;
}

/** Rows of `a` that stay in the second-level cache while the rows of `b` pass by. */
const ROWS_IN_CACHE = 30;

/**
 * a · bᵀ with float64 sums, written into `target`. Tiles of 3 × 3 keep nine sums and six factors in registers, which is
 * where V8 is fastest (2.5 G multiply-adds per second on one core, a plain double loop 0.7).
 * @param a float64 [rows of a, columns]
 * @param b float64 [rows of b, columns]
 */
export function multiplyTransposed(a: Rows, b: Rows, target: ProductTarget): void {
  const tiledColumns = b.rows - (b.rows % 3);
  for (let start = 0; start < a.rows; start += ROWS_IN_CACHE) {
    const end = Math.min(start + ROWS_IN_CACHE, a.rows);
    const tiledEnd = end - ((end - start) % 3);
    for (let j = 0; j < tiledColumns; j += 3) {
      for (let i = start; i < tiledEnd; i += 3) multiplyTile(a, b, i, j, target);
      for (let i = tiledEnd; i < end; i++) multiplySingly(a, b, i, j, j + 3, target);
    }
    for (let i = start; i < end; i++) multiplySingly(a, b, i, tiledColumns, b.rows, target);
  }
}

function multiplyTile(a: Rows, b: Rows, i: number, j: number, { data, offset, stride }: ProductTarget): void {
  const time = a.columns;
  const x = a.data;
  const y = b.data;
  const x0 = i * time;
  const x1 = x0 + time;
  const x2 = x1 + time;
  const y0 = j * time;
  const y1 = y0 + time;
  const y2 = y1 + time;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  for (let t = 0; t < time; t++) {
    const a0 = x[x0 + t]!;
    const a1 = x[x1 + t]!;
    const a2 = x[x2 + t]!;
    const b0 = y[y0 + t]!;
    s00 += a0 * b0;
    s10 += a1 * b0;
    s20 += a2 * b0;
    const b1 = y[y1 + t]!;
    s01 += a0 * b1;
    s11 += a1 * b1;
    s21 += a2 * b1;
    const b2 = y[y2 + t]!;
    s02 += a0 * b2;
    s12 += a1 * b2;
    s22 += a2 * b2;
  }
  const row0 = offset + i * stride + j;
  const row1 = row0 + stride;
  const row2 = row1 + stride;
  data[row0] = s00;
  data[row0 + 1] = s01;
  data[row0 + 2] = s02;
  data[row1] = s10;
  data[row1 + 1] = s11;
  data[row1 + 2] = s12;
  data[row2] = s20;
  data[row2 + 1] = s21;
  data[row2 + 2] = s22;
}

/** Row i of the product, columns [from, to): the edges that fill no tile. */
function multiplySingly(a: Rows, b: Rows, i: number, from: number, to: number, { data, offset, stride }: ProductTarget): void {
  const time = a.columns;
  for (let j = from; j < to; j++) {
    let sum = 0;
    for (let t = 0; t < time; t++) sum += a.data[i * time + t]! * b.data[j * time + t]!;
    data[offset + i * stride + j] = sum;
  }
}

/** Multiply-adds after which JavaScript work lets messages in (about a tenth of a second). */
const WORK_PER_BLOCK = 2 ** 28;

/** How many rows make a block of work, given the multiply-adds of one row. */
export function rowsPerBlock(workPerRow: number): number {
  return Math.max(1, Math.floor(WORK_PER_BLOCK / Math.max(1, workPerRow)));
}

/** What is done block by block. */
export interface BlockedWork {
  /** Number of rows in all, and in a block. */
  rows: number;
  size: number;
  /** What progress calls the work and the rows. */
  stage: string;
  unit: string;
  context: WorkContext | undefined;
}

/** Calls `work` for consecutive blocks of rows; between them progress is reported and cancelling noticed. */
export async function inBlocks(
  { rows, size, stage, unit, context }: BlockedWork,
  work: (start: number, end: number) => void | Promise<void>,
): Promise<void> {
  for (let start = 0; start < rows; start += size) {
    throwIfCancelled(context?.signal);
    const end = Math.min(start + size, rows);
    await work(start, end);
    context?.progress({ stage, done: end, total: rows, unit });
    if (end < rows) await setImmediate();
  }
}

/** Products on an engine, and how to let go of them. */
export interface EngineProduct {
  product: SeriesProduct;
  maxima: SeriesMaxima;
  release(): Promise<void>;
}

/** Makes products of an engine's `Gemm`; call it in a compute process only, as an engine blocks its process. */
export async function createEngineProduct(
  engine: Engine,
  options?: Parameters<Engine['createSession']>[1],
): Promise<EngineProduct> {
  const session = await engine.createSession(productGraph(), options);
  const largest = new EngineMaxima(engine, options);
  const multiply = async (left: Matrix, right: Matrix): Promise<Matrix> => {
    const { product } = await session.run({ a: toTensor(left), b: toTensor(right) });
    return { rows: left.rows, columns: right.rows, data: product!.data as Float32Array };
  };
  return {
    product: Object.assign(multiply, { correlator: (x: Matrix) => createCorrelator(engine, x, options) }),
    maxima: largest.maxima,
    async release() {
      await session.release();
      await largest.release();
    },
  };
}

function productGraph(): Uint8Array {
  const graph = new GraphBuilder('series-product');
  const a = graph.input('a', 'float', ['rowsOfA', 'time']);
  const b = graph.input('b', 'float', ['rowsOfB', 'time']);
  graph.output('product', graph.node('Gemm', [a, b], { transB: 1 }), 'float', ['rowsOfA', 'rowsOfB']);
  return graph.encode();
}
