import { toZScores } from './series';

/** How far two z-scored series are apart, as in the paper's Table 4. */
export interface PairMetrics {
  /** Mean absolute difference. */
  MAE: number;
  /** Mean squared difference, 2 (1 − PCC). */
  MSE: number;
  RMSE: number;
  /** Dynamic time warping: √ of the least sum of squared differences along a warping path, without a window. */
  DTW: number;
  /** Pearson's r. */
  PCC: number;
}

/**
 * Metrics of one pair, of its z-scores (population standard deviation).
 * @param x series of one FBN
 * @param y series of one filter, same length
 * @returns null where a series is constant or not finite
 * @see Sync-ACT, Table 4
 */
export function pairMetrics(x: Float32Array | Float64Array, y: Float32Array | Float64Array): PairMetrics | null {
  const zx = toZScores(x);
  const zy = toZScores(y);
  if (!zx || !zy) return null;
  let absolute = 0;
  let squared = 0;
  let product = 0;
  for (let t = 0; t < zx.length; t++) {
    const difference = zx[t]! - zy[t]!;
    absolute += Math.abs(difference);
    squared += difference * difference;
    product += zx[t]! * zy[t]!;
  }
  const time = zx.length;
  return {
    MAE: absolute / time,
    MSE: squared / time,
    RMSE: Math.sqrt(squared / time),
    DTW: warpingDistance(zx, zy),
    PCC: Math.max(-1, Math.min(1, product / time)),
  };
}

/** D(i, j) = (x_i − y_j)² + min(D(i−1, j), D(i, j−1), D(i−1, j−1)); √D at the end, with two rows of D in memory. */
function warpingDistance(x: Float64Array, y: Float64Array): number {
  let above = new Float64Array(y.length + 1).fill(Infinity);
  let row = new Float64Array(y.length + 1);
  above[0] = 0;
  for (const value of x) {
    row[0] = Infinity;
    for (let j = 1; j <= y.length; j++) {
      const difference = value - y[j - 1]!;
      row[j] = difference * difference + Math.min(above[j]!, row[j - 1]!, above[j - 1]!);
    }
    [above, row] = [row, above];
  }
  return Math.sqrt(above[y.length]!);
}
