import { CholeskyDecomposition, Matrix as DenseMatrix } from 'ml-matrix';
import type { Engine, EngineSession } from '../../../src-preload/shared/domain/engine';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { buildSpreadGram } from '../graphs';
import { sampleAsFloat32, type LoadedSample } from '../samples';
import { unitSeries } from './unit-series';

/**
 * Added to the diagonal of the correlations between activations, so that FBNs with the same activation explain nothing beyond each
 * other instead of dividing by zero.
 */
const RIDGE = 1e-6;

/** Sums of squares of a run that its FBN activations explain by least squares. */
export interface ExplainedSums {
  /** ‖S‖² over the voxels that take part. */
  total: number;
  /** By all activations together. */
  together: number;
  /** By each on its own, [fbns]. */
  alone: Float64Array;
  /** What would be lost without each, [fbns]: the part that no other explains. */
  unique: Float64Array;
}

/**
 * How much of a run each FBN's activation explains when every voxel is regressed on them (ordinary least squares with a constant).
 * Defined for any embedding, whatever its decoder does. With Q the activations made orthonormal, everything follows from the small
 * matrix (Q S)(Q S)ᵀ.
 */
export class ExplainedVariance {
  private session: Promise<EngineSession> | undefined;
  private readonly included: Float32Array;

  /** @param excludedVoxels columns that take no part */
  constructor(
    private readonly engine: Engine,
    private readonly voxels: number,
    excludedVoxels: Uint32Array,
  ) {
    this.included = new Float32Array(voxels).fill(1);
    for (const voxel of excludedVoxels) this.included[voxel] = 0;
  }

  /**
   * @param activations L of the run, [fbns, time]; a constant one explains nothing
   * @param total ‖S‖² over the voxels that take part
   */
  async of(sample: LoadedSample, activations: Matrix, total: number): Promise<ExplainedSums> {
    const { rows: fbns, columns: time } = activations;
    const units = unitSeries(activations);
    const lower = factorise(units, fbns, time);
    const orthonormal = solveLower(lower, units, time);
    const gram = await this.spreadGram(sample, orthonormal, fbns);
    const inverse = invertLower(lower);
    const sums = { total, together: 0, alone: new Float64Array(fbns), unique: new Float64Array(fbns) };
    for (let i = 0; i < fbns; i++) {
      sums.together += gram[i * fbns + i]!;
      if (!isConstant(units, i, time)) {
        // Row i of R, and column i of its inverse, in terms of Q: the series itself, and its part that no other one holds.
        sums.alone[i] = quadraticForm(gram, (k) => lower.get(i, k), fbns);
        sums.unique[i] = quadraticForm(gram, (k) => inverse.get(k, i), fbns);
      }
    }
    return sums;
  }

  async release(): Promise<void> {
    await (await this.session)?.release();
  }

  private async spreadGram(loaded: LoadedSample, left: Float64Array, fbns: number): Promise<Float32Array> {
    const { time } = loaded.source;
    this.session ??= this.engine.createSession(buildSpreadGram(this.voxels));
    const session = await this.session;
    const outputs = await session.run({
      sample: { type: 'float32', dims: [time, this.voxels], data: sampleAsFloat32(loaded) },
      left: { type: 'float32', dims: [fbns, time], data: Float32Array.from(left) },
      included: { type: 'float32', dims: [1, this.voxels], data: this.included },
    });
    return outputs.gram!.data as Float32Array;
  }
}

function isConstant(units: Float64Array, row: number, time: number): boolean {
  return units.subarray(row * time, (row + 1) * time).every((value) => value === 0);
}

/** Lower R with R Rᵀ = the correlations between the series, plus the ridge; 1 on the diagonal of constant ones. */
function factorise(units: Float64Array, fbns: number, time: number): DenseMatrix {
  const correlations = DenseMatrix.zeros(fbns, fbns);
  for (let i = 0; i < fbns; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let t = 0; t < time; t++) sum += units[i * time + t]! * units[j * time + t]!;
      const value = i === j ? (sum === 0 ? 1 : sum + RIDGE) : sum;
      correlations.set(i, j, value);
      correlations.set(j, i, value);
    }
  return new CholeskyDecomposition(correlations).lowerTriangularMatrix;
}

/** R⁻¹ times the series. */
function solveLower(lower: DenseMatrix, series: Float64Array, time: number): Float64Array {
  const solved = Float64Array.from(series);
  for (let i = 0; i < lower.rows; i++) {
    for (let k = 0; k < i; k++) {
      const factor = lower.get(i, k);
      if (factor !== 0) for (let t = 0; t < time; t++) solved[i * time + t]! -= factor * solved[k * time + t]!;
    }
    const diagonal = lower.get(i, i);
    for (let t = 0; t < time; t++) solved[i * time + t]! /= diagonal;
  }
  return solved;
}

function invertLower(lower: DenseMatrix): DenseMatrix {
  const n = lower.rows;
  const inverse = DenseMatrix.zeros(n, n);
  for (let j = 0; j < n; j++) {
    inverse.set(j, j, 1 / lower.get(j, j));
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += lower.get(i, k) * inverse.get(k, j);
      inverse.set(i, j, -sum / lower.get(i, i));
    }
  }
  return inverse;
}

/** uᵀ G u / uᵀ u. */
function quadraticForm(gram: Float32Array, at: (k: number) => number, n: number): number {
  const u = Float64Array.from({ length: n }, (_, k) => at(k));
  let form = 0;
  let length = 0;
  for (let k = 0; k < n; k++) {
    if (u[k] === 0) continue;
    length += u[k]! * u[k]!;
    let row = 0;
    for (let l = 0; l < n; l++) row += gram[k * n + l]! * u[l]!;
    form += u[k]! * row;
  }
  return form / length;
}
