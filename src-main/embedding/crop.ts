import type { Generator } from './generator';
import type { SampleSource } from './samples';
import type { EmbeddingSettings } from './settings';

/**
 * How runs of different length are cut to that of the shortest for training; encoding takes whole runs.
 *   none    not at all: every run counts by its time points
 *   start   the first time points of every run (the paper cuts StudyForrest's runs to a common length)
 *   end     the last ones
 *   random  a stretch anywhere, drawn anew for every run in every epoch
 */
export const CROPS = ['none', 'start', 'end', 'random'] as const;
export type Crop = (typeof CROPS)[number];

/** Time points of the shortest run, to which the others are cut; null where nothing is cut. */
export function commonLength({ crop }: Pick<EmbeddingSettings, 'crop'>, times: readonly number[]): number | null {
  if (crop === 'none' || times.length === 0) return null;
  const shortest = Math.min(...times);
  return times.some((time) => time > shortest) ? shortest : null;
}

/**
 * First time point of each run's stretch in one epoch.
 * @param length that all are cut to
 * @param generator drawn from by `random` only
 */
export function cropStarts(crop: Crop, times: readonly number[], length: number, generator: Generator): number[] {
  return times.map((time) => {
    const spare = time - length;
    if (crop === 'end') return spare;
    return crop === 'random' ? generator.below(spare + 1) : 0;
  });
}

/**
 * A stretch of a sample, read without the rest.
 * @param keepable whether the same stretch will be read in later epochs, so that it may be kept in memory
 */
export function cropSample(source: SampleSource, start: number, time: number, keepable: boolean): SampleSource {
  if (start === 0 && time === source.time) return source;
  const { name, voxels, dataType } = source;
  return { name, time, voxels, dataType, keepable, load: (into, firstRow = 0) => source.load(into, start + firstRow) };
}
