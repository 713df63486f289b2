import type { SeriesProduct } from './product';
import { multiplyTransposed, type Rows } from './product';

/** Penalties that are tried, in units of the mean diagonal of the kernel. */
export const RIDGE_PENALTIES: readonly number[] = [0, 1, 2, 3, 4].flatMap((power) => [10 ** power, 10 ** (power + 0.5)]);

/** A kernel: products of all time points' filter activations, [time, time], symmetric. */
export type Kernel = Rows;

const MOST_STEPS = 500;
/** What is left of the right side when a solution is good enough: engines compute in float32. */
const TOLERANCE = { float64: 1e-9, float32: 1e-4 } as const;

/**
 * Dual coefficients of ridge regression, (K + λ I)⁻¹ x for every target and every penalty at once, by conjugate gradients: the space that
 * they search is the same for every λ, so all penalties cost as many products as the smallest alone (Frommer & Maass 1999).
 * @param kernel [n, n], symmetric and positive semidefinite
 * @param targets [targets, n]
 * @param penalties λ > 0, rising
 * @returns for every penalty [targets, n]
 */
export async function solveRidge(
  kernel: Kernel,
  targets: Rows,
  penalties: readonly number[],
  product?: SeriesProduct,
): Promise<Rows[]> {
  const multiply = product ? multiplyBy(kernel, product) : multiplyExactly(kernel);
  const tolerance = product ? TOLERANCE.float32 : TOLERANCE.float64;
  const search = new ShiftedSearch(targets, penalties, tolerance);
  for (let step = 0; step < MOST_STEPS && !search.isDone; step++) search.advance(await multiply(search.direction));
  return search.solutions;
}

function multiplyBy(kernel: Kernel, product: SeriesProduct): (p: Rows) => Promise<Float64Array> {
  const matrix = { ...kernel, data: Float32Array.from(kernel.data) };
  return async ({ rows, columns, data }) =>
    Float64Array.from((await product({ rows, columns, data: Float32Array.from(data) }, matrix)).data);
}

function multiplyExactly(kernel: Kernel): (p: Rows) => Promise<Float64Array> {
  return (p) => {
    const data = new Float64Array(p.rows * kernel.rows);
    multiplyTransposed(p, kernel, { data, offset: 0, stride: kernel.rows });
    return Promise.resolve(data);
  };
}

/** Conjugate gradients of all targets side by side for the smallest penalty, and what follows for the others. */
class ShiftedSearch {
  readonly direction: Rows;
  readonly solutions: Rows[];
  private readonly residual: Float64Array;
  private readonly directions: Float64Array[];
  private readonly targets: TargetState[];

  constructor(
    { rows, columns, data }: Rows,
    private readonly penalties: readonly number[],
    tolerance: number,
  ) {
    this.direction = { rows, columns, data: data.slice() };
    this.residual = data.slice();
    this.solutions = penalties.map(() => ({ rows, columns, data: new Float64Array(data.length) }));
    this.directions = penalties.map(() => data.slice());
    this.targets = Array.from({ length: rows }, (_, i) => {
      const size = squares(data, i * columns, columns);
      return new TargetState(penalties.length, size, size * tolerance ** 2);
    });
  }

  get isDone(): boolean {
    return this.targets.every(({ isDone }) => isDone);
  }

  /** @param product direction · kernel */
  advance(product: Float64Array): void {
    this.targets.forEach((state, i) => {
      if (!state.isDone) this.advanceTarget(state, i * this.direction.columns, product);
    });
  }

  private advanceTarget(state: TargetState, from: number, product: Float64Array): void {
    const { columns, data: p } = this.direction;
    const base = this.penalties[0]!;
    let curvature = 0;
    for (let t = from; t < from + columns; t++) curvature += p[t]! * (product[t]! + base * p[t]!);
    const beta = -state.size / curvature;
    state.shift(beta, this.penalties);
    for (let k = 0; k < this.penalties.length; k++) {
      if (state.isFound(k)) continue;
      const [solution, direction, step] = [this.solutions[k]!.data, this.directions[k]!, state.steps[k]!];
      for (let t = from; t < from + columns; t++) solution[t]! -= step * direction[t]!;
    }
    for (let t = from; t < from + columns; t++) this.residual[t]! += beta * (product[t]! + base * p[t]!);
    const size = squares(this.residual, from, columns);
    const alpha = size / state.size;
    for (let t = from; t < from + columns; t++) p[t] = this.residual[t]! + alpha * p[t]!;
    for (let k = 0; k < this.penalties.length; k++) {
      if (state.isFound(k)) continue;
      const scale = state.scales[k]!;
      const own = alpha * state.ratios[k]! * (state.steps[k]! / beta);
      const direction = this.directions[k]!;
      for (let t = from; t < from + columns; t++) direction[t] = scale * this.residual[t]! + own * direction[t]!;
    }
    state.end(size, alpha, beta);
  }
}

/** The numbers that carry one target's search over to the other penalties (Jegerlehner 1996, section 2). */
class TargetState {
  /** ζ of this step and the one before. */
  scales: Float64Array;
  private before: Float64Array;
  /** ζ of the next step over that of this one. */
  ratios: Float64Array;
  steps: Float64Array;
  /** Once found, a solution is left as it is: its direction is not kept up. */
  private readonly found: Uint8Array;
  private lastBeta = 1;
  private lastAlpha = 0;

  constructor(
    penalties: number,
    public size: number,
    private readonly enough: number,
  ) {
    [this.scales, this.before] = [new Float64Array(penalties).fill(1), new Float64Array(penalties).fill(1)];
    [this.ratios, this.steps] = [new Float64Array(penalties), new Float64Array(penalties)];
    this.found = new Uint8Array(penalties);
  }

  get isDone(): boolean {
    return !(this.size > this.enough);
  }

  /** Whether a penalty's solution is good enough, which that of a larger one is sooner: what is left of its right side is ζ² of the size. */
  isFound(penalty: number): boolean {
    return this.found[penalty] === 1;
  }

  shift(beta: number, penalties: readonly number[]): void {
    this.scales.forEach((scale, k) => {
      if (scale ** 2 * this.size <= this.enough) this.found[k] = 1;
    });
    const next = this.scales.map((scale, k) => {
      const added = penalties[k]! - penalties[0]!;
      const last = this.before[k]!;
      // Long converged: nothing more to add.
      if (scale === 0) return 0;
      const below = beta * this.lastAlpha * (last - scale) + last * this.lastBeta * (1 - added * beta);
      return (scale * last * this.lastBeta) / below;
    });
    this.ratios = next.map((value, k) => (this.scales[k] === 0 ? 0 : value / this.scales[k]!));
    this.steps = this.ratios.map((ratio) => beta * ratio);
    [this.before, this.scales] = [this.scales, next];
  }

  end(size: number, alpha: number, beta: number): void {
    [this.size, this.lastAlpha, this.lastBeta] = [size, alpha, beta];
  }
}

function squares(data: Float64Array, from: number, count: number): number {
  let sum = 0;
  for (let t = from; t < from + count; t++) sum += data[t]! * data[t]!;
  return sum;
}
