import type { Matrix } from '../../../src-preload/shared/domain/matrix';

/** Every series with mean 0 and length 1, in float64; zeros where it is constant. */
export function unitSeries({ rows, columns, data }: Matrix): Float64Array {
  const units = Float64Array.from(data);
  for (let i = 0; i < rows; i++) {
    const series = units.subarray(i * columns, (i + 1) * columns);
    const mean = series.reduce((sum, value) => sum + value, 0) / columns;
    let squares = 0;
    let largest = 0;
    for (let t = 0; t < columns; t++) {
      largest = Math.max(largest, Math.abs(series[t]!));
      series[t]! -= mean;
      squares += series[t]! * series[t]!;
    }
    const length = Math.sqrt(squares);
    // Rounding of the mean leaves a constant series with next to nothing.
    const scale = length > 1e-6 * largest * Math.sqrt(columns) ? 1 / length : 0;
    for (let t = 0; t < columns; t++) series[t]! *= scale;
  }
  return units;
}
