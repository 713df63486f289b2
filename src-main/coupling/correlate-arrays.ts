import { UserError } from '../../src-preload/shared/domain/errors';
import { circularShiftMaxNull, type ShiftNull } from './circular-shift-null';
import { correlateExactly, type CorrelateOptions } from './correlate';
import { EFFECTIVE_N_RULE, effectiveSampleSizes } from './effective-n';
import { pairMetrics, type MetricsOptions, type PairMetrics } from './pair-metrics';
import { bestFbnOfFilter, bestFilterOfFbn, summarisePairs, type PairSummary } from './pairs';
import { checkTimeAxes, type SeriesMatrix } from './series';
import { benjaminiHochberg, correlationPValue } from './significance';

/** A number of a JSON document; null where it is undefined. */
type JsonNumber = number | null;
type JsonMatrix = JsonNumber[][];

/** The coupling statistics of two plain arrays, as `correlate X.npy Y.npy --json` prints them; undefined is null. */
export interface CouplingStatistics {
  timePoints: number;
  /** Pearson's r [fbns][filters]. */
  r: JsonMatrix;
  /** Two-sided p with N − 2 degrees of freedom [fbns][filters]. */
  p: JsonMatrix;
  /** Effective N of autocorrelated series [fbns][filters], by `effectiveNRule`. */
  effectiveN: JsonMatrix;
  effectiveNRule: string;
  /** Two-sided p with effective N − 2 degrees of freedom [fbns][filters]. */
  pEffective: JsonMatrix;
  /** Eq. 2, one entry per FBN. */
  bestFilterOfFbn: JsonNumber[];
  /** Eq. 1, one entry per filter. */
  bestFbnOfFilter: JsonNumber[];
  /** Benjamini–Hochberg q over the p of the pairs of Eq. 2, one entry per FBN. */
  fdrBhOfBest: JsonNumber[];
  /** Sakoe–Chiba band of `DTWInBand` in time points; left out where none is asked for. */
  band?: number;
  /** One entry per FBN, with its partner of Eq. 2. */
  metricsOfBest: (PairMetrics | null)[];
  /** One entry per FBN. */
  circularShiftMaxNull: (ShiftNull | null)[];
  /** Mean r and significance of the pairs of both directions. */
  summary: { fbnToFilter: JsonSummary; filterToFbn: JsonSummary };
}

type JsonSummary = { [Name in keyof PairSummary]: JsonNumber };

/** Four matrices of more entries make a JSON text that no string holds. */
const MOST_ENTRIES = 2_000_000;

/**
 * All coupling statistics of two arrays, in float64; `maxima` on an engine serve the circular-shift null only, `band` a second DTW.
 * @param x FBN activations [fbns, time]
 * @param y filter activations [filters, time], same time axis
 * @throws UserError where the time axes differ or have fewer than 3 points, or fbns × filters is above two million
 */
export async function correlateArrays(
  x: SeriesMatrix,
  y: SeriesMatrix,
  { band, ...options }: CorrelateOptions & MetricsOptions = {},
): Promise<CouplingStatistics> {
  const names = options.names ?? { x: 'X', y: 'Y' };
  checkTimeAxes(x, y, names);
  checkEntries(x, y, names.y);
  const time = x.columns;
  const r = await correlateExactly(x, y, { context: options.context, names });
  const effectiveN = effectiveSampleSizes(x, y, names);
  const p = map(r, (value) => correlationPValue(value, time - 2));
  const best = bestFilterOfFbn(r);
  return {
    timePoints: time,
    r: toJson(r),
    p: toJson(p),
    effectiveN: toJson(effectiveN),
    effectiveNRule: EFFECTIVE_N_RULE,
    pEffective: toJson(map(r, (value, at) => correlationPValue(value, effectiveN.data[at]! - 2))),
    bestFilterOfFbn: best,
    bestFbnOfFilter: bestFbnOfFilter(r),
    fdrBhOfBest: benjaminiHochberg(best.map((filter, fbn) => (filter === null ? NaN : p.data[fbn * r.columns + filter]!))).map(
      orNull,
    ),
    ...(band !== undefined && { band }),
    metricsOfBest: best.map((filter, fbn) => (filter === null ? null : pairMetrics(rowOf(x, fbn), rowOf(y, filter), { band }))),
    circularShiftMaxNull: await circularShiftMaxNull(x, y, { ...options, names }),
    summary: {
      fbnToFilter: summaryToJson(summarisePairs(r, 'fbn-to-filter', time)),
      filterToFbn: summaryToJson(summarisePairs(r, 'filter-to-fbn', time)),
    },
  };
}

function checkEntries(x: SeriesMatrix, y: SeriesMatrix, file: string): void {
  if (x.rows * y.rows <= MOST_ENTRIES) return;
  throw new UserError({
    code: 'file-too-large',
    what: 'too many pairs for one document',
    file,
    expected: `at most ${MOST_ENTRIES}`,
    found: `${x.rows} × ${y.rows}`,
    remedy: 'pass fewer series at a time, or couple them in a project',
  });
}

function rowOf({ columns, data }: SeriesMatrix, i: number): Float32Array | Float64Array {
  return data.subarray(i * columns, (i + 1) * columns);
}

function map(matrix: SeriesMatrix & { data: Float64Array }, entry: (value: number, at: number) => number) {
  return { ...matrix, data: matrix.data.map(entry) };
}

function orNull(value: number): JsonNumber {
  return Number.isNaN(value) ? null : value;
}

function toJson({ rows, columns, data }: SeriesMatrix): JsonMatrix {
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns), orNull));
}

function summaryToJson(summary: PairSummary): JsonSummary {
  return Object.fromEntries(Object.entries(summary).map(([name, value]) => [name, orNull(value as number)])) as JsonSummary;
}
