import { nullMaxima, type NullOptions } from './null-maxima';
import type { SeriesMatrix } from './series';
import { circularShifts } from './surrogates';

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

/**
 * The null distribution of the maximum over filters: every FBN series is shifted around the run by 1 … N−1 time points,
 * which keeps its autocorrelation, and its largest r over all filters is taken again. An argmax over more filters is
 * larger by chance; this null grows with it.
 * @param x FBN activations [fbns, time]
 * @param y filter activations [filters, time], same time axis; constant and non-finite filters take no part
 * @param options `maxima` on an engine for large sets: N² · fbns · filters multiply-adds
 * @returns one entry per FBN; null where the FBN, or every filter, is constant or not finite
 * @throws UserError where the time axes differ or have fewer than 3 points
 */
export async function circularShiftMaxNull(
  x: SeriesMatrix,
  y: SeriesMatrix,
  options: NullOptions = {},
): Promise<(ShiftNull | null)[]> {
  const maxima = await nullMaxima(x, y, circularShifts(x.columns), options);
  return Array.from({ length: x.rows }, (_, fbn) => {
    const own = maxima.data.subarray(fbn * maxima.columns, (fbn + 1) * maxima.columns);
    return Number.isNaN(own[0]) ? null : summariseNull(own, roundingOf(options));
  });
}

/** Maxima this close are equal: a periodic series shifted by its period must count, whatever the rounding. */
export const ROUNDING = { float32: 5e-7, float64: 1e-7 } as const;

/** Engines compute in float32. */
export function roundingOf({ maxima }: NullOptions): number {
  return maxima ? ROUNDING.float32 : ROUNDING.float64;
}

/** @param maxima [1 + n], the observed one first */
export function summariseNull(maxima: Float64Array, rounding: number): ShiftNull {
  const observed = Math.min(1, maxima[0]!);
  const others = maxima.slice(1).sort();
  const exceed = countAtLeast(others, observed - rounding);
  return { observed, exceed, p: (exceed + 1) / maxima.length, q95: Math.min(1, quantileOfSorted(others, 0.95)) };
}

/** How many of sorted values are at least as large. */
export function countAtLeast(sorted: Float64Array | Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! >= value) high = middle;
    else low = middle + 1;
  }
  return sorted.length - low;
}

/** Linear interpolation between the closest ranks, as NumPy's default. */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
