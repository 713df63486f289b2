import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { correlate } from '../../src-main/coupling/correlate';
import { nullMaxima } from '../../src-main/coupling/null-maxima';
import { pairMetrics } from '../../src-main/coupling/pair-metrics';
import { circularShifts } from '../../src-main/coupling/surrogates';
import { createEngineProduct } from '../../src-main/coupling/product';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { createMatrix, matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';
import { median, milliseconds, type BenchmarkResult } from './benchmark';

const TIME = 900;
const REPETITIONS = 5;
const WARPED_PAIRS = 512;

/** 64 FBNs against the last layer of DenseNet-161, and 512 FBNs against every filter of a large CNN. */
const lastLayer = { fbns: 64, filters: 2208 };
const wholeModel = { fbns: 512, filters: 20_000 };

/**
 * `correlate` in JavaScript against the plain double loop over z-scored series, on 64 × 2,208 series of 900 time points;
 * the large size against the engine's own rate; the null of the maximum by folded circulant matrices, with NumPy's FFT form beside it
 * where a `python3` has NumPy (docs/statistics.md); DTW.
 */
export async function run(): Promise<BenchmarkResult[]> {
  const x = made(lastLayer.fbns, 1);
  const y = made(lastLayer.filters, 2);
  const { product, maxima, release } = await createEngineProduct(onnxruntimeEngine);
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
  // The rate is of one product of a tile's size; the same numbers are computed by `correlate`, tile by tile, with z-scores and copies.
  const tile = made(4096, 5);
  const rates: number[] = [];
  const largeEngineMs: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    rates.push((2 * largeX.rows * tile.rows * TIME) / (await milliseconds(() => product(largeX, tile))));
    largeEngineMs.push(await milliseconds(() => correlate(largeX, largeY, { product })));
  }
  const largeRate = (2 * largeX.rows * largeY.rows * TIME) / median(largeEngineMs);
  const nullMs: number[] = [];
  const bothMs: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    nullMs.push(await milliseconds(() => nullMaxima(x, y, circularShifts(TIME), { maxima })));
    bothMs.push(await milliseconds(() => nullMaxima(x, y, circularShifts(TIME), { maxima, onFilter: () => {} })));
  }
  const shifts = 2 * x.rows * y.rows * TIME * TIME;
  const nullRate = shifts / median(nullMs);
  const warpMs = await milliseconds(() => {
    for (let pair = 0; pair < WARPED_PAIRS; pair++) pairMetrics(matrixRow(largeX, pair), matrixRow(largeY, pair));
  });
  await release();
  const gflops = (rate: number) => rounded(rate / 1e6);
  return [
    {
      name: 'coupling',
      ratio: 'plain double loop ÷ correlate (JavaScript, 64 × 2,208 × 900)',
      value: median(plainMs) / median(correlateMs),
      bound: { atLeast: 2 },
      details: {
        plainMs: rounded(median(plainMs)),
        correlateMs: rounded(median(correlateMs)),
        correlateOnEngineMs: rounded(median(engineMs)),
        correlate512x20000Ms: rounded(largeMs),
      },
    },
    {
      name: 'coupling of 512 FBNs × 20,000 filters',
      ratio: 'rate of correlate ÷ rate of the engine’s product',
      value: largeRate / median(rates),
      bound: { atLeast: 0.7 },
      details: { correlateMs: rounded(median(largeEngineMs)), gflops: gflops(largeRate), productGflops: gflops(median(rates)) },
    },
    {
      name: 'null of the maximum',
      ratio: 'seconds for all 899 shifts of 64 FBNs × 2,208 filters × 900',
      value: median(nullMs) / 1000,
      bound: { atMost: 2 },
      details: {
        gflops: gflops(nullRate),
        ofProductRate: rounded(nullRate / median(rates)),
        bothDirectionsMs: rounded(median(bothMs)),
        numpyFftMs: numpyMilliseconds() ?? 'no python3 has NumPy here',
      },
    },
    {
      name: 'metrics of pairs with DTW',
      ratio: `seconds for ${WARPED_PAIRS} pairs of 900 points`,
      value: warpMs / 1000,
      bound: { atMost: 5 },
      details: { msPerPair: rounded(warpMs / WARPED_PAIRS) },
    },
  ];
}

/** The same maxima by FFT in NumPy. */
function numpyMilliseconds(): number | undefined {
  const sizes = [lastLayer.fbns, lastLayer.filters, TIME, REPETITIONS].map(String);
  for (const python of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(python, [join(import.meta.dirname, 'fft-null.py'), ...sizes]);
    if (status === 0) return rounded(1000 * median(stdout.toString().trim().split('\n').map(Number)));
  }
  return undefined;
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
