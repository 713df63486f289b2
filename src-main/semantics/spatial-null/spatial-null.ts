import type { Engine, EngineSession } from '../../../src-preload/shared/domain/engine';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { Generator } from '../../embedding/generator';
import { maskOfVoxels, type Mask } from '../../fmri/mask';
import { bringToTerms, openTermProduct, type TermProduct } from '../decode';
import type { TermMaps } from '../meta-analysis/term-map-file';
import { boxAround, fieldVariograms, fillWithNoise, kernelsOf, SCALES, smoothingGraph, type Box } from './fields';
import { chooseLags, matchVariogram, variogramOf } from './variogram';

/** Memory for the fields that are compared with terms at a time. */
const FIELD_BYTES = 96 << 20;

export interface SpatialNullRequest {
  /** FBN maps [fbns, voxels of the mask]; NaN where a voxel took no part. */
  maps: Matrix;
  mask: Mask;
  terms: TermMaps;
  /** r that was observed [fbns, terms]. */
  r: Matrix;
  permutations: number;
  seed: number;
}

/** How often random maps as smooth as an FBN's are as like a term; no p is below 1 / (permutations + 1). */
export interface SpatialNull {
  /** |r| of a random map with the same term at least as large: [fbns, terms]; NaN where r is. */
  p: Matrix;
  /** The largest |r| of a random map with any term at least as large. */
  familyP: Matrix;
}

/**
 * A second opinion on r between maps: both are smooth, and smooth maps are often alike by chance. Each FBN's map is compared with random
 * maps of its own spatial autocorrelation: sums of smoothed white noise whose variogram matches the map's (the null of Burt et al. 2020;
 * the surrogates are nested Gaussian fields on the grid, docs/decisions/0016). The same fields serve all FBNs in other shares: what is
 * between a field and a term is computed once, and 512 FBNs cost little more than one.
 * @see Burt et al. 2020, "Generative modeling of brain maps with spatial autocorrelation", doi:10.1016/j.neuroimage.2020.117038
 */
export async function spatialNull(request: SpatialNullRequest, engine: Engine, context: WorkContext): Promise<SpatialNull> {
  const { maps, mask, terms, r, permutations, seed } = request;
  const shared = bringToTerms(maps, mask, terms.mask);
  const { voxels } = terms.mask;
  const used = shared.voxels
    ? maskOfVoxels(
        terms.mask.grid,
        shared.voxels.map((place) => voxels[place]!),
      )
    : terms.mask;
  const box = boxAround(used);
  const shares = sharesOf(shared.maps, used, context);
  const smoother = await FieldMaker.open(used, box, engine, seed);
  const product = await openTermProduct(engine, terms, shared.voxels);
  try {
    const counts = new Counts(r, shares);
    const atOnce = Math.max(1, Math.floor(FIELD_BYTES / (SCALES.length * used.voxels.length * 4)));
    for (let start = 0; start < permutations; start += atOnce) {
      context.progress({ stage: 'comparing random maps with terms', done: start, total: permutations, unit: 'maps' });
      const count = Math.min(atOnce, permutations - start);
      counts.add(await compareFields(await smoother.make(count, context), product, context), count);
    }
    context.progress({ stage: 'comparing random maps with terms', done: permutations, total: permutations, unit: 'maps' });
    return counts.result(permutations);
  } finally {
    await smoother.release();
    await product.release();
  }
}

/** Variances of the fields of every scale in a random map like each FBN's; null for a map that is constant. */
function sharesOf(maps: Matrix, mask: Mask, context: WorkContext): (Float64Array | null)[] {
  const lags = chooseLags(mask);
  const models = fieldVariograms(mask, lags.steps);
  return Array.from({ length: maps.rows }, (_, fbn) => {
    throwIfCancelled(context.signal);
    context.progress({ stage: 'measuring how smooth the FBNs are', done: fbn, total: maps.rows, unit: 'FBNs' });
    const variogram = variogramOf(matrixRow(maps, fbn), lags);
    return variogram.some(Number.isFinite) ? matchVariogram(variogram, models) : null;
  });
}

/** Makes fields of every scale, [scales × fields, voxels]. */
class FieldMaker {
  private noise = new Float32Array();

  private constructor(
    private readonly session: EngineSession,
    private readonly kernels: ReturnType<typeof kernelsOf>,
    private readonly box: Box,
    private readonly generator: Generator,
  ) {}

  static async open(mask: Mask, box: Box, engine: Engine, seed: number): Promise<FieldMaker> {
    const session = await engine.createSession(smoothingGraph(box), { idleThreads: 'sleep' });
    return new FieldMaker(session, kernelsOf(mask, box), box, Generator.fromSeed(seed));
  }

  async make(count: number, context: WorkContext): Promise<Matrix> {
    const [nx, ny, nz] = this.box.shape;
    const size = count * nx * ny * nz;
    if (this.noise.length < size) this.noise = new Float32Array(size);
    const noise = this.noise.subarray(0, size);
    const fields = createMatrix(SCALES.length * count, this.box.places.length);
    for (const [scale, kernels] of this.kernels.entries()) {
      throwIfCancelled(context.signal);
      fillWithNoise(noise, this.generator);
      const { fields: made } = await this.session.run({
        ...{ noise: { type: 'float32', dims: [count, nz, ny, nx], data: noise }, ...kernels },
      });
      fields.data.set(made!.data as Float32Array, scale * count * fields.columns);
    }
    return fields;
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

interface ComparedFields {
  /** Products of fields with terms of mean 0 and length 1: [scales × fields, terms]. */
  products: Matrix;
  /** Products of the fields of each random map with each other: [fields][scales × scales]. */
  gram: Float64Array[];
}

async function compareFields(fields: Matrix, product: TermProduct, context: WorkContext): Promise<ComparedFields> {
  const quiet = { ...context, progress: () => undefined };
  const count = fields.rows / SCALES.length;
  const gram = Array.from({ length: count }, (_, field) => {
    const rows = SCALES.map((_scale, scale) => matrixRow(fields, scale * count + field));
    const all = new Float64Array(SCALES.length ** 2);
    for (const [a, one] of rows.entries()) {
      for (let b = 0; b <= a; b++) {
        const other = rows[b]!;
        let sum = 0;
        for (let n = 0; n < one.length; n++) sum += one[n]! * other[n]!;
        all[a * SCALES.length + b] = all[b * SCALES.length + a] = sum;
      }
    }
    return all;
  });
  return { products: await product.correlate(fields, quiet), gram };
}

/** Counts random maps that are as like the terms as the FBNs are. */
class Counts {
  private readonly alone: Uint32Array;
  private readonly family: Uint32Array;
  private readonly values: Float32Array;

  constructor(
    private readonly r: Matrix,
    private readonly shares: readonly (Float64Array | null)[],
  ) {
    this.alone = new Uint32Array(r.data.length);
    this.family = new Uint32Array(r.data.length);
    this.values = new Float32Array(r.columns);
  }

  add({ products, gram }: ComparedFields, count: number): void {
    for (const [fbn, shares] of this.shares.entries()) {
      if (!shares) continue;
      const weights = shares.map(Math.sqrt);
      for (let field = 0; field < count; field++) {
        this.combine(products, weights, gram[field]!, field, count);
        this.compare(fbn);
      }
    }
  }

  result(permutations: number): SpatialNull {
    const { r } = this;
    const toP = (counts: Uint32Array): Matrix => ({
      ...r,
      data: Float32Array.from(counts, (count, i) => (Number.isNaN(r.data[i]!) ? NaN : (count + 1) / (permutations + 1))),
    });
    return { p: toP(this.alone), familyP: toP(this.family) };
  }

  /** r of one random map with every term. */
  private combine(products: Matrix, weights: Float64Array, gram: Float64Array, field: number, count: number): void {
    let square = 0;
    for (let a = 0; a < weights.length; a++) {
      for (let b = 0; b < weights.length; b++) square += weights[a]! * weights[b]! * gram[a * weights.length + b]!;
    }
    const { values } = this;
    values.fill(0);
    for (let scale = 0; scale < weights.length; scale++) {
      if (weights[scale] === 0) continue;
      const factor = weights[scale]! / Math.sqrt(square);
      const row = matrixRow(products, scale * count + field);
      for (let term = 0; term < values.length; term++) values[term]! += factor * row[term]!;
    }
  }

  private compare(fbn: number): void {
    const { r, values, alone, family } = this;
    const at = fbn * r.columns;
    let largest = 0;
    for (let term = 0; term < values.length; term++) {
      const size = Math.abs(values[term]!);
      if (size > largest) largest = size;
      if (size >= Math.abs(r.data[at + term]!)) alone[at + term]!++;
    }
    for (let term = 0; term < values.length; term++) if (largest >= Math.abs(r.data[at + term]!)) family[at + term]!++;
  }
}
