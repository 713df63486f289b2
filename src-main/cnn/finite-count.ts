import { UserError } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';

/** Counts activations that are no numbers, by tap. */
export class FiniteCount {
  private readonly nonFinite: Record<string, number> = {};
  private total = 0;

  constructor(private readonly taps: readonly string[]) {}

  add(activations: Record<string, Float32Array>): void {
    for (const name of this.taps) {
      const values = activations[name]!;
      let bad = 0;
      for (const value of values) if (!Number.isFinite(value)) bad++;
      if (bad > 0) this.nonFinite[name] = (this.nonFinite[name] ?? 0) + bad;
      this.total += values.length;
    }
  }

  /** @throws UserError where there was no finite number at all */
  report(file: string, context: WorkContext): Record<string, number> {
    const bad = Object.values(this.nonFinite).reduce((a, b) => a + b, 0);
    if (bad > 0 && bad === this.total) {
      throw new UserError({
        code: 'not-finite',
        what: 'the CNN gives no finite activation',
        file,
        found: `${bad} values, all of them NaN or infinite`,
        remedy: 'check the weights of the model and the preprocessing',
      });
    }
    for (const [tap, count] of Object.entries(this.nonFinite))
      context.warn(`${count} activations of layer ${tap} are NaN or infinite`);
    return this.nonFinite;
  }
}
