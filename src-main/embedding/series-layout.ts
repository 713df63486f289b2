import type { LossTerms } from './computation';
import { dot } from './computation-parts';

/*
 * Series of a group laid out one time step after the other: row t·batch + b is time t of series b. Series shorter than the longest
 * are filled up with zeros at their end, which a recurrence from past to future cannot see.
 */

/**
 * @param products [H | A] of each series, [time, 2m]
 * @param times of each series
 * @returns h and target [rows, m]; included [rows], 1 where a series goes on
 */
export function layOutSeries(
  products: readonly Float32Array[],
  times: readonly number[],
  m: number,
): { h: Float32Array; target: Float32Array; included: Float32Array } {
  const batch = times.length;
  const rows = Math.max(...times) * batch;
  const [h, target, included] = [new Float32Array(rows * m), new Float32Array(rows * m), new Float32Array(rows)];
  for (const [b, both] of products.entries())
    for (let t = 0; t < times[b]!; t++) {
      const row = t * batch + b;
      h.set(both.subarray(2 * t * m, (2 * t + 1) * m), row * m);
      target.set(both.subarray((2 * t + 1) * m, 2 * (t + 1) * m), row * m);
      included[row] = 1;
    }
  return { h, target, included };
}

/** One series of a layout, without what it was filled up with: [time, columns]. */
export function gatherSeries(laidOut: Float32Array, series: number, times: readonly number[], columns: number): Float32Array {
  const values = new Float32Array(times[series]! * columns);
  for (let t = 0; t < times[series]!; t++) {
    const row = t * times.length + series;
    values.set(laidOut.subarray(row * columns, (row + 1) * columns), t * columns);
  }
  return values;
}

/**
 * The loss terms of each series of a group.
 * @param laidOut Z, its target A and Z K, each [rows, m]
 * @param times of each series
 */
export function lossTermsOfSeries(
  { reconstruction, target, weighted }: Record<'reconstruction' | 'target' | 'weighted', Float32Array>,
  times: readonly number[],
  m: number,
): LossTerms[] {
  return times.map((_, b) => {
    const Z = gatherSeries(reconstruction, b, times, m);
    const [A, ZK] = [gatherSeries(target, b, times, m), gatherSeries(weighted, b, times, m)];
    return { cross: dot(Z, A), quadratic: dot(Z, ZK) };
  });
}
