import { linearSumAssignment } from 'linear-sum-assignment';
import { Matrix as DenseMatrix } from 'ml-matrix';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';

/**
 * |r| of every map with every other one, over the voxels where both have a value.
 * @param a [maps of a, voxels]
 * @param b [maps of b, voxels]
 * @param product a bᵀ for two matrices [rows, columns], in float32
 * @returns [maps of a, maps of b]; 0 where a map is constant
 */
export async function mapCorrelations(a: Matrix, b: Matrix, product: (a: Matrix, b: Matrix) => Promise<Matrix>): Promise<Matrix> {
  const voxels = Array.from({ length: a.columns }, (_, v) => v).filter((v) => hasValue(a, v) && hasValue(b, v));
  const { rows, columns, data } = await product(unitMaps(a, voxels), unitMaps(b, voxels));
  return { rows, columns, data: data.map(Math.abs) };
}

/**
 * The one-to-one matching of two sets of maps with the largest sum of |r| (Kuhn 1955; by Jonker and Volgenant's algorithm).
 * @param similarity [maps of a, maps of b]
 * @returns for each map of a its partner in b; −1 where b has fewer and none is left
 */
export function matchMaps({ rows, columns, data }: Matrix): Int32Array {
  // The library writes into what it is given.
  const copy = new DenseMatrix(rows, columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) copy.set(i, j, data[i * columns + j]!);
  const { rowAssignments } = linearSumAssignment(copy, { maximaze: true });
  return Int32Array.from(rowAssignments);
}

/**
 * Split-half reproducibility of maps: each map of the whole is matched with a map of either half, and scored by |r| of these two.
 * @param similarity |r| between the sets: whole × first half, whole × second half, first × second half
 * @returns [maps of the whole], in [0, 1]
 */
export function splitHalfReproducibility(similarity: { withFirst: Matrix; withSecond: Matrix; between: Matrix }): Float64Array {
  const { withFirst, withSecond, between } = similarity;
  const [first, second] = [matchMaps(withFirst), matchMaps(withSecond)];
  return Float64Array.from({ length: withFirst.rows }, (_, i) => between.data[first[i]! * between.columns + second[i]!]!);
}

function hasValue({ columns, data }: Matrix, voxel: number): boolean {
  // A voxel takes part in all maps of an embedding or in none.
  return !Number.isNaN(data[voxel % columns]!);
}

/** Maps with mean 0 and length 1 over the voxels given. */
function unitMaps({ rows, columns, data }: Matrix, voxels: readonly number[]): Matrix {
  const units = new Float32Array(rows * voxels.length);
  for (let row = 0; row < rows; row++) {
    const map = Float64Array.from(voxels, (voxel) => data[row * columns + voxel]!);
    const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
    const length = Math.sqrt(map.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    for (let n = 0; n < map.length; n++) units[row * map.length + n] = length > 0 ? (map[n]! - mean) / length : 0;
  }
  return { rows, columns: voxels.length, data: units };
}
