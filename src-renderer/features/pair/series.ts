/** (x − mean) / SD with the population's SD; NaN throughout for a constant series. */
export function zScores(series: Float32Array): Float32Array {
  let [sum, squares] = [0, 0];
  for (const value of series) sum += value;
  const mean = sum / series.length;
  for (const value of series) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / series.length);
  return series.map((value) => (deviation > 0 ? (value - mean) / deviation : NaN));
}

/** Pearson's r of two series in a window around every sample; NaN where the window does not fit or a series is constant in it. */
export function slidingR(x: Float32Array, y: Float32Array, window: number): Float32Array {
  const result = new Float32Array(x.length).fill(NaN);
  const half = Math.floor(window / 2);
  for (let start = 0; start + window <= x.length; start++) {
    const [a, b] = [zScores(x.subarray(start, start + window)), zScores(y.subarray(start, start + window))];
    let sum = 0;
    for (let i = 0; i < window; i++) sum += a[i]! * b[i]!;
    result[start + half] = sum / window;
  }
  return result;
}
