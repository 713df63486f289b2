/** Mean and population SD of a series. */
export function momentsOf(series: Float32Array): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (const value of series) sum += value;
  const mean = sum / series.length;
  for (const value of series) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / series.length) };
}

/** (x − mean) / SD with the population's SD; NaN throughout for a constant series. */
export function zScores(series: Float32Array, { mean, deviation } = momentsOf(series)): Float32Array {
  const z = new Float32Array(series.length).fill(NaN);
  if (deviation > 0) for (let t = 0; t < z.length; t++) z[t] = (series[t]! - mean) / deviation;
  return z;
}

/**
 * Pearson's r of two series in a window around every sample, by running sums; NaN where the window does not fit or a series is
 * constant in it.
 */
export function slidingR(x: Float32Array, y: Float32Array, window: number): Float32Array {
  const result = new Float32Array(x.length).fill(NaN);
  const half = Math.floor(window / 2);
  let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0];
  const add = (t: number, sign: 1 | -1) => {
    const [a, b] = [x[t]!, y[t]!];
    sx += sign * a;
    sy += sign * b;
    sxx += sign * a * a;
    syy += sign * b * b;
    sxy += sign * a * b;
  };
  for (let t = 0; t < x.length; t++) {
    add(t, 1);
    if (t >= window) add(t - window, -1);
    if (t < window - 1) continue;
    const spread = (sxx - (sx * sx) / window) * (syy - (sy * sy) / window);
    if (spread > 1e-9) result[t - window + 1 + half] = (sxy - (sx * sy) / window) / Math.sqrt(spread);
  }
  return result;
}

/** slidingR of the stretch in which both series are there; NaN before it. */
export function slidingRWhereKnown(x: Float32Array, y: Float32Array, window: number): Float32Array {
  const start = x.findIndex((value, t) => !Number.isNaN(value) && !Number.isNaN(y[t]!));
  const result = new Float32Array(x.length).fill(NaN);
  if (start >= 0) result.set(slidingR(x.subarray(start), y.subarray(start), window), start);
  return result;
}

/** What is drawn of an FBN: its mean over subjects as z-scores, and the band of ±1 SD over subjects on the same scale. */
export interface BrainSeries {
  z: Float32Array;
  /** Left out under control: it is of activations as they are. */
  band?: { lower: Float32Array; upper: Float32Array };
}

/** @param bands [3, time]: mean, mean − SD, mean + SD over subjects */
export function brainSeries(bands: Float32Array): BrainSeries {
  const time = bands.length / 3;
  const row = (place: number) => bands.subarray(place * time, (place + 1) * time);
  const moments = momentsOf(row(0));
  return { z: zScores(row(0), moments), band: { lower: zScores(row(1), moments), upper: zScores(row(2), moments) } };
}
