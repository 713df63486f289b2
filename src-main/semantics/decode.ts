import type { Engine, EngineSession } from '../../src-preload/shared/domain/engine';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { sameGrid } from '../fmri/affine';
import type { Mask } from '../fmri/mask';
import { planResampling } from '../fmri/resample';
import { GraphBuilder } from '../onnx/graph-builder';
import type { TermMaps } from './meta-analysis/term-map-file';

/** Terms compared at a time: bounds the memory that maps take. */
const TERMS_PER_BLOCK = 256;

/**
 * Pearson r over the voxels that maps and terms share.
 * @param maps FBN maps [fbns, voxels of the mask]; NaN where a voxel took no part
 * @returns r [fbns, terms]; NaN where a map or a term is constant
 * @throws UserError where they share fewer than three voxels
 */
export async function decodeMaps(
  maps: Matrix,
  mask: Mask,
  terms: TermMaps,
  engine: Engine,
  context: WorkContext,
): Promise<Matrix> {
  const shared = bringToTerms(maps, mask, terms.mask);
  const product = await openTermProduct(engine, terms, shared.voxels);
  try {
    const r = await product.correlate(toUnitRows(shared.maps), context);
    for (let i = 0; i < r.data.length; i++) r.data[i] = Math.max(-1, Math.min(1, r.data[i]!));
    return r;
  } finally {
    await product.release();
  }
}

interface SharedMaps {
  /** [fbns, shared voxels] */
  maps: Matrix;
  /** Places of the shared voxels among the terms' voxels; null where these are all of them. */
  voxels: Int32Array | null;
}

/** The maps at the terms' voxels, where both have values. */
export function bringToTerms(maps: Matrix, mask: Mask, terms: Mask): SharedMaps {
  const onTerms = mask.hash === terms.hash ? maps : resampleMaps(maps, mask, terms);
  const hasValues = new Uint8Array(onTerms.columns).fill(1);
  for (let fbn = 0; fbn < onTerms.rows; fbn++) {
    const row = matrixRow(onTerms, fbn);
    for (let voxel = 0; voxel < row.length; voxel++) if (!Number.isFinite(row[voxel]!)) hasValues[voxel] = 0;
  }
  const shared = Array.from(terms.voxels.keys()).filter((voxel) => hasValues[voxel] === 1);
  if (shared.length === terms.voxels.length) return { maps: onTerms, voxels: null };
  if (shared.length < 3) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the FBN maps and the term maps share no voxels',
      expected: 'maps in the same space',
      found: `${shared.length} shared voxels`,
      remedy: 'import the terms again under the embedding’s mask',
    });
  }
  const voxels = Int32Array.from(shared);
  const cut = createMatrix(onTerms.rows, voxels.length);
  for (let fbn = 0; fbn < cut.rows; fbn++) {
    const row = matrixRow(onTerms, fbn);
    for (let n = 0; n < voxels.length; n++) cut.data[fbn * voxels.length + n] = row[voxels[n]!]!;
  }
  return { maps: cut, voxels };
}

/** Trilinear; NaN where a map's own voxels do not reach. */
function resampleMaps(maps: Matrix, mask: Mask, terms: Mask): Matrix {
  const same = sameGrid(mask.grid, terms.grid);
  const plan = planResampling(mask.grid, terms.grid, terms.voxels, same ? 'nearest' : 'linear');
  const volume = new Float32Array(mask.grid.shape.reduce((product, size) => product * size, 1));
  const inside = new Float32Array(volume.length);
  for (const voxel of mask.voxels) inside[voxel] = 1;
  // Where a neighbour outside of the mask would count, there is no value.
  const weight = plan.apply(inside);
  const moved = createMatrix(maps.rows, terms.voxels.length);
  for (let fbn = 0; fbn < maps.rows; fbn++) {
    const row = matrixRow(maps, fbn);
    for (let n = 0; n < row.length; n++) volume[mask.voxels[n]!] = row[n]!;
    plan.apply(volume, { into: matrixRow(moved, fbn) });
  }
  for (let n = 0; n < weight.length; n++) {
    if (weight[n]! > 0.999) continue;
    for (let fbn = 0; fbn < maps.rows; fbn++) moved.data[fbn * moved.columns + n] = NaN;
  }
  return moved;
}

/** Rows of mean 0 and length 1; NaN for a constant row. */
function toUnitRows(maps: Matrix): Matrix {
  const unit = createMatrix(maps.rows, maps.columns);
  for (let row = 0; row < maps.rows; row++) {
    const from = matrixRow(maps, row);
    const { mean, norm } = momentsOf(from);
    const to = matrixRow(unit, row);
    for (let n = 0; n < from.length; n++) to[n] = (from[n]! - mean) / norm;
  }
  return unit;
}

/** Mean, and length of what is left without it (NaN: nothing), in float64: one pass, which float32 values leave digits enough for. */
function momentsOf(values: Float32Array): { mean: number; norm: number } {
  let sum = 0;
  let squares = 0;
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    sum += value;
    squares += value * value;
  }
  return { mean: sum / values.length, norm: normAround(sum, squares, values.length, 1e-13) };
}

/** Length of values without their mean, from their sums; NaN where no more is left than the trace that rounding leaves of a constant. */
function normAround(sum: number, squares: number, count: number, rounding: number): number {
  const rest = squares - (sum * sum) / count;
  return rest > rounding * squares ? Math.sqrt(rest) : NaN;
}

/**
 * maps · termsᵀ, and of the terms, which come in float16, sum and sum of squares: what lies around the mean follows from the two without
 * a copy of the maps that lacks it. Of unit rows without a mean the product with a term's map is that with its deviation from its mean.
 */
function productGraph(): Uint8Array {
  const graph = new GraphBuilder('decode');
  const maps = graph.input('maps', 'float', ['fbns', 'voxels']);
  const terms = graph.node('Cast', [graph.input('terms', 'float16', ['terms', 'voxels'])], { to: 1 });
  const axes = graph.integers([1]);
  graph.output('product', graph.node('Gemm', [maps, terms], { transB: 1 }), 'float', ['fbns', 'terms']);
  graph.output('sum', graph.node('ReduceSum', [terms, axes], { keepdims: 0 }), 'float', ['terms']);
  graph.output('squares', graph.node('ReduceSumSquare', [terms, axes], { keepdims: 0 }), 'float', ['terms']);
  return graph.encode();
}

/** Products of maps with every term, a block of terms in memory at a time. */
export interface TermProduct {
  /**
   * @param maps rows of mean 0 [maps, shared voxels]
   * @returns [maps, terms]: products with the terms' maps at mean 0 and length 1, so r for maps of length 1; NaN for a constant term
   */
  correlate(maps: Matrix, context: WorkContext): Promise<Matrix>;
  release(): Promise<void>;
}

/** @param voxels places of the shared voxels among the terms'; null where these are all of them */
export async function openTermProduct(engine: Engine, terms: TermMaps, voxels: Int32Array | null): Promise<TermProduct> {
  const session = await engine.createSession(productGraph());
  const size = Math.min(TERMS_PER_BLOCK, terms.terms.length) * terms.mask.voxels.length;
  // One is read into while the other is compared.
  const memory = [new Uint16Array(size), new Uint16Array(size)] as const;
  return {
    correlate: (maps, context) => correlateBlocks(maps, voxels, terms, session, memory, context),
    release: () => session.release(),
  };
}

async function correlateBlocks(
  unit: Matrix,
  voxels: Int32Array | null,
  terms: TermMaps,
  session: EngineSession,
  memory: readonly [Uint16Array<ArrayBuffer>, Uint16Array<ArrayBuffer>],
  context: WorkContext,
): Promise<Matrix> {
  const total = terms.terms.length;
  const all = terms.mask.voxels.length;
  const r = createMatrix(unit.rows, total);
  const maps = { type: 'float32' as const, dims: [unit.rows, unit.columns], data: unit.data };
  const readBlock = (start: number) => {
    if (start >= total) return undefined;
    const reading = terms.read(
      'association',
      start,
      Math.min(TERMS_PER_BLOCK, total - start),
      memory[(start / TERMS_PER_BLOCK) % 2],
    );
    // Should comparing fail, nobody waits for it.
    reading.catch(() => undefined);
    return reading;
  };
  let next = readBlock(0);
  for (let start = 0; start < total; start += TERMS_PER_BLOCK) {
    throwIfCancelled(context.signal);
    context.progress({ stage: 'comparing FBNs with terms', done: start, total, unit: 'terms' });
    const count = Math.min(TERMS_PER_BLOCK, total - start);
    const read = (await next!).subarray(0, count * all);
    next = readBlock(start + TERMS_PER_BLOCK);
    const data = voxels ? selectColumns(read, count, all, voxels) : read;
    const outputs = await session.run({ maps, terms: { type: 'float16', dims: [count, unit.columns], data } });
    const [values, sums, squares] = ['product', 'sum', 'squares'].map((name) => outputs[name]!.data as Float32Array);
    const scales = Float64Array.from(sums!, (sum, t) => 1 / normAround(sum, squares![t]!, unit.columns, 1e-5));
    for (let fbn = 0; fbn < unit.rows; fbn++) {
      for (let t = 0; t < count; t++) r.data[fbn * total + start + t] = values![fbn * count + t]! * scales[t]!;
    }
  }
  context.progress({ stage: 'comparing FBNs with terms', done: total, total, unit: 'terms' });
  return r;
}

function selectColumns(rows: Uint16Array, count: number, columns: number, wanted: Int32Array): Uint16Array {
  const selected = new Uint16Array(count * wanted.length);
  for (let row = 0; row < count; row++) {
    for (let n = 0; n < wanted.length; n++) selected[row * wanted.length + n] = rows[row * columns + wanted[n]!]!;
  }
  return selected;
}
