import type { Grid } from '../../src-preload/shared/domain/grid';
import { voxelSizes } from '../fmri/affine';

/** A cluster of voxels of one sign above a threshold, with its strongest voxel. */
export interface MapCluster {
  /** MNI, mm, of the strongest voxel. */
  peak: [x: number, y: number, z: number];
  /** z over the map's voxels at the peak, signed. */
  z: number;
  voxels: number;
  /** mm³ */
  volume: number;
  /** Of the peak; within 4 mm of the midline it is neither. */
  side: 'left' | 'right' | 'middle';
  /** Index of the strongest voxel into the grid. */
  voxel: number;
}

export interface PeakOptions {
  /** |z| over the map's voxels from which a voxel belongs to a cluster. */
  threshold: number;
  /** Voxels that a cluster has at least. */
  smallest: number;
}

/** Distance from the midline within which a peak has no side, in mm: the voxels are 4 mm wide. */
const MIDLINE_MM = 4;

/**
 * The clusters of a map, strongest peak first: voxels of one sign with |z| at or above the threshold that touch by faces, edges or
 * corners.
 * @param map [voxels]; NaN takes no part
 * @param voxels indices into the grid, ascending, i fastest
 */
export function findClusters(
  map: Float32Array,
  voxels: Int32Array,
  grid: Grid,
  { threshold, smallest }: PeakOptions,
): MapCluster[] {
  const z = zOf(map);
  const volume = new Float32Array(grid.shape[0] * grid.shape[1] * grid.shape[2]);
  for (let n = 0; n < map.length; n++) if (Math.abs(z[n]!) >= threshold) volume[voxels[n]!] = z[n]!;
  const [a, b, c] = voxelSizes(grid.affine);
  const clusters: MapCluster[] = [];
  for (const start of voxels) {
    if (volume[start] === 0) continue;
    const { best, strongest, size } = fill(volume, start, grid.shape);
    if (size < smallest) continue;
    const peak = centre(grid, best);
    const side = Math.abs(peak[0]) < MIDLINE_MM ? 'middle' : peak[0] < 0 ? 'left' : 'right';
    clusters.push({ peak, z: strongest, voxels: size, volume: size * a * b * c, side, voxel: best });
  }
  return clusters.sort((one, other) => Math.abs(other.z) - Math.abs(one.z));
}

/** z over the voxels that have a value. */
function zOf(map: Float32Array): Float32Array {
  const used = map.filter((value) => !Number.isNaN(value));
  const mean = used.reduce((sum, value) => sum + value, 0) / used.length;
  const deviation = Math.sqrt(used.reduce((sum, value) => sum + (value - mean) ** 2, 0) / used.length);
  return map.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

/** Takes a connected part of one sign out of the volume. */
function fill(volume: Float32Array, start: number, [nx, ny, nz]: Grid['shape']) {
  const sign = Math.sign(volume[start]!);
  const stack: [voxel: number, z: number][] = [[start, volume[start]!]];
  const found = { best: start, strongest: volume[start]!, size: 0 };
  volume[start] = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [voxel, value] = next;
    found.size++;
    if (Math.abs(value) > Math.abs(found.strongest)) Object.assign(found, { best: voxel, strongest: value });
    const [x, y, z] = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))];
    for (let k = Math.max(0, z - 1); k <= Math.min(nz - 1, z + 1); k++) {
      for (let j = Math.max(0, y - 1); j <= Math.min(ny - 1, y + 1); j++) {
        for (let i = Math.max(0, x - 1); i <= Math.min(nx - 1, x + 1); i++) {
          const neighbour = i + nx * (j + ny * k);
          if (Math.sign(volume[neighbour]!) !== sign) continue;
          stack.push([neighbour, volume[neighbour]!]);
          volume[neighbour] = 0;
        }
      }
    }
  }
  return found;
}

function centre({ shape: [nx, ny], affine }: Grid, voxel: number): [number, number, number] {
  const index = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))];
  const along = (row: number) =>
    affine[row]! * index[0]! + affine[row + 1]! * index[1]! + affine[row + 2]! * index[2]! + affine[row + 3]!;
  return [along(0), along(4), along(8)];
}
