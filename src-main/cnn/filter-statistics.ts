import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { matrixRow } from '../../src-preload/shared/domain/matrix';

/**
 * Smallest, largest, mean and population standard deviation of every filter's activation over time; values that are not finite are
 * passed over, and a filter without any other has NaN throughout.
 * @param activation [filters × time]
 * @returns [filters × 4]
 */
export function summariseFilters(activation: Matrix): Float32Array {
  const result = new Float32Array(4 * activation.rows);
  for (let filter = 0; filter < activation.rows; filter++) result.set(summarise(matrixRow(activation, filter)), 4 * filter);
  return result;
}

function summarise(series: Float32Array): [number, number, number, number] {
  let [smallest, largest, sum, count] = [Infinity, -Infinity, 0, 0];
  for (const value of series) {
    if (!Number.isFinite(value)) continue;
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
    sum += value;
    count++;
  }
  if (count === 0) return [NaN, NaN, NaN, NaN];
  const mean = sum / count;
  let squares = 0;
  for (const value of series) if (Number.isFinite(value)) squares += (value - mean) ** 2;
  return [smallest, largest, mean, Math.sqrt(squares / count)];
}
