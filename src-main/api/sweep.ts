import { toErrorReport, type ErrorReport } from '../../src-preload/shared/domain/errors';
import { trainInput, type JobInput } from '../../src-preload/shared/contract/job-inputs';
import { expandSweep, type SweepInput } from '../../src-preload/shared/contract/sweep';
import { completeSettings } from '../embedding/settings';
import type { OpenProject } from './application';
import type { TrainOutput } from './jobs/train';

/** One training of a sweep, and how it ended. */
export type SweepTraining = { job: number; variant: string; fbns: number; seed: number; learningRate: number } & (
  { embedding: number; alreadyTrained: boolean; epochs: number; secondsPerEpoch: number } | { error: ErrorReport }
);

/** A sweep whose trainings are queued. */
export interface StartedSweep {
  jobs: number[];
  /** Settles when all have ended, each in its own way. */
  finished: Promise<SweepTraining[]>;
}

/**
 * Queues every training of a sweep; none where the settings of one cannot be used. One that fails or is cancelled does not keep the
 * others from running.
 * @throws UserError naming the setting that cannot be used
 */
export function startSweep(open: OpenProject, input: SweepInput): StartedSweep {
  const trainings = expandSweep(input, new Date().toISOString());
  for (const training of trainings) checkSettings(training);
  const started = trainings.map((training) => ({ training, ...open.start('train', training) }));
  const finished = started.map(async ({ training, id, finished }): Promise<SweepTraining> => {
    const { variant, fbns, seed, learningRate } = trainInput.parse(training);
    const described = { job: id, variant, fbns, seed, learningRate };
    try {
      return { ...described, ...summarise(await finished) };
    } catch (caught) {
      return { ...described, error: toErrorReport(caught) };
    }
  });
  return { jobs: started.map(({ id }) => id), finished: Promise.all(finished) };
}

function summarise({ embedding, alreadyTrained, epochs, secondsPerEpoch }: TrainOutput) {
  return { embedding, alreadyTrained, epochs: epochs.length, secondsPerEpoch };
}

function checkSettings(training: JobInput<'train'>): void {
  const { variant, fbns, heads, learningRate } = trainInput.parse(training);
  completeSettings({ variant, fbns, heads, learningRate });
}
