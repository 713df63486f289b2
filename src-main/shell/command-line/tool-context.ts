import { ProgressClock } from '../../jobs/progress-clock';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import type { CommandContext } from './run-command';

/** A work context that reports on the command's terminal. */
export function toolContext({ signal, display }: CommandContext): WorkContext {
  const clock = new ProgressClock();
  return {
    signal,
    progress: (progress) => display.update(clock.update(progress)),
    warn: (message) => display.note(`warning: ${message}`),
  };
}
