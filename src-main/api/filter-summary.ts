import { filterState, filterStatistics } from '../../src-preload/shared/contract/filter-statistics';
import type { ActivationCache } from '../project/activation-cache';
import { ByteCache } from './byte-cache';

const WIDTH = filterStatistics.length;
const summaries = new ByteCache<Float32Array | undefined>(16 << 20);

/**
 * The statistics of a layer's filters over several movie runs as if they were one: smallest and largest of all, the mean of all
 * frames, and the deviation from it.
 * @param keys of the activations; runs that are not there are left out
 * @returns [filters × filterStatistics.length]; undefined where there is none
 */
export function summariseRuns(cache: ActivationCache, keys: readonly string[]): Promise<Float32Array | undefined> {
  return summaries.get(
    keys.join(),
    (table) => table?.byteLength ?? 0,
    () => combine(keys.flatMap((key) => runOf(cache, key))),
  );
}

interface Run {
  frames: number;
  table: Float32Array;
}

function runOf(cache: ActivationCache, key: string): Run[] {
  const stored = cache.findFilterActivation(key);
  const table = stored && cache.readFilterStatistics(key);
  return table ? [{ frames: stored.frames, table }] : [];
}

/** Means and deviations of runs by the law of total variance, weighted by their frames. */
export function combine(runs: readonly Run[]): Float32Array | undefined {
  const [first] = runs;
  if (!first) return undefined;
  const total = runs.reduce((sum, { frames }) => sum + frames, 0);
  const result = new Float32Array(first.table.length);
  for (let at = 0; at < result.length; at += WIDTH) {
    const mean = runs.reduce((sum, { frames, table }) => sum + (frames / total) * table[at + 2]!, 0);
    const variance = runs.reduce(
      (sum, { frames, table }) => sum + (frames / total) * (table[at + 3]! ** 2 + (table[at + 2]! - mean) ** 2),
      0,
    );
    const smallest = runs.reduce((least, { table }) => Math.min(least, table[at]!), Infinity);
    const largest = runs.reduce((most, { table }) => Math.max(most, table[at + 1]!), -Infinity);
    result.set([smallest, largest, mean, Math.sqrt(variance)], at);
  }
  return result;
}

/** How many of a layer's filters never change, and how many of these never fire at all. */
export function countSilent(table: Float32Array): { dead: number; constant: number } {
  const counts = { dead: 0, constant: 0 };
  for (let at = 0; at < table.length; at += WIDTH) {
    const state = filterState(table[at]!, table[at + 1]!);
    if (state !== 'alive') counts[state]++;
  }
  return counts;
}
