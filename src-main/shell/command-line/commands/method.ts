import type { Command } from 'commander';
import { trainInput, type JobInput } from '../../../../src-preload/shared/contract/job-inputs';
import type { TrainOutput } from '../../../api/jobs/train';
import { trainingToResume } from '../../../api/resume';
import { addCommand, choiceOption, parseCount, parsePositive, parseSeed } from '../options';
import { addTrainingOptions, trainingSettings, type TrainingOptions } from '../training-options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { addExtractCommands } from './extract';

export function addMethodCommands(program: Command): void {
  addTrainCommand(program);
  addExtractCommands(program);
}

type TrainOptions = TrainingOptions & Pick<JobInput<'train'>, 'resume'> & { json?: boolean };

function addTrainCommand(program: Command): void {
  const command = addCommand(
    program,
    'train <dir>',
    'train the embedding: fMRI to FBNs',
    'Trains the fMRI autoencoder on the training subjects, keeps the epoch with the lowest validation loss, and stores FBN maps\n' +
      '(NIfTI) and the activations of the test subjects. Defaults are the paper’s. Adam, β = (0.9, 0.999).',
  )
    .addOption(choiceOption('--variant <name>', 'the embedding (default: lt)', trainInput.shape.variant.unwrap()))
    .option('--fbns <n>', 'number of FBNs (default: 64)', parseCount)
    .option('--learning-rate <x>', 'step size of Adam (default: 0.01)', parsePositive)
    .option('--seed <n>', 'seed of initial weights and order (default: 0)', parseSeed);
  addTrainingOptions(command)
    .option('--resume', 'go on with the training that was interrupted, with the settings it had')
    .option('--keep', 'end the training that was interrupted where it is, and keep its best epoch')
    .action((folder: string, options: TrainOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'train', async (open) => {
          const { json: _, resume, ...others } = options;
          const goOn = (resume ?? false) || (others.keep ?? false);
          const settings = { ...trainingSettings(others), resume: goOn };
          const input = goOn ? { ...trainingToResume(open.project), ...settings } : settings;
          const output = await runJob(open, 'train', input, context);
          const last = output.epochs.at(-1);
          const text =
            `embedding ${output.embedding}: ${output.fbns} FBNs, ${output.epochs.length} epochs` +
            `${output.alreadyTrained ? ' (trained before with the same settings and runs)' : ''}\n` +
            `loss: train ${last?.trainLoss.toFixed(5)}, validation ${last?.validationLoss?.toFixed(5) ?? 'none'}; best epoch ${output.bestEpoch}\n` +
            `${describePlace(output)}\n${output.secondsPerEpoch.toPrecision(3)} s per epoch\nFBN maps: ${output.maps}\n`;
          return { json: output, text };
        }),
      ),
    );
}

/** "tfjs 4.22.0 (wasm) on cpu: the only device here (…)". */
function describePlace({ engine, engineVersion, provider, device, deviceReason }: TrainOutput): string {
  const where = `${engine} ${engineVersion}${provider === device.actual ? '' : ` (${provider})`} on ${device.actual}`;
  return device.requested === 'auto' ? `${where}: ${deviceReason}` : where;
}
