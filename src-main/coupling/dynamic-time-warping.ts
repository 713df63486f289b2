/**
 * Dynamic time warping: D(i, j) = (x_i − y_j)² + min(D(i−1, j), D(i, j−1), D(i−1, j−1)); √D at the end. No library: those on npm
 * hold the whole matrix or take a callback per cell, ten times as slow.
 * @param band Sakoe–Chiba: cells with |i − j| above it (in time points) are out; at least the difference in length is allowed, so
 *   that a path exists. Without it every path is allowed
 * @see Sakoe & Chiba 1978; Sync-ACT, Table 4
 */
export function warpingDistance(x: Float64Array, y: Float64Array, band?: number): number {
  if (band !== undefined) return bandedDistance(x, y, Math.max(band, Math.abs(x.length - y.length)));
  const row = new Float64Array(y.length + 4).fill(Infinity);
  row[0] = 0;
  const inFours = x.length - (x.length % 4);
  const padded = new Float64Array(y.length + 6).fill(Infinity);
  padded.set(y, 3);
  for (let i = 0; i < inFours; i += 4) advanceFour(row, x, i, padded, y.length);
  for (let i = inFours; i < x.length; i++) advanceOne(row, x[i]!, y, 1, y.length);
  return Math.sqrt(row[y.length]!);
}

/**
 * Four rows of D at once, each one column behind the row above it: the four cells of a step then depend on cells of earlier steps
 * only, and the processor works on them together. Cells left of the first and right of the last column are infinite, because y is
 * so there.
 * @param padded y from the fourth place on, Infinity around it
 */
function advanceFour(row: Float64Array, x: Float64Array, i: number, padded: Float64Array, columns: number): void {
  const x0 = x[i]!;
  const x1 = x[i + 1]!;
  const x2 = x[i + 2]!;
  const x3 = x[i + 3]!;
  let aboveBefore = row[0]!;
  row[0] = Infinity;
  let a1 = Infinity;
  let a2 = Infinity;
  let b1 = Infinity;
  let b2 = Infinity;
  let c1 = Infinity;
  let c2 = Infinity;
  let d1 = Infinity;
  let y1 = Infinity;
  let y2 = Infinity;
  let y3 = Infinity;
  for (let j = 1; j <= columns + 3; j++) {
    const y0 = padded[j + 2]!;
    const above = row[j]!;
    const e0 = x0 - y0;
    const e1 = x1 - y1;
    const e2 = x2 - y2;
    const e3 = x3 - y3;
    const a = e0 * e0 + Math.min(Math.min(above, aboveBefore), a1);
    const b = e1 * e1 + Math.min(Math.min(a1, a2), b1);
    const c = e2 * e2 + Math.min(Math.min(b1, b2), c1);
    const d = e3 * e3 + Math.min(Math.min(c1, c2), d1);
    aboveBefore = above;
    a2 = a1;
    a1 = a;
    b2 = b1;
    b1 = b;
    c2 = c1;
    c1 = c;
    d1 = d;
    y3 = y2;
    y2 = y1;
    y1 = y0;
    if (j > 3) row[j - 3] = d;
  }
}

/** The next row of D in the place of the last, in columns first … last; what is left of them becomes infinite. */
function advanceOne(row: Float64Array, value: number, y: Float64Array, first: number, last: number): void {
  let before = row[first - 1]!;
  row[first - 1] = Infinity;
  let left = Infinity;
  for (let j = first; j <= last; j++) {
    const difference = value - y[j - 1]!;
    const above = row[j]!;
    left = difference * difference + Math.min(Math.min(above, before), left);
    before = above;
    row[j] = left;
  }
}

function bandedDistance(x: Float64Array, y: Float64Array, band: number): number {
  const row = new Float64Array(y.length + 1).fill(Infinity);
  row[0] = 0;
  for (let i = 1; i <= x.length; i++) advanceOne(row, x[i - 1]!, y, Math.max(1, i - band), Math.min(y.length, i + band));
  return Math.sqrt(row[y.length]!);
}
