import fc from 'fast-check';
import type { SeriesMatrix } from '../../../src-main/coupling/series';

/** Series from rows of numbers, in float64. */
export function series(...rows: readonly (readonly number[])[]): SeriesMatrix & { data: Float64Array } {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, data: Float64Array.from(rows.flat()) };
}

/** Normal deviates from a seed (mulberry32, Box–Muller), the same every time. */
export function noise(rows: number, columns: number, seed: number): SeriesMatrix & { data: Float64Array } {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const deviate = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, deviate) };
}

/** Any set of up to `maximumRows` finite series of the given length, constant ones among them. */
export function anySeries(columns: number, maximumRows: number): fc.Arbitrary<SeriesMatrix & { data: Float64Array }> {
  const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: -3, max: 3 }));
  const row = fc.oneof(
    { weight: 9, arbitrary: fc.array(value, { minLength: columns, maxLength: columns }) },
    { weight: 1, arbitrary: value.map((constant) => Array.from({ length: columns }, () => constant)) },
  );
  return fc.array(row, { minLength: 1, maxLength: maximumRows }).map((rows) => series(...rows));
}
