import type { Matrix } from '../../../src-preload/shared/domain/matrix';

/**
 * Inter-subject correlation of FBN activations, leave one out (Hasson et al. 2004; Nastase et al. 2019, section "ISC"): r of each
 * subject's activation with the mean of the others' z-scores, averaged over subjects and movie runs as Fisher's z. Movie runs are
 * added one after the other; memory holds one sum [fbns, time].
 */
export class InterSubjectCorrelation {
  private readonly zSums: Float64Array;
  private readonly counts: Int32Array;

  constructor(private readonly fbns: number) {
    this.zSums = new Float64Array(fbns);
    this.counts = new Int32Array(fbns);
  }

  /**
   * Adds a movie run.
   * @param subjects reads L of each subject, [fbns, time], all of the same length; each is read twice. Fewer than two add nothing
   * @param time time points that count
   */
  add(subjects: readonly (() => Matrix)[], time: number): void {
    if (subjects.length < 2) return;
    const sum = new Float64Array(this.fbns * time);
    for (const read of subjects) {
      const z = zScores(read(), time);
      for (let i = 0; i < sum.length; i++) sum[i]! += z[i]!;
    }
    for (const read of subjects) {
      const z = zScores(read(), time);
      for (let fbn = 0; fbn < this.fbns; fbn++) this.addSubject(fbn, z, sum, time);
    }
  }

  /** Mean r by FBN, [fbns]; NaN where no two subjects saw the same movie run, or a subject's activation is constant. */
  means(): Float64Array {
    return this.zSums.map((sum, fbn) => (this.counts[fbn]! > 0 ? Math.tanh(sum / this.counts[fbn]!) : NaN));
  }

  private addSubject(fbn: number, z: Float64Array, sum: Float64Array, time: number): void {
    let product = 0;
    let squares = 0;
    for (let t = fbn * time; t < (fbn + 1) * time; t++) {
      const others = sum[t]! - z[t]!;
      product += z[t]! * others;
      squares += others * others;
    }
    const r = product / Math.sqrt(squares * time);
    // Two subjects with the very same activation would make z infinite.
    this.zSums[fbn]! += Math.atanh(Math.max(-1 + 1e-12, Math.min(1 - 1e-12, r)));
    this.counts[fbn]!++;
  }
}

/** z-scores of the first time points of every series (population deviation), [fbns, time]; NaN where constant. */
function zScores({ rows, columns, data }: Matrix, time: number): Float64Array {
  const z = new Float64Array(rows * time);
  for (let row = 0; row < rows; row++) {
    const series = data.subarray(row * columns, row * columns + time);
    const mean = series.reduce((sum, value) => sum + value, 0) / time;
    const variance = series.reduce((sum, value) => sum + (value - mean) ** 2, 0) / time;
    // Rounding of the mean would leave a constant series with a little variance.
    const scale = series.some((value) => value !== series[0]) ? 1 / Math.sqrt(variance) : NaN;
    for (let t = 0; t < time; t++) z[row * time + t] = (series[t]! - mean) * scale;
  }
  return z;
}
