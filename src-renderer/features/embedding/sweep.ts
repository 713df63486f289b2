import type { JobView } from '../../../src-preload/shared/contract/views';
import { sweepInput, type SweepInput } from '../../../src-preload/shared/contract/sweep';

/** Numbers separated by commas or spaces; NaN for what is none. */
export function parseNumberList(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
}

/** Why a sweep cannot be queued, in words; null where it can. @param heads of LT+MSA */
export function sweepProblem(input: SweepInput, heads: number): string | null {
  if (input.variants.length === 0) return 'Choose at least one variant.';
  if (input.fbns.length === 0) return 'Name at least one number of FBNs.';
  const parsed = sweepInput.safeParse(input);
  if (!parsed.success) {
    const names: Record<string, string> = { fbns: 'FBNs', learningRates: 'Learning rates', seeds: 'Seeds' };
    const place = String(parsed.error.issues[0]?.path[0]);
    return `${names[place] ?? 'The settings'} cannot be used as they are.`;
  }
  const uneven = input.variants.includes('lt-msa') ? input.fbns.find((fbns) => fbns % heads !== 0) : undefined;
  return uneven === undefined ? null : `${heads} heads of LT+MSA do not divide ${uneven} FBNs.`;
}

/** The trainings queued together that are to be shown: those of the newest sweep that has not come to its end well, else none. */
export function currentSweep(jobs: readonly JobView[]): JobView[] {
  const nameOf = ({ type, input }: JobView) => (type === 'train' ? (input as { sweep?: string }).sweep : undefined);
  const newest = jobs.toSorted((a, b) => b.id - a.id).find((job) => nameOf(job) !== undefined);
  if (!newest) return [];
  // A training taken up again is a job of its own: the last one with the same input counts.
  const latest = new Map(
    jobs
      .filter((job) => nameOf(job) === nameOf(newest))
      .toSorted((a, b) => a.id - b.id)
      .map((job) => [JSON.stringify(job.input), job]),
  );
  const trainings = [...latest.values()];
  return trainings.every(({ state }) => state === 'done') ? [] : trainings;
}
