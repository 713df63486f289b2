/** How deep in a model an FBN is predicted; NaN where not known. */
export interface DepthProfile {
  fbn: number;
  /** Place among the layers of the one that predicts it best. */
  best: number;
  /** From 0, the first layer, to 1, the last. */
  centre: number;
  /** By layer, shallow to deep. */
  r: Float64Array;
}

/** FBNs that any layer says something of. @param table [fbns, 2 + layers], the resource `hierarchy` */
export function depthProfiles(table: Float64Array, layers: number): DepthProfile[] {
  const width = 2 + layers;
  return Array.from({ length: table.length / width }, (_, fbn) => {
    const row = table.subarray(fbn * width, (fbn + 1) * width);
    return { fbn, best: row[0]!, centre: row[1]!, r: row.subarray(2) };
  }).filter(({ best }) => !Number.isNaN(best));
}
