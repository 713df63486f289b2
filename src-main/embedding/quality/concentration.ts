import type { Grid } from '../../../src-preload/shared/domain/grid';

/** Share of the voxels that count as a map's top. */
const TOP_SHARE = 0.05;
/** |z| over the map's voxels from which a voxel belongs to a cluster, and voxels that a cluster has at least. */
const CLUSTER_Z = 2;
const SMALLEST_CLUSTER = 10;

/** How concentrated a map is. */
export interface Concentration {
  /** Share of the map's energy (sum of squares) in the 5 % of voxels where it is largest: 0.05 for a flat map, 0.28 for noise. */
  topShare: number;
  /** Clusters of at least 10 voxels of one sign with |z| > 2, neighbours across faces, edges and corners. */
  clusters: number;
  /** Voxels of the largest of them; 0 where there is none. */
  largestCluster: number;
  /** Share of the voxels with |z| > 2 that lie in such clusters; NaN where there are none. */
  clusteredShare: number;
}

/**
 * @param map [voxels]; NaN takes no part
 * @param voxels indices into the grid, ascending, i fastest
 */
export function concentrationOf(map: Float32Array, voxels: Int32Array, { shape }: Grid): Concentration {
  const used = map.filter((value) => !Number.isNaN(value));
  const signs = new Int8Array(shape[0] * shape[1] * shape[2]);
  const mean = used.reduce((sum, value) => sum + value, 0) / used.length;
  const deviation = Math.sqrt(used.reduce((sum, value) => sum + (value - mean) ** 2, 0) / used.length);
  let above = 0;
  for (let n = 0; n < map.length; n++)
    if (Math.abs(map[n]! - mean) > CLUSTER_Z * deviation) {
      signs[voxels[n]!] = map[n]! > mean ? 1 : -1;
      above++;
    }
  const sizes = clusterSizes(signs, voxels, shape).filter((size) => size >= SMALLEST_CLUSTER);
  const clustered = sizes.reduce((sum, size) => sum + size, 0);
  return {
    topShare: topShareOf(used),
    clusters: sizes.length,
    largestCluster: sizes.reduce((most, size) => Math.max(most, size), 0),
    clusteredShare: above > 0 ? clustered / above : NaN,
  };
}

function topShareOf(values: Float32Array): number {
  const squares = Float64Array.from(values, (value) => value * value).sort();
  const total = squares.reduce((sum, value) => sum + value, 0);
  const top = squares.subarray(squares.length - Math.max(1, Math.round(TOP_SHARE * squares.length)));
  return top.reduce((sum, value) => sum + value, 0) / total;
}

/**
 * Sizes of the connected parts of one sign, by flood fill; `signs` is cleared. (No library: those on npm label pictures, and a
 * volume's 26 neighbours are these few lines.)
 */
function clusterSizes(signs: Int8Array, voxels: Int32Array, [nx, ny, nz]: Grid['shape']): number[] {
  const sizes: number[] = [];
  const stack: number[] = [];
  for (const start of voxels) {
    const sign = signs[start]!;
    if (sign === 0) continue;
    let size = 0;
    stack.push(start);
    signs[start] = 0;
    for (let voxel = stack.pop(); voxel !== undefined; voxel = stack.pop()) {
      size++;
      const [x, y, z] = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))];
      for (let k = Math.max(0, z - 1); k <= Math.min(nz - 1, z + 1); k++)
        for (let j = Math.max(0, y - 1); j <= Math.min(ny - 1, y + 1); j++)
          for (let i = Math.max(0, x - 1); i <= Math.min(nx - 1, x + 1); i++) {
            const neighbour = i + nx * (j + ny * k);
            if (signs[neighbour] !== sign) continue;
            signs[neighbour] = 0;
            stack.push(neighbour);
          }
    }
    sizes.push(size);
  }
  return sizes;
}
