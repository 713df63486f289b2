import { Generator } from '../embedding/generator';
import { correlateExactly } from './correlate';
import { bestFilterOfFbn } from './pairs';
import { rowsBetween } from './product';
import { toUnitSeries, type SeriesMatrix, type UnitSeries } from './series';

/** One movie run, or one half of the subjects: the series that are paired or scored. */
export interface CoupledSeries {
  /** FBN activations [fbns, time]. */
  x: SeriesMatrix;
  /** Filter activations [filters, time]. */
  y: SeriesMatrix;
}

/** What pairs found in some data say of other data. */
export interface HeldOut {
  /** The best filter of each FBN in the data that are paired on; null where undefined. */
  partner: (number | null)[];
  /** r of FBN and partner in the data held out, and in those paired on; NaN where undefined. */
  heldOut: Float64Array;
  inSample: Float64Array;
}

/** How partners and r carry over from run to run. */
export interface Generalisation {
  /** One entry per movie run that is held out. */
  runs: (HeldOut & { meanR: number })[];
  /** Mean r over FBNs and held-out runs, and its 95 % interval by block bootstrap. */
  meanR: number;
  low: number;
  high: number;
  /** Time points of a block, and how many resamples. */
  block: number;
  resamples: number;
  /** By FBN: the share of pairs of runs that give the same partner; NaN with fewer than two runs. */
  stability: Float64Array;
}

export const RESAMPLES = 999;

/**
 * Leave one run out: partners by the largest mean r (as Fisher's z) over the other runs, scored on the run left out. Nothing of a
 * scored run takes part in its pairing.
 * @param runs two or more, the same FBNs and filters in each
 * @see Efron & Tibshirani 1993; Künsch 1989 for the blocks
 */
export async function leaveOneRunOut(runs: readonly CoupledSeries[], seed = 0): Promise<Generalisation> {
  const correlations: SeriesMatrix[] = [];
  for (const { x, y } of runs) correlations.push(await correlateExactly(x, y));
  const held = correlations.map((own, index) => {
    const result = scoreHeldOut(meanCorrelation(correlations.filter((_, i) => i !== index)), own);
    return { ...result, meanR: meanOf(result.heldOut) };
  });
  const partners = correlations.map((r) => bestFilterOfFbn(r));
  const fbns = runs[0]!.x.rows;
  const interval = bootstrap(runs, held, seed);
  return {
    ...{ runs: held, meanR: meanOf(held.map(({ meanR }) => meanR)), ...interval },
    stability: Float64Array.from({ length: fbns }, (_, fbn) => agreement(partners.map((own) => own[fbn]!))),
  };
}

/** Pairs on one set and scores on another: two runs, or two halves of the subjects. */
export function scoreHeldOut(pairedOn: SeriesMatrix, scored: SeriesMatrix): HeldOut {
  const partner = bestFilterOfFbn(pairedOn);
  const of = (r: SeriesMatrix) =>
    Float64Array.from(partner, (filter, fbn) => (filter === null ? NaN : r.data[fbn * r.columns + filter]!));
  return { partner, heldOut: of(scored), inSample: of(pairedOn) };
}

/** Mean r entry by entry, averaged as Fisher's z; NaN where it is undefined in any. */
export function meanCorrelation(correlations: readonly SeriesMatrix[]): SeriesMatrix & { data: Float64Array } {
  const { rows, columns } = correlations[0]!;
  const limit = 1 - 1e-12;
  const data = Float64Array.from({ length: rows * columns }, (_, i) => {
    const sum = correlations.reduce((total, r) => total + Math.atanh(Math.max(-limit, Math.min(limit, r.data[i]!))), 0);
    return Math.tanh(sum / correlations.length);
  });
  return { rows, columns, data };
}

/** Share of pairs of entries that are the same; NaN with fewer than two that are known. */
function agreement(partners: readonly (number | null)[]): number {
  const known = partners.filter((partner) => partner !== null);
  const pairs = (known.length * (known.length - 1)) / 2;
  let same = 0;
  known.forEach((partner, i) => known.slice(i + 1).forEach((other) => (same += partner === other ? 1 : 0)));
  return pairs === 0 ? NaN : same / pairs;
}

/** Percentile interval of the mean r over resamples of blocks of time, the same blocks for all FBNs of a run. */
function bootstrap(runs: readonly CoupledSeries[], held: readonly HeldOut[], seed: number) {
  const generator = Generator.fromSeed(seed);
  const time = runs[0]!.x.columns;
  // Long beside the autocorrelation of slow signals, and still some ten blocks in a run.
  const block = Math.max(2, Math.min(Math.floor(time / 10), Math.ceil(4 * Math.cbrt(time))));
  const pairs = runs.map(({ x, y }, run) => {
    const [ux, uy] = [toUnitSeries(x), toUnitSeries(y)];
    return held[run]!.partner.flatMap((filter, fbn) => {
      return filter === null || !ux.defined[fbn] || !uy.defined[filter] ? [] : [{ a: row(ux, fbn), b: row(uy, filter) }];
    });
  });
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    const perRun = pairs.map((own, run) => {
      const places = drawBlocks(runs[run]!.x.columns, block, generator);
      return meanOf(own.map(({ a, b }) => correlationAt(a, b, places)));
    });
    return meanOf(perRun);
  })
    .filter((value) => !Number.isNaN(value))
    .sort();
  return {
    low: means[Math.floor(0.025 * means.length)] ?? NaN,
    high: means[Math.ceil(0.975 * means.length) - 1] ?? NaN,
    block,
    resamples: RESAMPLES,
  };
}

function row(series: UnitSeries, index: number): Float64Array {
  return rowsBetween(series, index, index + 1).data;
}

/** Blocks of consecutive time points from places drawn with replacement, until the run is full. */
function drawBlocks(time: number, block: number, generator: Generator): Int32Array {
  const places = new Int32Array(time);
  for (let t = 0; t < time; t += block) {
    const start = Math.floor((generator.nextUint32() / 2 ** 32) * (time - block + 1));
    for (let k = 0; k < block && t + k < time; k++) places[t + k] = start + k;
  }
  return places;
}

const NEGLIGIBLE = 1e-9;

/** r at those places; NaN where one of the series does not vary there. */
function correlationAt(a: Float64Array, b: Float64Array, places: Int32Array): number {
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (const place of places) {
    const [u, v] = [a[place]!, b[place]!];
    sa += u;
    sb += v;
    saa += u * u;
    sbb += v * v;
    sab += u * v;
  }
  const n = places.length;
  const [va, vb] = [saa - (sa * sa) / n, sbb - (sb * sb) / n];
  // A filter that answers to a few time points is constant in a resample without them; what is left then is rounding.
  if (va <= NEGLIGIBLE * saa || vb <= NEGLIGIBLE * sbb) return NaN;
  return (sab - (sa * sb) / n) / Math.sqrt(va * vb);
}

/** Mean of what is known; NaN where nothing is. */
export function meanOf(values: ArrayLike<number>): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    sum += values[i]!;
    count++;
  }
  return sum / count;
}
