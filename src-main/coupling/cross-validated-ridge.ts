import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { correlateExactly } from './correlate';
import { multiplyTransposed, toMatrix, type Rows, type SeriesProduct } from './product';
import { RIDGE_PENALTIES, solveRidge } from './ridge';
import type { SeriesMatrix } from './series';
import { standardised, timeKernel } from './time-kernel';

/** A movie run: FBN activations [fbns, time] and a layer's filter activations [filters, time] over the same time points. */
export interface RidgeRun {
  x: SeriesMatrix;
  y: SeriesMatrix;
}

/** What the other runs predict of a run that took no part. */
export interface HeldOutRidge {
  /** r of prediction and activation of every FBN; NaN where either is constant. */
  r: Float64Array;
  /** The penalty of every FBN, chosen within the other runs. */
  penalty: Float64Array;
}

/** Blocks that a single training run is cut into to choose the penalty. */
const BLOCKS = 4;

type Stretch = readonly [start: number, end: number];

/**
 * Ridge regression of every FBN on all filters of a layer, run by run: trained on all movie runs but one and scored on that one, the
 * penalty chosen for every FBN by the squared error on runs left out among the training runs (with one training run, on quarters of
 * it). Both sides are z-scored within each run. In dual form: no more than [time, time] numbers are held, however many filters.
 * @returns one entry per run; null with a single run
 */
export async function crossValidateRidge(
  runs: readonly RidgeRun[],
  options: { product?: SeriesProduct; context?: WorkContext } = {},
): Promise<HeldOutRidge[] | null> {
  if (runs.length < 2) return null;
  const problem = await WholeProblem.of(runs, options);
  const chosen = new PenaltyChoice(problem);
  const results: HeldOutRidge[] = [];
  for (const [held, stretch] of problem.runs.entries()) {
    throwIfCancelled(options.context?.signal);
    const training = problem.runs.filter((_, run) => run !== held);
    const penalty = await chosen.without(held);
    const [predictions] = await problem.predict(training, [stretch]);
    const prediction = problem.pick(predictions!, penalty);
    results.push({
      r: await problem.score(prediction, stretch),
      penalty: Float64Array.from(penalty, (place) => RIDGE_PENALTIES[place]!),
    });
  }
  return results;
}

/** All runs one after the other. */
class WholeProblem {
  private constructor(
    readonly runs: readonly Stretch[],
    /** FBN activations, z-scored by run: [fbns, all time points]. */
    readonly x: Rows,
    /** [all time points, all time points], of mean diagonal 1. */
    private readonly kernel: Rows,
    private readonly product: SeriesProduct | undefined,
    private readonly context: WorkContext | undefined,
  ) {}

  static async of(
    runs: readonly RidgeRun[],
    { product, context }: { product?: SeriesProduct; context?: WorkContext },
  ): Promise<WholeProblem> {
    const stretches = stretchesOf(runs);
    const total = stretches.at(-1)![1];
    const fbns = runs[0]!.x.rows;
    const x = { rows: fbns, columns: total, data: new Float64Array(fbns * total) };
    const kernel = { rows: total, columns: total, data: new Float64Array(total * total) };
    for (const [a, first] of runs.entries()) {
      const z = standardised(first.x);
      for (let fbn = 0; fbn < fbns; fbn++)
        x.data.set(z.data.subarray(fbn * z.columns, (fbn + 1) * z.columns), fbn * total + stretches[a]![0]);
      for (let b = a; b < runs.length; b++) {
        const block = await timeKernel(first.y, runs[b]!.y, standardised, { product });
        for (let i = 0; i < block.data.length; i++) block.data[i]! /= first.y.rows;
        placeBlock(kernel, block, stretches[a]![0], stretches[b]![0]);
      }
    }
    return new WholeProblem(stretches, x, kernel, product, context);
  }

  /** What the training stretches predict of others, for every penalty: [others][penalties] of [fbns, time]. */
  async predict(training: readonly Stretch[], others: readonly Stretch[]): Promise<Rows[][]> {
    throwIfCancelled(this.context?.signal);
    const targets = takeColumns(this.x, training);
    const solutions = await solveRidge(this.block(training, training), targets, RIDGE_PENALTIES, this.product);
    const predictions: Rows[][] = [];
    for (const other of others) {
      const across = this.block([other], training);
      const own: Rows[] = [];
      for (const solution of solutions) own.push(await this.multiply(solution, across));
      predictions.push(own);
    }
    return predictions;
  }

  private async multiply(a: Rows, b: Rows): Promise<Rows> {
    const result = { rows: a.rows, columns: b.rows, data: new Float64Array(a.rows * b.rows) };
    if (this.product) result.data.set((await this.product(toMatrix(a), toMatrix(b))).data);
    else multiplyTransposed(a, b, { data: result.data, offset: 0, stride: b.rows });
    return result;
  }

  /** Squared error of every FBN at every penalty over a stretch: [fbns, penalties]. */
  errors(predictions: readonly Rows[], stretch: Stretch): Float64Array {
    const truth = takeColumns(this.x, [stretch]);
    const errors = new Float64Array(truth.rows * predictions.length);
    predictions.forEach(({ data, columns }, k) => {
      for (let i = 0; i < data.length; i++) {
        const fbn = Math.floor(i / columns);
        errors[fbn * predictions.length + k]! += (data[i]! - truth.data[i]!) ** 2;
      }
    });
    return errors;
  }

  /** The prediction of every FBN at its own penalty. */
  pick(predictions: readonly Rows[], places: Uint8Array): Rows {
    const { rows, columns } = predictions[0]!;
    const picked = { rows, columns, data: new Float64Array(rows * columns) };
    for (let fbn = 0; fbn < rows; fbn++) {
      const from = predictions[places[fbn]!]!.data.subarray(fbn * columns, (fbn + 1) * columns);
      picked.data.set(from, fbn * columns);
    }
    return picked;
  }

  async score(prediction: Rows, stretch: Stretch): Promise<Float64Array> {
    const truth = takeColumns(this.x, [stretch]);
    const row = ({ columns, data }: Rows, i: number) => ({
      rows: 1,
      columns,
      data: data.subarray(i * columns, (i + 1) * columns),
    });
    const r = new Float64Array(truth.rows);
    for (let fbn = 0; fbn < r.length; fbn++) r[fbn] = (await correlateExactly(row(prediction, fbn), row(truth, fbn))).data[0]!;
    return r;
  }

  private block(rows: readonly Stretch[], columns: readonly Stretch[]): Rows {
    const picked = rows.map(([start, end]) => ({
      rows: end - start,
      columns: this.kernel.columns,
      data: this.kernel.data.subarray(start * this.kernel.columns, end * this.kernel.columns),
    }));
    const parts = picked.map((part) => takeColumns(part, columns));
    const width = parts[0]!.columns;
    const height = parts.reduce((sum, part) => sum + part.rows, 0);
    const data = new Float64Array(height * width);
    let offset = 0;
    for (const part of parts) {
      data.set(part.data, offset);
      offset += part.data.length;
    }
    return { rows: height, columns: width, data };
  }
}

/** Chooses penalties by errors on runs that are left out beside the one that is scored. */
class PenaltyChoice {
  /** Errors on one run of a training without it and another: `${on} ${other}`. */
  private readonly known = new Map<string, Float64Array>();

  constructor(private readonly problem: WholeProblem) {}

  /** Place of the best penalty of every FBN, by the other runs alone. */
  async without(held: number): Promise<Uint8Array> {
    const others = this.problem.runs.map((_, run) => run).filter((run) => run !== held);
    const errors = others.length === 1 ? await this.byBlocks(others[0]!) : await this.byRuns(held, others);
    const penalties = RIDGE_PENALTIES.length;
    return Uint8Array.from({ length: this.problem.x.rows }, (_, fbn) => {
      const own = errors.subarray(fbn * penalties, (fbn + 1) * penalties);
      // Of equals the strongest: where nothing is predicted, nothing is fitted.
      return own.reduce((best, value, k) => (value <= own[best]! ? k : best), 0);
    });
  }

  /** A training without two runs serves as the choice for either of them. */
  private async byRuns(held: number, others: readonly number[]): Promise<Float64Array> {
    const sums: Float64Array[] = [];
    for (const other of others) {
      if (!this.known.has(`${other} ${held}`)) await this.leaveOut(held, other);
      sums.push(this.known.get(`${other} ${held}`)!);
    }
    return added(sums);
  }

  private async leaveOut(first: number, second: number): Promise<void> {
    const { runs } = this.problem;
    const training = runs.filter((_, run) => run !== first && run !== second);
    const [onFirst, onSecond] = await this.problem.predict(training, [runs[first]!, runs[second]!]);
    this.known.set(`${first} ${second}`, this.problem.errors(onFirst!, runs[first]!));
    this.known.set(`${second} ${first}`, this.problem.errors(onSecond!, runs[second]!));
  }

  private async byBlocks(run: number): Promise<Float64Array> {
    const [start, end] = this.problem.runs[run]!;
    const edges = Array.from({ length: BLOCKS + 1 }, (_, i) => start + Math.round((i * (end - start)) / BLOCKS));
    const blocks = Array.from({ length: BLOCKS }, (_, i): Stretch => [edges[i]!, edges[i + 1]!]);
    const sums: Float64Array[] = [];
    for (const block of blocks) {
      const [predictions] = await this.problem.predict(
        blocks.filter((other) => other !== block),
        [block],
      );
      sums.push(this.problem.errors(predictions!, block));
    }
    return added(sums);
  }
}

function stretchesOf(runs: readonly RidgeRun[]): Stretch[] {
  let end = 0;
  return runs.map(({ x }): Stretch => {
    const start = end;
    end += x.columns;
    return [start, end];
  });
}

function placeBlock(kernel: Rows, block: Rows, row: number, column: number): void {
  for (let i = 0; i < block.rows; i++) {
    for (let j = 0; j < block.columns; j++) {
      const value = block.data[i * block.columns + j]!;
      kernel.data[(row + i) * kernel.columns + column + j] = value;
      kernel.data[(column + j) * kernel.columns + row + i] = value;
    }
  }
}

function takeColumns({ rows, columns, data }: Rows, stretches: readonly Stretch[]): Rows {
  const width = stretches.reduce((sum, [start, end]) => sum + end - start, 0);
  const taken = { rows, columns: width, data: new Float64Array(rows * width) };
  for (let i = 0; i < rows; i++) {
    let to = i * width;
    for (const [start, end] of stretches) {
      taken.data.set(data.subarray(i * columns + start, i * columns + end), to);
      to += end - start;
    }
  }
  return taken;
}

function added(all: readonly Float64Array[]): Float64Array {
  return all[0]!.map((_, i) => all.reduce((sum, one) => sum + one[i]!, 0));
}
