import type { WorkContext } from '../../src-preload/shared/domain/work';
import { inBlocks, multiplyTransposed, type Rows, type SeriesProduct } from './product';
import { toUnitSeries, type SeriesMatrix } from './series';

/** Series that are turned into [time, series] at a time: what bounds the memory beside the kernel. */
const SERIES_PER_TILE = 2048;

export interface KernelOptions {
  product?: SeriesProduct | undefined;
  context?: WorkContext | undefined;
}

/** What is done to series, each by itself, before their patterns are taken: `standardised` or `centred`. */
export type Preparation = (series: SeriesMatrix) => SeriesMatrix & { data: Float64Array };

/**
 * Products of the patterns at every two time points, Σ_f a_f(t) b_f(t'), a tile of series at a time: however many there are, a tile and the
 * kernel are held.
 * @param a [series, time of a] @param b the same series over other time points
 * @returns [time of a, time of b]
 */
export async function timeKernel(
  a: SeriesMatrix,
  b: SeriesMatrix,
  prepare: Preparation,
  { product, context }: KernelOptions = {},
): Promise<Rows> {
  const kernel = { rows: a.columns, columns: b.columns, data: new Float64Array(a.columns * b.columns) };
  const work = { rows: a.rows, size: SERIES_PER_TILE, stage: 'comparing time points', unit: 'filters', context };
  await inBlocks(work, async (start, end) => {
    const left = patternsOf(prepare(tileOf(a, start, end)));
    const right = a === b ? left : patternsOf(prepare(tileOf(b, start, end)));
    if (product) {
      const single = (one: Rows) => ({ ...one, data: Float32Array.from(one.data) });
      const { data } = await product(single(left), single(right));
      for (let i = 0; i < data.length; i++) kernel.data[i]! += data[i]!;
    } else {
      const tile = new Float64Array(kernel.data.length);
      multiplyTransposed(left, right, { data: tile, offset: 0, stride: kernel.columns });
      for (let i = 0; i < tile.length; i++) kernel.data[i]! += tile[i]!;
    }
  });
  return kernel;
}

/** Tiles of series, prepared. */
export function* preparedTiles(series: SeriesMatrix, prepare: Preparation): Generator<SeriesMatrix & { data: Float64Array }> {
  for (let start = 0; start < series.rows; start += SERIES_PER_TILE)
    yield prepare(tileOf(series, start, Math.min(series.rows, start + SERIES_PER_TILE)));
}

function tileOf({ columns, data }: SeriesMatrix, start: number, end: number): SeriesMatrix {
  return { rows: end - start, columns, data: data.subarray(start * columns, end * columns) };
}

/** Series as [time, series]. */
function patternsOf({ rows, columns, data }: SeriesMatrix): Rows {
  const patterns = { rows: columns, columns: rows, data: new Float64Array(rows * columns) };
  for (let i = 0; i < rows; i++) for (let t = 0; t < columns; t++) patterns.data[t * rows + i] = data[i * columns + t]!;
  return patterns;
}

/** z-scores of every series; 0 throughout where one is constant or not finite. */
export function standardised(series: SeriesMatrix): SeriesMatrix & { data: Float64Array } {
  const { rows, columns, data } = toUnitSeries(series);
  const scale = Math.sqrt(columns);
  return { rows, columns, data: data.map((value) => value * scale) };
}

/** Every series less its mean; 0 throughout where one is constant or not finite. */
export function centred({ rows, columns, data }: SeriesMatrix): SeriesMatrix & { data: Float64Array } {
  const { defined } = toUnitSeries({ rows, columns, data });
  const result = { rows, columns, data: new Float64Array(rows * columns) };
  for (let i = 0; i < rows; i++) {
    if (!defined[i]) continue;
    let sum = 0;
    for (let t = 0; t < columns; t++) sum += data[i * columns + t]!;
    for (let t = 0; t < columns; t++) result.data[i * columns + t] = data[i * columns + t]! - sum / columns;
  }
  return result;
}
