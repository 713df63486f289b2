import { z } from 'zod';
import { trainInput, type JobInput } from './job-inputs';
import type { JobView } from './views';

const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).min(1);

/** Trainings that differ in some settings and share the others: every combination of what is listed. */
export const sweepInput = z.strictObject({
  variants: listOf(trainInput.shape.variant.unwrap()),
  fbns: listOf(trainInput.shape.fbns.unwrap()),
  learningRates: listOf(trainInput.shape.learningRate.unwrap()).optional(),
  seeds: listOf(trainInput.shape.seed.unwrap()).optional(),
  /** What all of them share. */
  shared: trainInput.omit({ variant: true, fbns: true, resume: true, keep: true, sweep: true }).partial(),
});

export type SweepInput = z.input<typeof sweepInput>;

/**
 * The trainings of a sweep, small ones first, so that there is something to compare soon. Each goes on from its own checkpoint
 * where there is one: the same sweep asked for again does only what is missing.
 * @param name what the trainings have in common in the list of jobs
 */
export function expandSweep(
  { variants, fbns, learningRates, seeds, shared }: SweepInput,
  name: string,
): (JobInput<'train'> & { variant: string; fbns: number })[] {
  const distinct = <Value>(values: readonly Value[]) => [...new Set(values)];
  const rates = learningRates ? distinct(learningRates).map((learningRate) => ({ learningRate })) : [{}];
  const starts = seeds ? distinct(seeds).map((seed) => ({ seed })) : [{}];
  return distinct(fbns)
    .toSorted((a, b) => a - b)
    .flatMap((count) =>
      distinct(variants).flatMap((variant) =>
        rates.flatMap((rate) =>
          starts.map((start) => ({ ...shared, ...rate, ...start, variant, fbns: count, resume: true, sweep: name })),
        ),
      ),
    );
}

/**
 * How long a training takes in comparison with others on the same runs and device. The two large products, which take most of the
 * time, grow with the FBNs; the latent parts of LT+LSTM and LT+MSA add about half as much again (docs/benchmarks.md).
 */
export function relativeCost({ variant = 'lt', fbns = 64, epochs = 100 }: JobInput<'train'>): number {
  return epochs * fbns * (variant === 'lt' ? 1 : 1.5);
}

/** How far the trainings of a sweep have come together. */
export interface SweepProgress {
  trainings: number;
  /** Ended well, and ended otherwise. */
  done: number;
  failed: number;
  /** By their relative cost, in [0, 1]. */
  share: number;
  /** At the pace of the one that runs; null where that is not known. */
  secondsLeft: number | null;
}

/** @param jobs the trainings of one sweep */
export function sweepProgress(jobs: readonly Pick<JobView, 'input' | 'state' | 'progress'>[]): SweepProgress {
  let [total, done, secondsPerCost]: [number, number, number | null] = [0, 0, null];
  for (const { input, state, progress } of jobs) {
    const cost = relativeCost(input as JobInput<'train'>);
    total += cost;
    if (state === 'running') {
      // What follows the epochs (encoding, measuring) is short.
      const share = progress?.unit === 'epochs' && progress.total > 0 ? progress.done / progress.total : progress ? 1 : 0;
      done += share * cost;
      if (progress?.unit === 'epochs' && progress.secondsLeft !== null && share < 1)
        secondsPerCost = progress.secondsLeft / ((1 - share) * cost);
    } else if (state !== 'queued') done += cost;
  }
  const count = (...states: JobView['state'][]) => jobs.filter(({ state }) => states.includes(state)).length;
  return {
    ...{ trainings: jobs.length, done: count('done'), failed: count('failed', 'cancelled', 'interrupted') },
    share: total > 0 ? done / total : 0,
    secondsLeft: secondsPerCost === null ? null : (total - done) * secondsPerCost,
  };
}
