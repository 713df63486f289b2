import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import type { CorrelateOptions } from './correlate';
import { inBlocks, multiplyTransposed, rowsBetween, rowsPerBlock, toMatrix, type Rows, type SeriesProduct } from './product';
import { checkTimeAxes, toUnitSeries, type SeriesMatrix, type UnitSeries } from './series';

/** One FBN's largest r over all filters against the same under every circular shift. */
export interface ShiftNull {
  /** The largest r over the filters, unshifted. */
  observed: number;
  /** Shifts 1 … N−1 under which the largest r is at least as large. */
  exceed: number;
  /** (exceed + 1) / N. */
  p: number;
  /** 95 % quantile of the largest r over the shifts, linearly interpolated. */
  q95: number;
}

/** Maxima this close are equal: a periodic series shifted by its period must count, whatever the rounding. */
const ROUNDING = 1e-7;
const SERIES_PER_PRODUCT = 4096;

/**
 * The null distribution of the maximum over filters: every FBN series is shifted around the run by 1 … N−1 time points,
 * which keeps its autocorrelation, and its largest r over all filters is taken again. An argmax over more filters is
 * larger by chance; this null grows with it.
 * @param x FBN activations [fbns, time]
 * @param y filter activations [filters, time], same time axis; constant and non-finite filters take no part
 * @param options a `product` on an engine for large sets: N² · fbns · filters multiply-adds
 * @returns one entry per FBN; null where the FBN, or every filter, is constant or not finite
 * @throws UserError where the time axes differ or have fewer than 3 points
 */
export async function circularShiftMaxNull(
  x: SeriesMatrix,
  y: SeriesMatrix,
  { product, context, names = { x: 'FBN activations', y: 'filter activations' } }: CorrelateOptions = {},
): Promise<(ShiftNull | null)[]> {
  checkTimeAxes(x, y, names);
  const ux = toUnitSeries(x);
  const filters = keepDefined(toUnitSeries(y));
  if (filters.rows === 0) return Array.from({ length: x.rows }, () => null);
  const multiply = product ? multiplyElsewhere(product) : multiplyHere;
  const size = product ? SERIES_PER_PRODUCT : rowsPerBlock(x.columns * x.columns);
  const parts = Array.from({ length: Math.ceil(filters.rows / size) }, (_, block) =>
    rowsBetween(filters, block * size, Math.min((block + 1) * size, filters.rows)),
  );
  const nulls: (ShiftNull | null)[] = [];
  await inBlocks({ rows: x.rows, size: 1, stage: 'shifting FBN activations', unit: 'FBNs', context }, async (fbn) => {
    nulls.push(ux.defined[fbn] ? await shiftNull(rowsBetween(ux, fbn, fbn + 1).data, parts, multiply, context) : null);
  });
  return nulls;
}

/** r [rows of a, rows of b] of unit series. */
type Multiply = (a: Rows, b: Rows) => Promise<Float32Array | Float64Array>;

function multiplyElsewhere(product: SeriesProduct): Multiply {
  const converted = new Map<Rows, Matrix>();
  return async (a, b) => {
    // The filters are the same for every FBN, so that they are turned into float32 once.
    const right = converted.get(b) ?? toMatrix(b);
    converted.set(b, right);
    return (await product(toMatrix(a), right)).data;
  };
}

async function multiplyHere(a: Rows, b: Rows): Promise<Float64Array> {
  const data = new Float64Array(a.rows * b.rows);
  multiplyTransposed(a, b, { data, offset: 0, stride: b.rows });
  await setImmediate();
  return data;
}

async function shiftNull(series: Float64Array, parts: readonly Rows[], multiply: Multiply, context: WorkContext | undefined) {
  const shifted = allShifts(series);
  const largest = new Float64Array(shifted.rows).fill(-1);
  for (const part of parts) {
    throwIfCancelled(context?.signal);
    raise(largest, await multiply(shifted, part), part.rows);
  }
  return summarise(largest);
}

function keepDefined({ rows, columns, data, defined }: UnitSeries): UnitSeries {
  const kept = [...defined.keys()].filter((i) => defined[i]);
  const result = new Float64Array(kept.length * columns);
  kept.forEach((i, to) => result.set(data.subarray(i * columns, (i + 1) * columns), to * columns));
  return kept.length === rows
    ? { rows, columns, data, defined }
    : { rows: kept.length, columns, data: result, defined: new Uint8Array(kept.length).fill(1) };
}

/** Row s is the series shifted by s time points: [N, N]. */
function allShifts(series: Float64Array): Rows {
  const time = series.length;
  const data = new Float64Array(time * time);
  for (let shift = 0; shift < time; shift++) {
    data.set(series.subarray(time - shift), shift * time);
    data.set(series.subarray(0, time - shift), shift * time + shift);
  }
  return { rows: time, columns: time, data };
}

/** Raises the largest r of every shift by a block of r [shifts, filters]. */
function raise(largest: Float64Array, r: Float32Array | Float64Array, columns: number): void {
  for (let shift = 0; shift < largest.length; shift++) {
    let maximum = largest[shift]!;
    for (let j = shift * columns; j < (shift + 1) * columns; j++) if (r[j]! > maximum) maximum = r[j]!;
    largest[shift] = maximum;
  }
}

function summarise(largest: Float64Array): ShiftNull {
  const observed = Math.min(1, largest[0]!);
  const others = largest.slice(1).sort();
  const exceed = others.filter((value) => value >= observed - ROUNDING).length;
  return { observed, exceed, p: (exceed + 1) / largest.length, q95: Math.min(1, quantileOfSorted(others, 0.95)) };
}

/** Linear interpolation between the closest ranks, as NumPy's default. */
function quantileOfSorted(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
