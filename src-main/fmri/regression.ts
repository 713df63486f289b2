/** A column whose part that the earlier ones do not explain is below this share of it is dropped. */
const DEPENDENT = 1e-9;

/**
 * Orthonormal columns that span what is removed from every voxel's series: the intercept, a straight line where wanted, and
 * confounds. Gram–Schmidt twice, which is as orthogonal as Householder's QR; columns that depend on earlier ones are left out.
 * @param time rows T
 * @param confounds each of length T
 * @returns columns of length T; the first is constant, 1/√T
 */
export function orthonormalDesign(time: number, detrend: boolean, confounds: readonly Float64Array[] = []): Float64Array[] {
  const columns: Float64Array[] = [new Float64Array(time).fill(1)];
  if (detrend) columns.push(Float64Array.from({ length: time }, (_, t) => t));
  columns.push(...confounds);
  const basis: Float64Array[] = [];
  for (const column of columns) {
    const residual = Float64Array.from(column);
    for (const direction of [...basis, ...basis]) subtractProjection(residual, direction);
    const left = norm(residual);
    if (left > DEPENDENT * norm(column)) basis.push(residual.map((value) => value / left));
  }
  return basis;
}

/** Takes one direction (of length 1) out of a series, in place. */
export function subtractProjection(vector: Float32Array | Float64Array, direction: Float64Array): void {
  let product = 0;
  for (let t = 0; t < vector.length; t++) product += vector[t]! * direction[t]!;
  for (let t = 0; t < vector.length; t++) vector[t]! -= product * direction[t]!;
}

function norm(vector: Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

/**
 * Standardises series that arrive volume by volume: first every row is accumulated, then every row is turned into
 * z = (s − X Xᵀ s) / σ, with X orthonormal and σ the population standard deviation of what is left. All sums are float64 and of
 * differences from the first row, so that a large mean costs no digits.
 */
export class RowStandardizer {
  private readonly first: Float64Array;
  private readonly squares: Float64Array;
  /** Xᵀ(S − first row), one vector over voxels per column of X. */
  private readonly projections: Float64Array[];
  private inverse = new Float64Array();
  private work: Float64Array;
  private rows = 0;

  /**
   * @param design columns X from orthonormalDesign, the constant one first
   * @param voxels values per row
   */
  constructor(
    private readonly design: readonly Float64Array[],
    private readonly voxels: number,
  ) {
    this.first = new Float64Array(voxels);
    this.squares = new Float64Array(voxels);
    this.work = new Float64Array(voxels);
    this.projections = design.map(() => new Float64Array(voxels));
  }

  /** Takes the next row. */
  accumulate(row: Float32Array): void {
    if (this.rows === 0) this.first.set(row);
    const { work, first, squares } = this;
    for (let v = 0; v < work.length; v++) {
      const difference = row[v]! - first[v]!;
      work[v] = difference;
      squares[v]! += difference * difference;
    }
    this.design.forEach((column, j) => addMultiple(this.projections[j]!, column[this.rows]!, work));
    this.rows++;
  }

  /** Ends the first pass. @returns the mean map and the voxels, ascending, that are constant or not finite */
  finish(): { mean: Float32Array; constant: number[]; nonFinite: number[] } {
    const mean = new Float32Array(this.voxels);
    const constant: number[] = [];
    const nonFinite: number[] = [];
    this.inverse = new Float64Array(this.voxels);
    for (let v = 0; v < this.voxels; v++) {
      const average = this.first[v]! + this.projections[0]![v]! / Math.sqrt(this.rows);
      const explained = this.projections.reduce((sum, projection) => sum + projection[v]! ** 2, 0);
      const deviation = Math.sqrt(Math.max(0, this.squares[v]! - explained) / this.rows);
      mean[v] = average;
      if (!Number.isFinite(this.squares[v]! + average)) nonFinite.push(v);
      else if (isRounding(deviation, average, Math.sqrt(this.squares[v]! / this.rows))) constant.push(v);
      else this.inverse[v] = 1 / deviation;
    }
    return { mean, constant, nonFinite };
  }

  /** Row t as z-scores, in place; 0 in constant and non-finite voxels. */
  standardize(row: Float32Array, t: number): void {
    const { work, first, inverse } = this;
    for (let v = 0; v < work.length; v++) work[v] = row[v]! - first[v]!;
    this.design.forEach((column, j) => addMultiple(work, -column[t]!, this.projections[j]!));
    for (let v = 0; v < work.length; v++) row[v] = inverse[v] === 0 ? 0 : work[v]! * inverse[v]!;
  }
}

/** Whether a deviation is no more than the rounding of float32 values of that mean, or of sums of that spread. */
function isRounding(deviation: number, mean: number, spread: number): boolean {
  return deviation <= Math.abs(mean) * 2 ** -23 || deviation <= spread * 1e-6;
}

function addMultiple(to: Float64Array, factor: number, from: Float64Array): void {
  for (let v = 0; v < to.length; v++) to[v]! += factor * from[v]!;
}
