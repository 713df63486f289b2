/** The 99th percentile of |map|: where the colours of a map end unless somebody says otherwise. NaN does not count. */
export function mapLimit(map: Float32Array): number {
  const magnitudes = map
    .filter((value) => !Number.isNaN(value))
    .map(Math.abs)
    .sort();
  return magnitudes[Math.floor(0.99 * (magnitudes.length - 1))] || 1;
}
