import { warpingDistance } from './dynamic-time-warping';
import { toZScores } from './series';

/** How far two z-scored series are apart, as in the paper's Table 4, and Spearman's r. */
export interface PairMetrics {
  /** Mean absolute difference. */
  MAE: number;
  /** Mean squared difference, 2 (1 − PCC). */
  MSE: number;
  RMSE: number;
  /** Dynamic time warping: √ of the least sum of squared differences along a warping path. */
  DTW: number;
  /** The same within a Sakoe–Chiba band, where one is asked for. */
  DTWInBand?: number;
  /** Pearson's r. */
  PCC: number;
  /** Spearman's r: Pearson's r of the ranks, of equals their mean. */
  Spearman: number;
}

/** How metrics are computed. */
export interface MetricsOptions {
  /** Sakoe–Chiba band in time points, for a second DTW beside the paper's, which has none. */
  band?: number | undefined;
}

/**
 * Metrics of one pair, of its z-scores (population standard deviation).
 * @param x series of one FBN
 * @param y series of one filter, same length
 * @returns null where a series is constant or not finite
 * @see Sync-ACT, Table 4
 */
export function pairMetrics(
  x: Float32Array | Float64Array,
  y: Float32Array | Float64Array,
  { band }: MetricsOptions = {},
): PairMetrics | null {
  const zx = toZScores(x);
  const zy = toZScores(y);
  if (!zx || !zy) return null;
  let absolute = 0;
  let squared = 0;
  for (let t = 0; t < zx.length; t++) {
    const difference = zx[t]! - zy[t]!;
    absolute += Math.abs(difference);
    squared += difference * difference;
  }
  const time = zx.length;
  return {
    MAE: absolute / time,
    MSE: squared / time,
    RMSE: Math.sqrt(squared / time),
    DTW: warpingDistance(zx, zy),
    ...(band !== undefined && { DTWInBand: warpingDistance(zx, zy, band) }),
    PCC: meanProduct(zx, zy),
    Spearman: meanProduct(toZScores(ranks(x))!, toZScores(ranks(y))!),
  };
}

function meanProduct(zx: Float64Array, zy: Float64Array): number {
  let product = 0;
  for (let t = 0; t < zx.length; t++) product += zx[t]! * zy[t]!;
  return Math.max(-1, Math.min(1, product / zx.length));
}

/** 1 for the smallest; equals share the mean of their ranks. */
export function ranks(values: Float32Array | Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) result[order[k]!] = (start + end + 1) / 2;
    start = end;
  }
  return result;
}
