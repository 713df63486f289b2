import { matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';

/** What is needed to tell which planted pairs were found. */
export interface RecoveryQuestion {
  /** Planted maps [networks + distractors, voxels]: first the networks that follow a filter, then those that follow none. */
  plantedMaps: Matrix;
  /** Filter that each network follows; its length is the number of networks. */
  plantedFilters: readonly number[];
  /** FBN maps [fbns, voxels] in the same mask; NaN where a voxel took no part. */
  fbnMaps: Matrix;
  /** Pearson's r [fbns, filters], averaged over movie runs; NaN where undefined. */
  r: Matrix;
}

/** What became of one planted pair. */
export interface NetworkRecovery {
  /** The FBN that shows this network and no other, by maps alone. */
  fbn: number;
  /** Spatial r of that FBN's map with the planted map. */
  mapR: number;
  /** The filter that FBN pairs with; null where all its r are undefined. */
  bestFilter: number | null;
  fbnToFilter: boolean;
  /** The FBN that the planted filter pairs with; null where all its r are undefined. */
  bestFbn: number | null;
  /** The planted map that FBN's map resembles most. */
  bestFbnShows: number | null;
  filterToFbn: boolean;
}

export interface Recovery {
  planted: number;
  recovered: { fbnToFilter: number; filterToFbn: number };
  networks: NetworkRecovery[];
}

/**
 * How many planted pairs (network, filter) were found, from both sides.
 *
 * FBN → filter: from the brain. Network k's FBN is the one whose map shows k and no other: it maximises
 * r(map, k) − max over j ≠ k of |r(map, j)|, over all planted maps j, those of distractors included. The pair is found when the
 * best of all filters of the layer for that FBN is the planted one.
 *
 * Filter → FBN: from the network. The pair is found when the best FBN for the planted filter has a map that resembles planted map k
 * more than any other.
 *
 * The two start from opposite sides and need not land on the same FBN: the linear embedding is identified only up to an invertible
 * mixing of its FBNs (S W A, A⁻¹ V gives the same loss), so several FBNs may show one network, and most show several.
 */
export function evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps, r }: RecoveryQuestion): Recovery {
  const similarity = correlateMaps(fbnMaps, plantedMaps);
  const networks = plantedFilters.map((filter, k): NetworkRecovery => {
    const fbn = mostExclusiveFbn(similarity, k);
    const bestFilter = argmax(matrixRow(r, fbn));
    const bestFbn = argmax(Float32Array.from({ length: r.rows }, (_, i) => r.data[i * r.columns + filter]!));
    const bestFbnShows = bestFbn === null ? null : argmax(matrixRow(similarity, bestFbn));
    return {
      ...{ fbn, mapR: similarity.data[fbn * similarity.columns + k]!, bestFilter, bestFbn, bestFbnShows },
      fbnToFilter: bestFilter === filter,
      filterToFbn: bestFbnShows === k,
    };
  });
  const count = (found: (network: NetworkRecovery) => boolean) => networks.filter(found).length;
  return {
    planted: networks.length,
    recovered: { fbnToFilter: count((network) => network.fbnToFilter), filterToFbn: count((network) => network.filterToFbn) },
    networks,
  };
}

/** The FBN with the largest margin between its similarity to map k and to any other planted map. */
function mostExclusiveFbn(similarity: Matrix, k: number): number {
  let best = 0;
  let largest = -Infinity;
  for (let fbn = 0; fbn < similarity.rows; fbn++) {
    const row = matrixRow(similarity, fbn);
    const others = row.reduce((most, value, j) => (j === k ? most : Math.max(most, Math.abs(value))), 0);
    const margin = row[k]! - others;
    if (margin > largest) {
      largest = margin;
      best = fbn;
    }
  }
  return best;
}

/** Pearson's r over voxels [a, b]; voxels that are NaN in a map do not count in it. */
function correlateMaps(a: Matrix, b: Matrix): Matrix {
  const data = new Float32Array(a.rows * b.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) data[i * b.rows + j] = spatialR(matrixRow(a, i), matrixRow(b, j));
  }
  return { rows: a.rows, columns: b.rows, data };
}

function spatialR(x: Float32Array, y: Float32Array): number {
  let [n, sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0, 0];
  for (let v = 0; v < x.length; v++) {
    const [p, q] = [x[v]!, y[v]!];
    if (Number.isNaN(p) || Number.isNaN(q)) continue;
    n++;
    sumX += p;
    sumY += q;
    sumXX += p * p;
    sumYY += q * q;
    sumXY += p * q;
  }
  const variance = (sumXX - (sumX * sumX) / n) * (sumYY - (sumY * sumY) / n);
  return variance > 0 ? (sumXY - (sumX * sumY) / n) / Math.sqrt(variance) : 0;
}

/** Index of the largest number, the first of equals; null where all are NaN. */
function argmax(values: Float32Array): number | null {
  let best: number | null = null;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i]!) && (best === null || values[i]! > values[best]!)) best = i;
  }
  return best;
}
