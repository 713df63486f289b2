import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { Generator } from '../generator';

/** Voxels after which the atoms are updated. */
const BATCH = 256;
const MOST_PASSES = 30;
/** The cost may fall by this share from one pass to the next when it ends. */
const TOLERANCE = 1e-4;
const MOST_SWEEPS = 50;
/** A code has settled when no entry moved by more than this share of the penalty. */
const SETTLED = 0.01;

/** What dictionary learning finds. */
export interface SparseMaps {
  /** Codes [atoms, voxels], most of them 0; every map of root mean square 1, its larger side positive. */
  maps: Matrix;
  /** Mean over the voxels of ½‖x − D a‖² + penalty ‖a‖₁, by pass. */
  costs: number[];
  /** Share of the codes that are 0. */
  zeros: number;
  converged: boolean;
}

export interface SparseRequest {
  /** Voxels as rows of features, [voxels, features]: root mean square length 1. */
  signals: Matrix;
  /** The first atoms, [atoms, features]. */
  atoms: Matrix;
  /** λ of the penalty λ ‖a‖₁. */
  penalty: number;
  seed: number;
}

/**
 * Online dictionary learning (Mairal, Bach, Ponce and Sapiro 2009, algorithms 1 and 2, with what section 3.4 says of fixed sets of
 * samples): every voxel is a sparse sum of atoms; the codes are the maps, as in nilearn's DictLearning. Codes by coordinate descent
 * (Friedman, Hastie and Tibshirani 2010), from where the voxel's last code was. No library: npm has none.
 */
export async function sparseMaps(
  { signals, atoms: first, penalty, seed }: SparseRequest,
  context: WorkContext,
): Promise<SparseMaps> {
  const learner = new DictionaryLearner(signals, first, penalty, seed);
  const costs: number[] = [];
  let converged = false;
  for (let pass = 0; pass < MOST_PASSES && !converged; pass++) {
    let cost = 0;
    const order = learner.nextOrder();
    for (let start = 0; start < order.length; start += BATCH) {
      throwIfCancelled(context.signal);
      const stage = `dictionary, pass ${pass + 1} (at most ${MOST_PASSES})`;
      context.progress({ stage, done: start, total: order.length, unit: 'voxels' });
      cost += learner.learn(order.slice(start, start + BATCH));
      await setImmediate();
    }
    costs.push(cost / order.length);
    const before = costs.at(-2);
    converged = before !== undefined && before - costs.at(-1)! < TOLERANCE * before;
  }
  for (let start = 0; start < signals.rows; start += BATCH) {
    throwIfCancelled(context.signal);
    learner.code(start, Math.min(start + BATCH, signals.rows));
  }
  return { ...learner.maps(), costs, converged };
}

class DictionaryLearner {
  private readonly atoms: Float64Array;
  /** [voxels, atoms] */
  private readonly codes: Float32Array;
  /** Σ a aᵀ [atoms, atoms] and Σ a xᵀ [atoms, features] of the voxels' last codes. */
  private readonly codeGram: Float64Array;
  private readonly codeSignals: Float64Array;
  private readonly gram: Float64Array;
  private readonly generator: Generator;
  private readonly count: number;
  private readonly features: number;

  constructor(
    private readonly signals: Matrix,
    first: Matrix,
    private readonly penalty: number,
    seed: number,
  ) {
    this.count = first.rows;
    this.features = first.columns;
    this.atoms = Float64Array.from(first.data);
    this.codes = new Float32Array(signals.rows * this.count);
    this.codeGram = new Float64Array(this.count ** 2);
    this.codeSignals = new Float64Array(this.count * this.features);
    this.gram = new Float64Array(this.count ** 2);
    this.generator = Generator.fromSeed(seed);
    for (let j = 0; j < this.count; j++) this.normalise(j);
    this.updateGram();
  }

  nextOrder(): number[] {
    return this.generator.permutation(this.signals.rows);
  }

  /** Codes some voxels and moves the atoms; the sum of the costs of these voxels, before the atoms moved. */
  learn(voxels: readonly number[]): number {
    let cost = 0;
    for (const voxel of voxels) {
      const code = this.codeOf(voxel);
      this.remember(voxel, code, -1);
      cost += this.codeVoxel(voxel);
      this.remember(voxel, code, 1);
    }
    for (let j = 0; j < this.count; j++) this.moveAtom(j);
    this.updateGram();
    return cost;
  }

  code(from: number, to: number): void {
    for (let voxel = from; voxel < to; voxel++) this.codeVoxel(voxel);
  }

  maps(): { maps: Matrix; zeros: number } {
    const voxels = this.signals.rows;
    const maps = createMatrix(this.count, voxels);
    let zeros = 0;
    for (let j = 0; j < this.count; j++) {
      const map = matrixRow(maps, j);
      for (let v = 0; v < voxels; v++) map[v] = this.codes[v * this.count + j]!;
      zeros += map.filter((value) => value === 0).length;
      const square = map.reduce((sum, value) => sum + value * value, 0) / voxels;
      const side = map.reduce((sum, value) => sum + value ** 3, 0) < 0 ? -1 : 1;
      if (square > 0) for (let v = 0; v < voxels; v++) map[v]! *= side / Math.sqrt(square);
    }
    return { maps, zeros: zeros / maps.data.length };
  }

  private codeOf(voxel: number): Float32Array {
    return this.codes.subarray(voxel * this.count, (voxel + 1) * this.count);
  }

  /** Minimises ½‖x − D a‖² + penalty ‖a‖₁ over a, in place; the minimum. */
  private codeVoxel(voxel: number): number {
    const { count, gram, penalty } = this;
    const x = matrixRow(this.signals, voxel);
    const code = this.codeOf(voxel);
    const correlations = this.correlations(x);
    /** Dᵀ(x − D a) */
    const residual = correlations.slice();
    for (let j = 0; j < count; j++)
      if (code[j] !== 0) for (let k = 0; k < count; k++) residual[k]! -= code[j]! * gram[j * count + k]!;
    for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      let largest = 0;
      for (let j = 0; j < count; j++) {
        const scale = gram[j * count + j]!;
        if (scale === 0) continue;
        const before = code[j]!;
        const free = residual[j]! + scale * before;
        code[j] = free > penalty ? (free - penalty) / scale : free < -penalty ? (free + penalty) / scale : 0;
        const change = code[j]! - before;
        if (change === 0) continue;
        largest = Math.max(largest, Math.abs(change));
        for (let k = 0; k < count; k++) residual[k]! -= change * gram[j * count + k]!;
      }
      if (largest < SETTLED * penalty) break;
    }
    let cost = 0;
    for (let f = 0; f < x.length; f++) cost += (x[f]! * x[f]!) / 2;
    for (let j = 0; j < count; j++) cost += penalty * Math.abs(code[j]!) - (code[j]! * (correlations[j]! + residual[j]!)) / 2;
    return cost;
  }

  private correlations(x: Float32Array): Float64Array {
    const { count, features, atoms } = this;
    const result = new Float64Array(count);
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let f = 0; f < features; f++) sum += atoms[j * features + f]! * x[f]!;
      result[j] = sum;
    }
    return result;
  }

  /** Adds (or takes back) what a voxel's code says about the atoms. */
  private remember(voxel: number, code: Float32Array, sign: 1 | -1): void {
    const { count, features, codeGram, codeSignals } = this;
    const x = matrixRow(this.signals, voxel);
    for (let j = 0; j < count; j++) {
      const factor = sign * code[j]!;
      if (factor === 0) continue;
      for (let k = 0; k < count; k++) codeGram[j * count + k]! += factor * code[k]!;
      for (let f = 0; f < features; f++) codeSignals[j * features + f]! += factor * x[f]!;
    }
  }

  /** Block coordinate descent on atom j, within the unit ball; one that no voxel uses stays as it is. */
  private moveAtom(j: number): void {
    const { count, features, atoms, codeGram, codeSignals } = this;
    const weight = codeGram[j * count + j]!;
    if (weight < 1e-9) return;
    const at = j * features;
    const moved = codeSignals.slice(at, at + features);
    for (let k = 0; k < count; k++) {
      const factor = codeGram[j * count + k]!;
      if (factor !== 0) for (let f = 0; f < features; f++) moved[f]! -= factor * atoms[k * features + f]!;
    }
    for (let f = 0; f < features; f++) atoms[at + f]! += moved[f]! / weight;
    this.normalise(j, true);
  }

  /** To length 1; with `atMost`, only where it is longer. */
  private normalise(j: number, atMost = false): void {
    const atom = this.atoms.subarray(j * this.features, (j + 1) * this.features);
    const length = Math.sqrt(atom.reduce((sum, value) => sum + value * value, 0));
    if (length === 0 || (atMost && length <= 1)) return;
    for (let f = 0; f < atom.length; f++) atom[f]! /= length;
  }

  private updateGram(): void {
    const { count, features, atoms, gram } = this;
    for (let i = 0; i < count; i++)
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let f = 0; f < features; f++) sum += atoms[i * features + f]! * atoms[j * features + f]!;
        gram[i * count + j] = gram[j * count + i] = sum;
      }
  }
}
