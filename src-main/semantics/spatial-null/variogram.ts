import { voxelSizes } from '../../fmri/affine';
import type { Mask } from '../../fmri/mask';

/** Steps between voxels along which maps are compared. */
export interface Lags {
  /** [lags × 3], in voxels along x, y, z. */
  steps: Int32Array;
  /** The mask's voxels that are each step apart, one after the other: [lags][2 × pairs]. */
  pairs: Int32Array[];
}

/** Directions of a cube's faces, edges and corners; the opposite ones say the same. */
const DIRECTIONS = [-1, 0, 1]
  .flatMap((z) => [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => [x, y, z] as const)))
  .filter(([x, y, z]) => 9 * z + 3 * y + x > 0);

/** Share of the distances between voxels up to which variograms are matched, as in Burt et al. 2020. */
const NEAREST_SHARE = 0.25;
const DISTANCES_SAMPLED = 2000;

/** Steps in 13 directions up to the 25th percentile of the distances between the mask's voxels. */
export function chooseLags(mask: Mask): Lags {
  const sizes = voxelSizes(mask.grid.affine);
  const reach = nearDistance(mask, sizes);
  const steps: number[] = [];
  for (const [x, y, z] of DIRECTIONS) {
    const length = Math.hypot(x * sizes[0], y * sizes[1], z * sizes[2]);
    for (let n = 1; n === 1 || n * length <= reach; n++) steps.push(n * x, n * y, n * z);
  }
  const pairs = Array.from({ length: steps.length / 3 }, (_, lag) =>
    findPairs(mask, [steps[3 * lag]!, steps[3 * lag + 1]!, steps[3 * lag + 2]!]),
  );
  return { steps: Int32Array.from(steps), pairs };
}

/** The voxels of a mask from which a step leads to another one of it. */
function findPairs({ grid, voxels }: Mask, [x, y, z]: readonly [number, number, number]): Int32Array {
  const [nx, ny, nz] = grid.shape;
  const numbers = new Int32Array(nx * ny * nz).fill(-1);
  for (const [number, voxel] of voxels.entries()) numbers[voxel] = number;
  const pairs: number[] = [];
  for (const [number, voxel] of voxels.entries()) {
    const [i, j, k] = [(voxel % nx) + x, (Math.floor(voxel / nx) % ny) + y, Math.floor(voxel / (nx * ny)) + z];
    if (i < 0 || i >= nx || j < 0 || j >= ny || k < 0 || k >= nz) continue;
    const other = numbers[i + nx * (j + ny * k)]!;
    if (other >= 0) pairs.push(number, other);
  }
  return Int32Array.from(pairs);
}

function nearDistance({ grid, voxels }: Mask, sizes: readonly [number, number, number]): number {
  const [nx, ny] = grid.shape;
  const place = (n: number) => {
    const voxel = voxels[n % voxels.length]!;
    return [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))] as const;
  };
  // Strides without a common factor with each other pair voxels from everywhere, the same ones every time.
  const distances = Float64Array.from({ length: DISTANCES_SAMPLED }, (_, i) => {
    const [a, b] = [place(i * 7919), place(i * 104_729 + 31)];
    return Math.hypot(...a.map((at, axis) => (at - b[axis]!) * sizes[axis]!));
  }).sort();
  return distances[Math.floor(NEAREST_SHARE * DISTANCES_SAMPLED)]!;
}

/**
 * Semivariance of a map at every lag, over its variance: 0 where neighbours are alike, 1 where they have nothing in common. NaN where no
 * two voxels are that far apart.
 * @param map [voxels], not constant
 */
export function variogramOf(map: Float32Array, { pairs }: Pick<Lags, 'pairs'>): Float64Array {
  const variance = varianceOf(map);
  return Float64Array.from(pairs, (own) => {
    let sum = 0;
    for (let i = 0; i < own.length; i += 2) {
      const difference = map[own[i]!]! - map[own[i + 1]!]!;
      sum += difference * difference;
    }
    return own.length > 0 ? sum / (own.length * variance) : NaN;
  });
}

function varianceOf(map: Float32Array): number {
  const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
  return map.reduce((sum, value) => sum + (value - mean) ** 2, 0) / map.length;
}

const SWEEPS = 400;

/**
 * Shares of fields of different scales whose sum has a variogram: non-negative least squares, by coordinates in turn. (A nested model of
 * Journel & Huijbregts 1978; the variograms of independent fields add.)
 * @param wanted [lags]
 * @param models variograms of the fields, [scales][lags]
 * @returns variances, ≥ 0, [scales]
 */
export function matchVariogram(wanted: Float64Array, models: readonly Float64Array[]): Float64Array {
  const used = [...wanted.keys()].filter((lag) => !Number.isNaN(wanted[lag]!));
  const inner = (a: Float64Array, b: Float64Array) => used.reduce((sum, lag) => sum + a[lag]! * b[lag]!, 0);
  const gram = models.map((one) => models.map((other) => inner(one, other)));
  const target = models.map((one) => inner(one, wanted));
  const shares = new Float64Array(models.length);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let scale = 0; scale < models.length; scale++) {
      let rest = target[scale]!;
      for (let other = 0; other < models.length; other++) if (other !== scale) rest -= gram[scale]![other]! * shares[other]!;
      shares[scale] = gram[scale]![scale]! > 0 ? Math.max(0, rest / gram[scale]![scale]!) : 0;
    }
  }
  return shares;
}
