import { EigenvalueDecomposition, Matrix as DenseMatrix } from 'ml-matrix';
import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { Algebra } from './algebra';

/** Directions of the maps with less than this share of the largest variance are left out: they divide by next to nothing. */
const SMALLEST_SHARE = 1e-6;

/** Maps that were not trained here, with what brings runs into them and back. */
export interface RegressedMaps {
  /** Θ = [Wᵀ; V], [2m, voxels]: L = S W is the spatial regression of every volume on the maps, V the maps without their mean. */
  theta: Float32Array;
  /** Mean of each map over the voxels that take part: map = row of V + mean. */
  means: Float32Array;
  /** Maps that are constant over the mask, as indices; their activations are 0. */
  constant: number[];
}

/**
 * The first stage of dual regression (Beckmann et al. 2009) as an embedding: every volume is regressed on all maps together and a
 * constant, by least squares. With M the maps without their means, L = S Mᵀ (M Mᵀ)⁻¹, so W = Mᵀ (M Mᵀ)⁻¹ and V = M.
 * Maps that depend on each other share what they explain (pseudo-inverse).
 * @param maps [m, voxels]; values of voxels that take no part do not matter
 */
export async function regressOnMaps(maps: Matrix, excludedVoxels: Uint32Array, algebra: Algebra): Promise<RegressedMaps> {
  const { rows: m, columns: voxels } = maps;
  const centred: Matrix = { rows: m, columns: voxels, data: maps.data.slice() };
  const means = Float32Array.from({ length: m }, (_, i) => centre(matrixRow(centred, i), excludedVoxels));
  const sizes = Array.from({ length: m }, (_, i) => norm(matrixRow(centred, i)));
  const constant = sizes.flatMap((size, i) => (size > 1e-6 * Math.abs(means[i]!) * Math.sqrt(voxels) ? [] : [i]));
  for (const i of constant) matrixRow(centred, i).fill(0);
  // Maps of unit length, so that one of small numbers is not taken for next to nothing.
  const scales = sizes.map((size, i) => (constant.includes(i) ? 0 : 1 / size));
  const gram = await algebra.multiplyTransposed(centred, centred);
  const correlations = DenseMatrix.zeros(m, m);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) correlations.set(i, j, gram.data[i * m + j]! * scales[i]! * scales[j]!);
  const inverse = pseudoInverse(correlations);
  const left = { rows: m, columns: m, data: new Float32Array(m * m) };
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) left.data[i * m + j] = inverse.get(i, j) * scales[i]! * scales[j]!;
  const theta = new Float32Array(2 * m * voxels);
  theta.set((await algebra.multiply(left, centred)).data);
  theta.set(centred.data, m * voxels);
  return { theta, means, constant };
}

/** Subtracts the mean over the voxels that take part, and clears the others; returns the mean. */
function centre(map: Float32Array, excludedVoxels: Uint32Array): number {
  for (const voxel of excludedVoxels) map[voxel] = 0;
  let sum = 0;
  for (let v = 0; v < map.length; v++) sum += map[v]!;
  const mean = sum / (map.length - excludedVoxels.length);
  for (let v = 0; v < map.length; v++) map[v]! -= mean;
  for (const voxel of excludedVoxels) map[voxel] = 0;
  return mean;
}

function norm(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

/** Of a symmetric matrix that has no negative eigenvalue. */
function pseudoInverse(symmetric: DenseMatrix): DenseMatrix {
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(symmetric, {
    assumeSymmetric: true,
  });
  const least = SMALLEST_SHARE * Math.max(...values, 0);
  const scaled = vectors.clone();
  for (let j = 0; j < values.length; j++) {
    const factor = values[j]! > least ? 1 / values[j]! : 0;
    for (let i = 0; i < scaled.rows; i++) scaled.set(i, j, scaled.get(i, j) * factor);
  }
  return scaled.mmul(vectors.transpose());
}
