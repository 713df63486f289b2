import { correlate } from '../../src-main/coupling/correlate';
import { createEngineProduct } from '../../src-main/coupling/product';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { createMatrix, matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';
import { median, milliseconds, type BenchmarkResult } from './benchmark';

const TIME = 900;
const REPETITIONS = 5;

/** 64 FBNs against the last layer of DenseNet-161, and 512 FBNs against every filter of a large CNN. */
const lastLayer = { fbns: 64, filters: 2208 };
const wholeModel = { fbns: 512, filters: 20_000 };

/**
 * `correlate` in JavaScript against the plain double loop over z-scored series, on 64 × 2,208 series of 900 time points;
 * and, as absolute figures, both sizes in JavaScript and with the product on the engine.
 */
export async function run(): Promise<BenchmarkResult> {
  const x = made(lastLayer.fbns, 1);
  const y = made(lastLayer.filters, 2);
  const { product, release } = await createEngineProduct(onnxruntimeEngine);
  const plainMs: number[] = [];
  const correlateMs: number[] = [];
  const engineMs: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    plainMs.push(await milliseconds(() => plainDoubleLoop(x, y)));
    correlateMs.push(await milliseconds(() => correlate(x, y)));
    engineMs.push(await milliseconds(() => correlate(x, y, { product })));
  }
  const largeX = made(wholeModel.fbns, 3);
  const largeY = made(wholeModel.filters, 4);
  const largeMs = await milliseconds(() => correlate(largeX, largeY));
  const largeEngineMs = await milliseconds(() => correlate(largeX, largeY, { product }));
  await release();
  return {
    name: 'coupling',
    ratio: 'plain double loop ÷ correlate (JavaScript, 64 × 2,208 × 900)',
    value: median(plainMs) / median(correlateMs),
    bound: { atLeast: 2 },
    details: {
      plainMs: rounded(median(plainMs)),
      correlateMs: rounded(median(correlateMs)),
      correlateOnEngineMs: rounded(median(engineMs)),
      correlate512x20000Ms: rounded(largeMs),
      correlate512x20000OnEngineMs: rounded(largeEngineMs),
    },
  };
}

/** What one would write first: z-scores in float32, then one sum per pair in float64. */
function plainDoubleLoop(x: Matrix, y: Matrix): Matrix {
  const zx = zScores(x);
  const zy = zScores(y);
  const r = createMatrix(x.rows, y.rows);
  for (let i = 0; i < x.rows; i++) {
    const a = matrixRow(zx, i);
    for (let j = 0; j < y.rows; j++) {
      const b = matrixRow(zy, j);
      let sum = 0;
      for (let t = 0; t < a.length; t++) sum += a[t]! * b[t]!;
      r.data[i * y.rows + j] = sum / a.length;
    }
  }
  return r;
}

function zScores(series: Matrix): Matrix {
  const z = createMatrix(series.rows, series.columns);
  for (let i = 0; i < series.rows; i++) {
    const row = matrixRow(series, i);
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const deviation = Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length);
    matrixRow(z, i).set(row.map((value) => (value - mean) / deviation));
  }
  return z;
}

/** Uniform numbers in [−1, 1), the same every time. */
function made(rows: number, seed: number): Matrix {
  let state = seed;
  const data = Float32Array.from({ length: rows * TIME }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return { rows, columns: TIME, data };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
