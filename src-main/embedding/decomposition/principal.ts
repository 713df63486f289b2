import { EigenvalueDecomposition, Matrix as DenseMatrix } from 'ml-matrix';
import type { Engine, EngineSession, Tensor } from '../../../src-preload/shared/domain/engine';
import { throwIfCancelled, UserError } from '../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { Generator } from '../generator';
import { buildFirstProducts, buildSecondProducts, ofSample } from '../graphs';
import type { Algebra } from '../maps/algebra';
import { SampleReader, SumsOfSquares, type LoadedSample, type SampleSource } from '../samples';
import { clearColumns } from '../training-state';

/** Beside the components wanted: they let the iteration tell those apart in fewer passes. */
const SURPLUS = 32;
/** The share of variance held may change by this much from one pass to the next when it ends. */
const TOLERANCE = 1e-4;
const MOST_PASSES = 15;
/** Directions with less than this share of the largest square are rounding. */
const SMALLEST_SHARE = 1e-9;

export interface PrincipalRequest {
  engine: Engine;
  threads?: number;
  samples: readonly SampleSource[];
  voxels: number;
  excludedVoxels: Uint32Array;
  /** Components wanted. */
  count: number;
  seed: number;
  /** Memory for samples kept from pass to pass; the others are read each time. */
  keepBytes: number;
}

/** Where the iteration is, between two samples. */
export interface PrincipalState {
  /** Passes done, and samples of the one under way. */
  pass: number;
  position: number;
  /** Share of variance that the components wanted held in the last whole pass; null before it. */
  held: number | null;
  /** Orthonormal rows [size, voxels]. */
  basis: Matrix;
  /** Σ_b (S_b basisᵀ)ᵀ S_b of the samples so far, [size, voxels]. */
  sum: Matrix;
  /** Σ_b ‖S_b‖² of the samples so far. */
  total: number;
}

/** What all runs have in common, one after the other. */
export interface PrincipalMaps {
  /** Orthonormal rows [size, voxels], size ≥ count; those beyond `count` are less exact. 0 at excluded voxels. */
  maps: Matrix;
  /** Σ_b ‖S_b mapᵀ‖² of each, falling. */
  squares: Float64Array;
  /** Share of all variance that the components wanted hold. */
  held: number;
  passes: number;
  converged: boolean;
}

/**
 * Principal component analysis of all runs concatenated in time, without ever holding more than one of them: subspace iteration
 * (Halko, Martinsson and Tropp 2011, algorithm 4.4) whose passes over the runs are the two large products of a training step.
 * Reducing every subject by a PCA of its own first, as group ICA often does, approximates this for want of memory.
 * @param resumed where an earlier one was left
 * @param save called between passes, and once more before CancelledError is thrown
 */
export async function principalMaps(
  request: PrincipalRequest,
  algebra: Algebra,
  context: WorkContext,
  resumed: PrincipalState | undefined,
  save: (state: PrincipalState) => Promise<void>,
): Promise<PrincipalMaps> {
  const products = new RunProducts(request);
  const reader = new SampleReader(request.keepBytes);
  const state = resumed ?? (await firstState(request, algebra));
  try {
    for (;;) {
      try {
        await onePass(request, state, products, reader, context);
      } catch (caught) {
        await save(state);
        throw caught;
      }
      const { vectors, values } = ritz(await algebra.multiplyTransposed(state.sum, state.basis));
      const held = sum(values.subarray(0, request.count)) / state.total;
      const converged = state.held !== null && Math.abs(held - state.held) <= TOLERANCE * held;
      state.pass++;
      if (converged || state.pass === MOST_PASSES) {
        const maps = await algebra.multiply(vectors, state.basis);
        return { maps, squares: values, held, passes: state.pass, converged };
      }
      state.basis = await orthonormal(await orthonormal(state.sum, request.count, algebra), request.count, algebra);
      Object.assign(state, { position: 0, held, sum: createMatrix(state.basis.rows, request.voxels), total: 0 });
      await save(state);
    }
  } finally {
    await products.release();
  }
}

async function firstState(
  { count, seed, voxels, excludedVoxels, samples }: PrincipalRequest,
  algebra: Algebra,
): Promise<PrincipalState> {
  const volumes = samples.reduce((all, { time }) => all + time, 0);
  const most = Math.min(volumes, voxels - excludedVoxels.length);
  if (count > most) {
    throw new UserError({
      code: 'too-little-data',
      what: 'there are not so many components in the runs',
      expected: `at most ${most} FBNs, for ${volumes} volumes of ${voxels - excludedVoxels.length} voxels`,
      found: String(count),
    });
  }
  // The graphs of the products take an even number of rows.
  const size = 2 * Math.ceil((count + SURPLUS) / 2);
  const generator = Generator.fromSeed(seed);
  const random = createMatrix(size, voxels);
  for (let i = 0; i < random.data.length; i++) random.data[i] = generator.nextSymmetric();
  clearColumns(random.data, voxels, excludedVoxels);
  const basis = await orthonormal(random, 0, algebra);
  return { pass: 0, position: 0, held: null, basis, sum: createMatrix(size, voxels), total: 0 };
}

async function onePass(
  { samples, excludedVoxels, voxels }: PrincipalRequest,
  state: PrincipalState,
  products: RunProducts,
  reader: SampleReader,
  { signal, progress }: WorkContext,
): Promise<void> {
  const sums = new SumsOfSquares(excludedVoxels);
  for await (const sample of reader.inOrder(samples.slice(state.position))) {
    throwIfCancelled(signal);
    const stage = `principal components, pass ${state.pass + 1} (at most ${MOST_PASSES})`;
    progress({ stage, done: state.position, total: samples.length, unit: 'runs' });
    await products.add(sample, state.basis, state.sum);
    state.total += sums.of(sample);
    state.position++;
  }
  clearColumns(state.sum.data, voxels, excludedVoxels);
}

/** The two large products of one run. */
class RunProducts {
  private readonly sessions = new Map<string, Promise<EngineSession>>();

  constructor(private readonly request: PrincipalRequest) {}

  /** sum += (S basisᵀ)ᵀ S */
  async add(sample: LoadedSample, basis: Matrix, sum: Matrix): Promise<void> {
    const { dataType, time, voxels } = sample.source;
    const sizes = { fbns: basis.rows / 2, voxels };
    const s: Tensor = { type: dataType, dims: [time, voxels], data: sample.values };
    const total: Tensor = { type: 'float32', dims: [sum.rows, voxels], data: sum.data };
    const theta: Tensor = { type: 'float32', dims: [basis.rows, voxels], data: basis.data };
    const first = await this.session(`first-${dataType}-${basis.rows}`, () => buildFirstProducts(dataType, sizes));
    const { [ofSample('products', 0)]: products } = await first.run({ [ofSample('sample', 0)]: s, theta });
    const second = await this.session(`second-${dataType}-${basis.rows}`, () => buildSecondProducts(dataType, sizes));
    const feeds = { [ofSample('sample', 0)]: s, [ofSample('left', 0)]: products!, gradientSoFar: total };
    await second.run(feeds, { gradient: total });
  }

  async release(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).release();
  }

  private session(name: string, build: () => Uint8Array): Promise<EngineSession> {
    let session = this.sessions.get(name);
    if (!session) {
      const { engine, threads } = this.request;
      session = engine.createSession(build(), { idleThreads: 'sleep', ...(threads !== undefined && { threads }) });
      this.sessions.set(name, session);
    }
    return session;
  }
}

/** Eigenvectors, one per row, and eigenvalues of a symmetric matrix, falling. */
export function ritz({ rows: n, data }: Matrix): { vectors: Matrix; values: Float64Array } {
  const symmetric = DenseMatrix.zeros(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) symmetric.set(i, j, (data[i * n + j]! + data[j * n + i]!) / 2);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const vectors = createMatrix(n, n);
  for (const [row, i] of order.entries()) for (let k = 0; k < n; k++) vectors.data[row * n + k] = eigenvectorMatrix.get(k, i);
  return { vectors, values: Float64Array.from(order, (i) => realEigenvalues[i]!) };
}

/** Orthonormal rows that span those given: Λ^(−1/2) Eᵀ · rows. @param least fewer independent rows than this are an error */
async function orthonormal(rows: Matrix, least: number, algebra: Algebra): Promise<Matrix> {
  const { vectors, values } = ritz(await algebra.multiplyTransposed(rows, rows));
  const kept = values.filter((value) => value > SMALLEST_SHARE * values[0]!).length;
  if (kept < least) {
    throw new UserError({
      code: 'too-little-data',
      what: 'there are not so many independent components in the runs',
      expected: `at most ${kept} FBNs`,
      found: String(least),
    });
  }
  for (let row = 0; row < values.length; row++) {
    const scale = row < kept ? 1 / Math.sqrt(values[row]!) : 0;
    const vector = matrixRow(vectors, row);
    for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
  }
  return algebra.multiply(vectors, rows);
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}
