import { shallowReactive } from 'vue';
import { UserError } from '../../src-preload/shared/domain/errors';

/** What failed to be asked again, with the way to try once more. */
interface Outdated {
  error: Error;
  retry: () => void;
}

/**
 * What windows show although asking for it again has failed, by who asked. The old answer stays on the screen; the frame says so as
 * long as anything is in here.
 */
export const outdated = shallowReactive(new Map<symbol, Outdated>());

export function toError(caught: unknown): Error {
  return caught instanceof Error ? caught : new Error(String(caught));
}

/** Whether the connection or the host is what failed, and not what was asked: the same question may be answered later. */
export function isPassing(error: Error): boolean {
  return !(error instanceof UserError) || error.details.code === 'project-not-open';
}

/** Keeps account of failures for one who asks again and again. @param retry asks once more */
export function useFailures(retry: () => void) {
  const own = Symbol('asked');
  return {
    /** Whether a failure leaves the answer that is shown where it is; it is told in the frame then. */
    keepsAnswer(error: Error, hasAnswer: boolean): boolean {
      const keeps = hasAnswer && isPassing(error);
      if (keeps) outdated.set(own, { error, retry });
      else outdated.delete(own);
      return keeps;
    },
    /** An answer has come, or nobody waits for one any more. */
    settle: (): void => void outdated.delete(own),
  };
}
