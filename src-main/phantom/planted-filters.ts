import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { matrixRow } from '../../src-preload/shared/domain/matrix';
import { zScored } from './signals';

/** Least share of frames in which a filter must respond: one that is nearly always silent gives a series of a few spikes. */
const LEAST_ACTIVE = 0.25;
/** Largest z-score allowed in its series, for the same reason. */
const LARGEST_PEAK = 6;
/** How much likeness to filters that are not planted counts beside likeness to those that are. */
const WEIGHT_OF_OTHERS = 0.5;

/**
 * Chooses filters whose activations over all runs are as unlike each other, and as unlike every other filter, as can be: first the
 * one whose largest |r| with any other filter is smallest, then one after the other the filter with the smallest
 * (largest |r| with those chosen) + ½ (largest |r| with any filter). A filter with a near-duplicate would make the truth ambiguous.
 * @param activations [filters, time] per run
 * @returns indices of filters, in the order chosen
 */
export function choosePlantedFilters(activations: readonly Matrix[], count: number): number[] {
  const filters = activations[0]!.rows;
  const series = Array.from({ length: filters }, (_, filter) => activations.map((run) => zScored(matrixRow(run, filter))));
  const joined = series.map((runs) => Float32Array.from(runs.flatMap((run) => [...run])));
  const usable = series.map((runs, filter) => runs.every((run, i) => isUsable(run, matrixRow(activations[i]!, filter))));
  const likeness = joined.map((a, i) =>
    joined.map((b, j) => (i !== j && usable[i] && usable[j] ? Math.abs(correlation(a, b)) : 0)),
  );
  const candidates = joined
    .keys()
    .filter((filter) => usable[filter]!)
    .toArray();
  if (candidates.length < count) throw new RangeError(`${candidates.length} filters respond often enough, ${count} are needed`);
  const chosen: number[] = [];
  while (chosen.length < count) {
    const score = (filter: number) => {
      const row = likeness[filter]!;
      return Math.max(0, ...chosen.map((other) => row[other]!)) + WEIGHT_OF_OTHERS * Math.max(...row);
    };
    const left = candidates.filter((filter) => !chosen.includes(filter));
    chosen.push(left.reduce((best, filter) => (score(filter) < score(best) ? filter : best)));
  }
  return chosen;
}

function isUsable(scores: Float32Array, activation: Float32Array): boolean {
  const active = activation.reduce((count, value) => count + (value > 0 ? 1 : 0), 0) / activation.length;
  return (
    active >= LEAST_ACTIVE && scores.every((score) => Math.abs(score) <= LARGEST_PEAK) && scores.some((score) => score !== 0)
  );
}

/** Pearson r of two series of mean 0 and variance 1. */
function correlation(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, t) => sum + value * b[t]!, 0) / a.length;
}
