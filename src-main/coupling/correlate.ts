import { createMatrix, type Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import {
  inBlocks,
  multiplyTransposed,
  rowsPerBlock,
  toMatrix,
  type Correlator,
  type SeriesMaxima,
  type SeriesProduct,
} from './product';
import { checkTimeAxes, toUnitSeries, type SeriesMatrix, type SeriesNames, type UnitSeries } from './series';

export interface CorrelateOptions {
  /** Does the product elsewhere, for large sets; by default it is done here, in JavaScript. */
  product?: SeriesProduct | undefined;
  /** The same for the largest entries of products, which nulls are made of. */
  maxima?: SeriesMaxima | undefined;
  context?: WorkContext | undefined;
  /** What errors call the two sets. */
  names?: SeriesNames | undefined;
}

/** Series of `y` handed to an engine at a time: bounds the memory that it takes, and keeps what it works on in its cache. */
const SERIES_PER_PRODUCT = 1024;
const defaultNames: SeriesNames = { x: 'FBN activations', y: 'filter activations' };

/**
 * r[i][j] = ⟨zx_i, zy_j⟩ / T for z-scored series (population standard deviation), within 1e-6.
 * @param x [series, time]
 * @param y [series, time], same time axis
 * @returns float32 [x series, y series]; NaN where a series is constant or not finite
 * @throws UserError where the time axes differ or have fewer than 3 points
 * @see Sync-ACT, section 3.1
 */
export async function correlate(x: SeriesMatrix, y: SeriesMatrix, options: CorrelateOptions = {}): Promise<Matrix> {
  checkTimeAxes(x, y, options.names ?? defaultNames);
  const r = createMatrix(x.rows, y.rows);
  await fill(r, x, y, options);
  return r;
}

/**
 * The same in float64 from end to end, always computed here: for p-values far in the tails, whose relative error is
 * that of r times hundreds.
 * @returns float64 [x series, y series]; NaN where a series is constant or not finite
 */
export async function correlateExactly(
  x: SeriesMatrix,
  y: SeriesMatrix,
  { context, names = defaultNames }: Omit<CorrelateOptions, 'product'> = {},
): Promise<SeriesMatrix & { data: Float64Array }> {
  checkTimeAxes(x, y, names);
  const r = { rows: x.rows, columns: y.rows, data: new Float64Array(x.rows * y.rows) };
  await fill(r, x, y, { context });
  return r;
}

/** Fills r for a block of y at a time, so that only a block of y is held in float64. */
async function fill(r: SeriesMatrix, x: SeriesMatrix, y: SeriesMatrix, { product, context }: CorrelateOptions): Promise<void> {
  const ux = toUnitSeries(x);
  const left = product && toMatrix(ux);
  const correlator = left && y.data instanceof Float32Array ? await product.correlator?.(left) : undefined;
  const size = product ? SERIES_PER_PRODUCT : rowsPerBlock(x.rows * x.columns);
  try {
    await inBlocks({ rows: y.rows, size, stage: 'correlating', unit: 'series', context }, async (start, end) => {
      const block = { ...y, rows: end - start, data: y.data.subarray(start * y.columns, end * y.columns) };
      if (correlator) return correlateBlock(r, ux, block, start, correlator);
      const uy = toUnitSeries(block);
      if (product && left) copyBlock((await product(left, toMatrix(uy))).data, r, start, uy.rows);
      else multiplyTransposed(ux, uy, { data: r.data, offset: start, stride: r.columns });
      finish(r, ux, uy.defined, start);
    });
  } finally {
    await correlator?.release();
  }
}

/**
 * Beyond these, float32 has lost too much of a series on the engine, or it has no r at all: its mean is more than a hundred standard
 * deviations away from zero, its squares leave the range of the numbers, it is constant or not finite.
 */
const TRUSTED = { squaredMean: 1e4, least: 1e-30, most: 1e30 } as const;

/** Columns from `start` on by a correlator; those of series that it cannot be trusted with are computed again here. */
async function correlateBlock(
  r: SeriesMatrix,
  ux: UnitSeries,
  block: SeriesMatrix,
  start: number,
  correlator: Correlator,
): Promise<void> {
  const { r: computed, mean, squares } = await correlator.with(block as Matrix);
  copyBlock(computed, r, start, block.rows);
  const columns = block.columns;
  for (let j = 0; j < block.rows; j++) {
    const isInRange = squares[j]! >= TRUSTED.least && squares[j]! <= TRUSTED.most;
    if (isInRange && columns * mean[j]! ** 2 <= TRUSTED.squaredMean * squares[j]!) continue;
    const data = block.data.subarray(j * columns, (j + 1) * columns);
    const uy = toUnitSeries({ rows: 1, columns, data });
    multiplyTransposed(ux, uy, { data: r.data, offset: start + j, stride: r.columns });
    finish(r, ux, uy.defined, start + j);
  }
  ux.defined.forEach((isDefined, i) => {
    if (!isDefined) r.data.fill(NaN, i * r.columns + start, i * r.columns + start + block.rows);
  });
}

/** Columns [start, start + width) of r. */
function copyBlock(block: Float32Array, r: SeriesMatrix, start: number, width: number): void {
  for (let i = 0; i < r.rows; i++) r.data.set(block.subarray(i * width, (i + 1) * width), i * r.columns + start);
}

/** Rounding may carry r past ±1; undefined series, zeros until now, give NaN. */
function finish(r: SeriesMatrix, x: UnitSeries, definedY: Uint8Array, offset: number): void {
  for (let i = 0; i < r.rows; i++) {
    const row = r.data.subarray(i * r.columns + offset, i * r.columns + offset + definedY.length);
    for (let j = 0; j < row.length; j++) {
      row[j] = x.defined[i] && definedY[j] ? Math.max(-1, Math.min(1, row[j]!)) : NaN;
    }
  }
}
