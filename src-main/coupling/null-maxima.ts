import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import type { CorrelateOptions } from './correlate';
import { circulant } from './circulant-folds';
import {
  inBlocks,
  multiplyTransposed,
  rowsBetween,
  rowsPerBlock,
  toMatrix,
  type Copies,
  type Rows,
  type SeriesMaxima,
} from './product';
import { checkTimeAxes, toUnitSeries, type SeriesMatrix, type UnitSeries } from './series';
import type { Surrogates } from './surrogates';

/** What to find the maxima of, and how. */
export interface NullOptions extends CorrelateOptions {
  /**
   * Called for every filter in order with its maxima over the FBNs [1 + n]; null where it is constant or not finite. The array
   * is used again for the next filter. Costs nothing where it is left out.
   */
  onFilter?: ((filter: number, maxima: Float64Array | null) => void) | undefined;
}

/** Filters handed to an engine at a time: bounds the memory that it takes. */
export const FILTERS_PER_TILE = 1024;

/**
 * The largest r of every FBN over all filters, as observed and under every surrogate of the FBNs: an argmax over more filters
 * is larger by chance, and so is its null. The other way round, the largest r of every filter over all FBNs under the same
 * surrogates. Held are a tile of r [1 + n, filters of the tile] and the maxima of the FBNs.
 * @param x FBN activations [fbns, time]
 * @param y filter activations [filters, time], same time axis; constant and non-finite ones take no part
 * @param surrogates copies of an FBN's series that have its autocorrelation but no relation to any filter; the same draw for all
 * @returns [fbns, 1 + n], the observed r first; NaN where the FBN or every filter is constant or not finite
 * @throws UserError where the time axes differ or have fewer than 3 points
 */
export async function nullMaxima(
  x: SeriesMatrix,
  y: SeriesMatrix,
  surrogates: Surrogates,
  { maxima, context, onFilter, names = { x: 'FBN activations', y: 'filter activations' } }: NullOptions = {},
): Promise<SeriesMatrix & { data: Float64Array }> {
  checkTimeAxes(x, y, names);
  const ux = toUnitSeries(x);
  const copies = surrogates.rows;
  const largest = { rows: x.rows, columns: copies, data: new Float64Array(x.rows * copies).fill(NaN) };
  const multiply = maxima ? multiplyElsewhere(maxima) : multiplyHere(context);
  const size = maxima ? FILTERS_PER_TILE : rowsPerBlock(x.columns * copies);
  const tiles = Math.max(1, Math.ceil(y.rows / size));
  const work = { rows: x.rows * tiles, size: 1, stage: 'null of the maximum', unit: tiles > 1 ? 'FBN tiles' : 'FBNs', context };
  let tile: Tile | undefined;
  await inBlocks(work, async (step) => {
    const [start, fbn] = [Math.floor(step / x.rows) * size, step % x.rows];
    if (!tile || fbn === 0) {
      const end = Math.min(start + size, y.rows);
      const block = { ...y, rows: end - start, data: y.data.subarray(start * y.columns, end * y.columns) };
      tile = beginTile(toUnitSeries(block), start, onFilter !== undefined && copies);
    }
    if (ux.defined[fbn] && tile.filters.rows > 0) {
      const row = largest.data.subarray(fbn * copies, (fbn + 1) * copies);
      raise(row, await multiply(rowsBetween(ux, fbn, fbn + 1), fbn, surrogates, tile));
    }
    if (onFilter && fbn === x.rows - 1) visitFilters(tile, copies, onFilter);
  });
  return largest;
}

/** Filters that are taken together. */
interface Tile {
  /** Place of each filter of the tile among `filters`; null where it is undefined. */
  places: (number | null)[];
  first: number;
  filters: Rows;
  /** The same in float32, made when an engine first asks for it. */
  matrix?: Matrix;
  /** Largest r over the FBNs so far, [1 + n, filters]; not kept where nobody asks. */
  columns: Float32Array | Float64Array | undefined;
  spare?: Float32Array;
}

function beginTile(unit: UnitSeries, first: number, copies: number | false): Tile {
  let kept = 0;
  const places = Array.from(unit.defined, (isDefined) => (isDefined ? kept++ : null));
  const filters = { rows: kept, columns: unit.columns, data: unit.data };
  if (kept < unit.rows) {
    filters.data = new Float64Array(kept * unit.columns);
    places.forEach((to, i) => {
      const from = i * unit.columns;
      if (to !== null) filters.data.set(unit.data.subarray(from, from + unit.columns), to * unit.columns);
    });
  }
  const columns = copies === false ? undefined : new Float64Array(copies * kept).fill(-Infinity);
  return { places, first, filters, columns };
}

/** The largest r of the series' surrogates over the filters of a tile; raises the columns of the tile. */
type Multiply = (series: Rows, fbn: number, surrogates: Surrogates, tile: Tile) => Promise<Float32Array | Float64Array>;

function multiplyElsewhere(maxima: SeriesMaxima): Multiply {
  return async (series, fbn, surrogates, tile) => {
    tile.matrix ??= toMatrix(tile.filters);
    const copies = await writtenOut(surrogates, new Float32Array(series.data), fbn);
    if (!tile.columns) return maxima(copies, tile.matrix);
    const from = tile.columns instanceof Float32Array ? tile.columns : new Float32Array(tile.columns);
    const into = tile.spare ?? new Float32Array(from.length);
    const rows = await maxima(copies, tile.matrix, { from, into });
    [tile.columns, tile.spare] = [into, from];
    return rows;
  };
}

/** The copies of a series; shifts only when somebody reads them. */
async function writtenOut(surrogates: Surrogates, series: Float32Array, fbn: number): Promise<Copies> {
  const size = { rows: surrogates.rows, columns: series.length };
  if (!surrogates.areShifts) return { ...size, data: await surrogates.make(series, fbn) };
  let data: Float32Array | undefined;
  return {
    ...size,
    shiftsOf: series,
    get data() {
      return (data ??= circulant(series).data);
    },
  };
}

function multiplyHere(context: WorkContext | undefined): Multiply {
  return async (series, fbn, surrogates, { filters, columns }) => {
    throwIfCancelled(context?.signal);
    const copies = { rows: surrogates.rows, columns: series.columns, data: await surrogates.make(series.data, fbn) };
    const r = new Float64Array(copies.rows * filters.rows);
    multiplyTransposed(copies, filters, { data: r, offset: 0, stride: filters.rows });
    if (columns) raise(columns, r);
    await setImmediate();
    return rowMaxima(r, filters.rows);
  };
}

/** Raises numbers to others; those that are NaN yet are replaced. */
function raise(largest: Float32Array | Float64Array, others: Float32Array | Float64Array): void {
  for (let i = 0; i < largest.length; i++) if (!(largest[i]! >= others[i]!)) largest[i] = others[i]!;
}

function rowMaxima(r: Float64Array, columns: number): Float64Array {
  const maxima = new Float64Array(r.length / columns);
  for (let i = 0; i < maxima.length; i++) {
    let maximum = -Infinity;
    for (let j = i * columns; j < (i + 1) * columns; j++) if (r[j]! > maximum) maximum = r[j]!;
    maxima[i] = maximum;
  }
  return maxima;
}

function visitFilters(
  { places, first, filters, columns }: Tile,
  copies: number,
  visit: NonNullable<NullOptions['onFilter']>,
): void {
  const maxima = new Float64Array(copies);
  places.forEach((place, i) => {
    // Where no FBN is defined, nothing has raised the columns.
    if (place === null || columns![place] === -Infinity) return visit(first + i, null);
    for (let copy = 0; copy < copies; copy++) maxima[copy] = columns![copy * filters.rows + place]!;
    visit(first + i, maxima);
  });
}
