import { UserError } from '../../src-preload/shared/domain/errors';

/** Where in a training numbers stopped being finite. */
export interface TrainingMoment {
  /** From 1. */
  epoch: number;
  /** From 1; null while validating. */
  step: number | null;
}

/** Thrown when a training's numbers are not finite any more; the state before the step is as it was. */
export class NonFiniteError extends UserError {}

/** Whether all values are finite. */
export function isFinite(values: Float32Array): boolean {
  // x − x is 0 for numbers and NaN for all else; one pass without a branch.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! - values[i]!;
  return sum === 0;
}

/**
 * @param squaredErrors of every run that was computed with the same weights, in their order
 * @throws NonFiniteError naming the first run whose error is not finite, and how many others are not either
 */
export function checkLoss(runs: readonly string[], squaredErrors: readonly number[], moment: TrainingMoment): void {
  const bad = runs.filter((_, i) => !Number.isFinite(squaredErrors[i]));
  if (bad.length === 0) return;
  const first = runs.findIndex((_, i) => !Number.isFinite(squaredErrors[i]));
  const all = bad.length === runs.length && runs.length > 1;
  throw new NonFiniteError({
    code: 'not-finite',
    what: `the loss is no longer finite at ${runs[first]} (${describeMoment(moment)})`,
    expected: 'a finite loss',
    found: `${squaredErrors[first]}${all ? `, and no finite one for any of the ${runs.length} runs of the batch` : others(bad)}`,
    remedy: all
      ? 'the weights have diverged: lower the learning rate or clip the gradient; the last good checkpoint has been kept'
      : 'look at that run, or lower the learning rate; the last good checkpoint has been kept',
  });
}

/** @param runs that the gradient came from */
export function nonFiniteGradient(runs: readonly string[], moment: TrainingMoment): NonFiniteError {
  return new NonFiniteError({
    code: 'not-finite',
    what: `the gradient is no longer finite at ${runs.join(', ')} (${describeMoment(moment)})`,
    expected: 'a finite gradient',
    remedy: 'lower the learning rate, or look at that run; the last good checkpoint has been kept',
  });
}

/** @param runs of the batch after which the weights were not finite */
export function nonFiniteWeights(runs: readonly string[], moment: TrainingMoment): UserError {
  return new UserError({
    code: 'not-finite',
    what: `the training diverged: its weights are no longer finite (${describeMoment(moment)})`,
    found: `after a step on ${runs.slice(0, 3).join(', ')}${runs.length > 3 ? ` and ${runs.length - 3} more` : ''}`,
    remedy: 'lower the learning rate or clip the gradient; the last good checkpoint has been kept',
  });
}

function others(bad: readonly string[]): string {
  return bad.length > 1 ? `, and as bad for ${bad.slice(1, 4).join(', ')}${bad.length > 4 ? ', …' : ''}` : '';
}

function describeMoment({ epoch, step }: TrainingMoment): string {
  return `epoch ${epoch}, ${step === null ? 'validation' : `step ${step}`}`;
}
