import type { Engine, EngineSession, Tensor } from '../../../src-preload/shared/domain/engine';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { GraphBuilder } from '../../onnx/graph-builder';
import { Generator } from '../generator';
import type { Algebra } from '../maps/algebra';
import { ritz } from './principal';

const TOLERANCE = 1e-4;
const MOST_ITERATIONS = 500;

/** What an ICA finds. */
export interface IndependentMaps {
  /** [count, voxels]: mean 0 and variance 1 over the voxels, positively skewed; in falling order of `weights`. */
  maps: Matrix;
  /** How much of the squares of the data each holds: Σ_k squares_k mixing_ki². */
  weights: Float64Array;
  iterations: number;
  converged: boolean;
}

export interface IndependentRequest {
  engine: Engine;
  threads?: number;
  /** Mixed maps [count, voxels], voxels that take part only. */
  mixed: Matrix;
  /** Squares of the data that each mixed map holds. */
  squares: Float64Array;
  seed: number;
}

/**
 * Spatial ICA of as many maps as there are mixed ones: FastICA with symmetric decorrelation and tanh (Hyvärinen 1999; the
 * fixed-point iteration of Hyvärinen and Oja 2000, section 6). Signs are free in ICA: each map is turned to positive skewness.
 * No library: npm has none that would take a whole brain. The two products and the tanh of an iteration are one graph on the engine.
 */
export async function independentMaps(
  { engine, threads, mixed, squares, seed }: IndependentRequest,
  algebra: Algebra,
  context: WorkContext,
): Promise<IndependentMaps> {
  const count = mixed.rows;
  const { data, whitening, values } = await whiten(mixed, algebra);
  const fixedPoint = await fixedPointSession(engine, threads);
  let unmixing = await decorrelated(randomMatrix(count, seed), algebra);
  let [iterations, converged] = [0, count === 1];
  try {
    while (!converged && iterations < MOST_ITERATIONS) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'independent components', done: iterations++, total: 0, unit: 'iterations' });
      const next = await decorrelated(await step(fixedPoint, unmixing, data), algebra);
      converged = largestTurn(unmixing, next) < TOLERANCE;
      unmixing = next;
    }
  } finally {
    await fixedPoint.release();
  }
  const maps = await algebra.multiply(unmixing, data);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < count; k++) weights[i]! += squares[k]! * mixing(unmixing, whitening, values, k, i) ** 2;
  return { ...sorted(maps, weights), iterations, converged };
}

/** Rows of mean 0, variance 1 and no correlation over the voxels: Λ^(−1/2) Eᵀ (X − mean). */
async function whiten(mixed: Matrix, algebra: Algebra): Promise<{ data: Matrix; whitening: Matrix; values: Float64Array }> {
  const { rows, columns } = mixed;
  const centred: Matrix = { rows, columns, data: mixed.data.slice() };
  for (let row = 0; row < rows; row++) {
    const map = matrixRow(centred, row);
    const mean = map.reduce((sum, value) => sum + value, 0) / columns;
    for (let v = 0; v < columns; v++) map[v]! -= mean;
  }
  const { vectors, values } = ritz(await algebra.multiplyTransposed(centred, centred));
  const scaled: Matrix = { ...vectors, data: vectors.data.slice() };
  for (let i = 0; i < rows; i++) {
    values[i] = Math.max(values[i]! / columns, Number.MIN_VALUE);
    const row = matrixRow(scaled, i);
    for (let k = 0; k < rows; k++) row[k]! /= Math.sqrt(values[i]!);
  }
  return { data: await algebra.multiply(scaled, centred), whitening: vectors, values };
}

/** Entry (k, i) of the mixing matrix E Λ^(1/2) Wᵀ: how much of independent map i is in mixed map k. */
function mixing(unmixing: Matrix, vectors: Matrix, values: Float64Array, k: number, i: number): number {
  let sum = 0;
  const n = unmixing.rows;
  for (let j = 0; j < n; j++) sum += vectors.data[j * n + k]! * Math.sqrt(values[j]!) * unmixing.data[i * n + j]!;
  return sum;
}

function randomMatrix(count: number, seed: number): Matrix {
  const generator = Generator.fromSeed(seed);
  return { rows: count, columns: count, data: Float32Array.from({ length: count * count }, () => generator.nextSymmetric()) };
}

/** Inputs unmixing W [m, m], data X [m, n]; outputs tanh(W X) Xᵀ [m, m] and the means over voxels of tanh² [m]. */
function fixedPointSession(engine: Engine, threads: number | undefined): Promise<EngineSession> {
  const graph = new GraphBuilder('fixed-point');
  const data = graph.input('data', 'float', ['m', 'n']);
  const contrast = graph.node('Tanh', [graph.node('MatMul', [graph.input('unmixing', 'float', ['m', 'm']), data])]);
  graph.output('products', graph.node('Gemm', [contrast, data], { transB: 1 }), 'float', ['m', 'm']);
  const squares = graph.node('Mul', [contrast, contrast]);
  graph.output('squares', graph.node('ReduceMean', [squares, graph.integers([1])], { keepdims: 0 }), 'float', ['m']);
  return engine.createSession(graph.encode(), { idleThreads: 'sleep', ...(threads !== undefined && { threads }) });
}

/** W ← E[g(W X) Xᵀ] − diag(E[g'(W X)]) W with g = tanh. */
async function step(session: EngineSession, unmixing: Matrix, data: Matrix): Promise<Matrix> {
  const { products, squares } = await session.run({ unmixing: tensor(unmixing), data: tensor(data) });
  const next = createMatrix(unmixing.rows, unmixing.columns);
  for (let i = 0; i < next.rows; i++) {
    const slope = 1 - (squares!.data as Float32Array)[i]!;
    for (let j = 0; j < next.columns; j++) {
      const at = i * next.columns + j;
      next.data[at] = (products!.data as Float32Array)[at]! / data.columns - slope * unmixing.data[at]!;
    }
  }
  return next;
}

/** (W Wᵀ)^(−1/2) W: the nearest matrix with orthonormal rows. */
async function decorrelated(matrix: Matrix, algebra: Algebra): Promise<Matrix> {
  const n = matrix.rows;
  const { vectors, values } = ritz(await algebra.multiplyTransposed(matrix, matrix));
  const [scaled, turned] = [createMatrix(n, n), createMatrix(n, n)];
  for (let row = 0; row < n; row++) {
    const scale = 1 / Math.sqrt(Math.max(values[row]!, Number.MIN_VALUE));
    for (let k = 0; k < n; k++) {
      scaled.data[row * n + k] = scale * vectors.data[row * n + k]!;
      turned.data[k * n + row] = vectors.data[row * n + k]!;
    }
  }
  return algebra.multiply(turned, await algebra.multiply(scaled, matrix));
}

/** How far the row that turned most has turned: 1 − |cosine|. */
function largestTurn(before: Matrix, after: Matrix): number {
  let largest = 0;
  for (let row = 0; row < before.rows; row++) {
    const [a, b] = [matrixRow(before, row), matrixRow(after, row)];
    largest = Math.max(largest, Math.abs(1 - Math.abs(a.reduce((sum, value, i) => sum + value * b[i]!, 0))));
  }
  return largest;
}

/** Falling by weight, each map turned to positive skewness. */
function sorted(maps: Matrix, weights: Float64Array): { maps: Matrix; weights: Float64Array } {
  const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!);
  const result = createMatrix(maps.rows, maps.columns);
  for (const [row, from] of order.entries()) {
    const map = matrixRow(maps, from);
    const skewness = map.reduce((sum, value) => sum + value ** 3, 0);
    matrixRow(result, row).set(skewness < 0 ? map.map((value) => -value) : map);
  }
  return { maps: result, weights: Float64Array.from(order, (i) => weights[i]!) };
}

function tensor({ rows, columns, data }: Matrix): Tensor {
  return { type: 'float32', dims: [rows, columns], data };
}
