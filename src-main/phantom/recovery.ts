import { matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';

/** What was found and what is true. Maps have the same voxels in the same order. */
export interface RecoveryRequest {
  /** [networks, voxels]; those that follow a filter first, then the distractors. */
  plantedMaps: Matrix;
  /** The filter of each planted network, in the order of the maps; fewer than maps where there are distractors. */
  plantedFilters: readonly number[];
  /** [fbns, voxels]; voxels where any FBN is NaN are left out. */
  fbnMaps: Matrix;
  /** r [fbns, filters] of one layer, one matrix per movie run; NaN where undefined. */
  correlations: readonly Matrix[];
}

/** How one planted network was found. */
export interface NetworkRecovery {
  /** Index of the planted map. */
  network: number;
  plantedFilter: number;
  /** The network's FBN; null where no map has a defined correlation. */
  fbn: number | null;
  /** Spatial r of that FBN's map with the network's. */
  mapCorrelation: number;
  /** That r less the largest |r| of the FBN's map with another network's: above 0 where it shows this network most. */
  margin: number;
  /** The filter that goes best with that FBN, and its mean r over movie runs. */
  bestFilter: number | null;
  bestFilterCorrelation: number;
  /** Mean r of that FBN with the planted filter. */
  plantedFilterCorrelation: number;
  fbnToFilter: boolean;
  /** The FBN that goes best with the planted filter, and the network its map looks most like. */
  bestFbn: number | null;
  networkOfBestFbn: number | null;
  filterToFbn: boolean;
}

/** How many of the planted pairs were found. */
export interface Recovery {
  /** Pairs planted. */
  planted: number;
  recovered: { fbnToFilter: number; filterToFbn: number };
  /** How clearly, as means over the planted pairs. */
  strength: {
    /** Spatial r of the network's FBN with the network. */
    mapR: number;
    /** r of the planted filter with the FBN that goes best with it. */
    filterR: number;
  };
  /** Other counts of the same, stricter or plainer, out of `planted`. */
  alternatives: {
    /** The planted filter's best FBN is the very FBN that stands for the network. */
    sameFbn: number;
    /** As fbnToFilter, with the FBN of the largest spatial r, however much it shows other networks too. */
    fbnToFilterByNearestMap: number;
    /** Networks with an FBN whose map looks more than twice as much like theirs as like any other. */
    clearMaps: number;
  };
  perNetwork: NetworkRecovery[];
}

/**
 * Holds FBNs and their correlations with filters against the planted truth.
 *
 * The FBN of network k is the one that shows k and no other network: the largest r(map, k) − max over j ≠ k of |r(map, j)|, over
 * all planted maps, distractors included. FBN → filter is recovered where, of all filters of the layer, the planted one has the
 * largest mean r (over movie runs) with that FBN. Filter → FBN is recovered where, of all FBNs, the one with the largest mean r
 * with the planted filter has a map that looks more like network k than like any other network, distractors included. r is signed.
 *
 * Nothing is forgiven on the side of filters: a filter similar to the planted one does not count. On the side of FBNs it is the map
 * that counts, not the number: LT is identified only up to an invertible mixing of its FBNs, so with more FBNs than networks several
 * show the same network, and which of them follows its filter best is chance (`alternatives.sameFbn` counts that all the same).
 *
 * Counts need a control. For maps and activations that know nothing of each other, fbnToFilter is 1 in filters and filterToFbn 1 in
 * networks; but an activation is S times a map, so that of many random maps the one that happens to show a network most also
 * follows its filter most: with 64 random maps about half of the pairs of the default phantom are found (phantom-control.ts).
 */
export function evaluateRecovery({ plantedMaps, plantedFilters, fbnMaps, correlations }: RecoveryRequest): Recovery {
  checkShapes({ plantedMaps, plantedFilters, fbnMaps, correlations });
  const likeness = correlateMaps(fbnMaps, plantedMaps);
  const r = meanOf(correlations);
  const perNetwork = plantedFilters.map((filter, network) => recoverNetwork(network, filter, likeness, r));
  const count = (holds: (one: NetworkRecovery) => boolean) => perNetwork.filter(holds).length;
  return {
    planted: plantedFilters.length,
    recovered: { fbnToFilter: count((one) => one.fbnToFilter), filterToFbn: count((one) => one.filterToFbn) },
    strength: {
      mapR: mean(perNetwork.map(({ mapCorrelation }) => mapCorrelation)),
      filterR: mean(
        perNetwork.map(({ bestFbn, plantedFilter }) => (bestFbn === null ? NaN : r.data[bestFbn * r.columns + plantedFilter]!)),
      ),
    },
    alternatives: {
      sameFbn: count(({ fbn, bestFbn }) => fbn !== null && fbn === bestFbn),
      fbnToFilterByNearestMap: count(({ network, plantedFilter }) => {
        const nearest = largest(likeness.rows, (fbn) => likeness.data[fbn * likeness.columns + network]!);
        return nearest !== null && largest(r.columns, (filter) => r.data[nearest * r.columns + filter]!) === plantedFilter;
      }),
      clearMaps: count(({ mapCorrelation, margin }) => margin > mapCorrelation / 2),
    },
    perNetwork,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function recoverNetwork(network: number, plantedFilter: number, likeness: Matrix, r: Matrix): NetworkRecovery {
  const rowOf = (fbn: number) => matrixRow(likeness, fbn);
  const marginOf = (fbn: number) => {
    const others = rowOf(fbn).map((value, other) => (other === network ? -Infinity : Math.abs(value)));
    return rowOf(fbn)[network]! - Math.max(0, ...others);
  };
  const fbn = largest(likeness.rows, marginOf);
  const bestFilter = fbn === null ? null : largest(r.columns, (filter) => r.data[fbn * r.columns + filter]!);
  const bestFbn = largest(r.rows, (one) => r.data[one * r.columns + plantedFilter]!);
  const networkOfBestFbn = bestFbn === null ? null : largest(likeness.columns, (other) => rowOf(bestFbn)[other]!);
  const rWith = (filter: number | null) => (fbn === null || filter === null ? NaN : r.data[fbn * r.columns + filter]!);
  return {
    ...{ network, plantedFilter, fbn },
    mapCorrelation: fbn === null ? NaN : rowOf(fbn)[network]!,
    margin: fbn === null ? NaN : marginOf(fbn),
    ...{ bestFilter, bestFilterCorrelation: rWith(bestFilter), plantedFilterCorrelation: rWith(plantedFilter) },
    fbnToFilter: bestFilter === plantedFilter,
    ...{ bestFbn, networkOfBestFbn },
    filterToFbn: networkOfBestFbn === network,
  };
}

/** The index of the largest value, the first of equals; null where all are NaN. */
function largest(count: number, value: (index: number) => number): number | null {
  let best: number | null = null;
  let most = -Infinity;
  for (let index = 0; index < count; index++) {
    const one = value(index);
    if (one > most) [best, most] = [index, one];
  }
  return best;
}

/** Spatial Pearson r. @returns [rows of a, rows of b]; NaN where a map is constant */
function correlateMaps(a: Matrix, b: Matrix): Matrix {
  const kept = Array.from({ length: a.columns }, (_, voxel) => voxel).filter((voxel) => {
    for (let row = 0; row < a.rows; row++) if (Number.isNaN(a.data[row * a.columns + voxel]!)) return false;
    return true;
  });
  const [unitA, unitB] = [a, b].map((maps) => Array.from({ length: maps.rows }, (_, row) => unitMap(matrixRow(maps, row), kept)));
  const data = new Float32Array(a.rows * b.rows);
  unitA!.forEach((mapA, i) => {
    unitB!.forEach((mapB, j) => {
      data[i * b.rows + j] = mapA.reduce((sum, value, voxel) => sum + value * mapB[voxel]!, 0);
    });
  });
  return { rows: a.rows, columns: b.rows, data };
}

/** Mean 0 and length 1 over the voxels kept; NaN where constant. */
function unitMap(map: Float32Array, kept: readonly number[]): Float64Array {
  const values = Float64Array.from(kept, (voxel) => map[voxel]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return values.map((value) => (length > 0 ? (value - mean) / length : NaN));
}

function meanOf(matrices: readonly Matrix[]): Matrix {
  const [first] = matrices;
  const data = first!.data.map((_, i) => matrices.reduce((sum, matrix) => sum + matrix.data[i]!, 0) / matrices.length);
  return { rows: first!.rows, columns: first!.columns, data };
}

function checkShapes({ plantedMaps, plantedFilters, fbnMaps, correlations }: RecoveryRequest): void {
  const [first] = correlations;
  if (!first || correlations.some(({ rows, columns }) => rows !== fbnMaps.rows || columns !== first.columns))
    throw new RangeError('correlations must be [fbns, filters] alike for every movie run');
  if (plantedMaps.columns !== fbnMaps.columns)
    throw new RangeError(`${plantedMaps.columns} voxels of truth, ${fbnMaps.columns} of FBNs`);
  if (plantedFilters.length > plantedMaps.rows || plantedFilters.some((filter) => filter >= first.columns))
    throw new RangeError('planted filters do not fit the maps and correlations');
}
