/** Fine enough that a percentile is right to a thousandth of the largest weight. */
const BINS = 2048;

/**
 * Percentiles of the averaged histogram of maps: the shares of |weight| in common bins, averaged over the maps, so that every map
 * counts the same; linear within a bin.
 * @param maps [voxels] each; voxels without a value take no part
 * @param shares in [0, 1]
 * @returns |weight| at each share; 0 where there is no value at all
 * @see Sync-ACT, Figure 11
 */
export function averagedPercentiles(maps: readonly ArrayLike<number>[], shares: readonly number[]): number[] {
  let largest = 0;
  for (const map of maps) for (let v = 0; v < map.length; v++) if (Math.abs(map[v]!) > largest) largest = Math.abs(map[v]!);
  const histogram = new Float64Array(BINS);
  let counted = 0;
  for (const map of maps) {
    const own = new Uint32Array(BINS);
    let values = 0;
    for (let v = 0; v < map.length; v++) {
      const place = Math.min(BINS - 1, Math.floor((Math.abs(map[v]!) / largest) * BINS));
      if (Number.isNaN(place)) continue;
      own[place]!++;
      values++;
    }
    if (values === 0) continue;
    counted++;
    for (let bin = 0; bin < BINS; bin++) histogram[bin]! += own[bin]! / values;
  }
  return shares.map((share) => (counted === 0 ? 0 : (placeOf(histogram, share * counted) / BINS) * largest));
}

/** Where a histogram's sum reaches a height, in bins. */
function placeOf(histogram: Float64Array, height: number): number {
  let below = 0;
  for (let bin = 0; bin < histogram.length; bin++) {
    const above = below + histogram[bin]!;
    if (above >= height && above > below) return bin + (height - below) / (above - below);
    below = above;
  }
  return histogram.length;
}
