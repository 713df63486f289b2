import type { Command } from 'commander';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { deviceChoice, trainInput, type JobInput } from '../../../src-preload/shared/contract/job-inputs';
import { choiceOption, given, parseCount, parsePositive } from './options';

/** What options of a training give: the job's own input, but for shorter names. */
export type TrainingOptions = Omit<JobInput<'train'>, 'batchSize'> & { batch?: number; plain?: boolean };

/** Adds the options of every training but those that a sweep takes lists of. */
export function addTrainingOptions(command: Command): Command {
  const { schedule, crop, engine } = trainInput.shape;
  return command
    .option('--epochs <n>', 'passes over the training runs (default: 100)', parseCount)
    .option('--batch <n>', 'runs per step (default: 16)', parseCount)
    .addOption(choiceOption('--schedule <name>', 'of the learning rate (default: constant)', schedule.unwrap()))
    .option('--clip-norm <x>', 'clip the gradient of a step to this norm (default: not)', parsePositive)
    .option('--patience <n>', 'stop after so many epochs without a new best (default: never)', parseCount)
    .addOption(
      choiceOption(
        '--crop <which>',
        'which stretch of longer training runs, all cut to the shortest (default: start, as in the paper)',
        crop.unwrap(),
      ),
    )
    .option('--heads <n>', 'heads of lt-msa, a divisor of the FBNs (default: 8)', parseCount)
    .option('--residual-norm', 'lt-msa: add each module’s input to its output and normalise (the default; not in the paper)')
    .option('--plain', 'lt-msa: the paper’s modules, plain attention')
    .option('--positions', 'lt-msa: add sinusoids of time to each module’s input (not in the paper)')
    .addOption(choiceOption('--device <name>', 'where to compute (default: auto)', deviceChoice))
    .addOption(choiceOption('--engine <name>', 'what to compute with (default: onnxruntime)', engine.unwrap()))
    .option('--threads <n>', 'CPU threads (default: all cores)', parseCount);
}

/** The settings that were given. */
export function trainingSettings({ batch, plain, ...options }: TrainingOptions): JobInput<'train'> {
  if (plain && (options.residualNorm || options.positions))
    throw new UserError({
      code: 'setting-invalid',
      what: '--plain leaves out what --residual-norm and --positions add',
      remedy: 'give one or the other',
    });
  const form = plain ? { residualNorm: false, positions: false } : {};
  return given({ ...options, ...form, batchSize: batch }) as JobInput<'train'>;
}
