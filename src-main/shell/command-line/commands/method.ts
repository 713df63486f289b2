import type { Command } from 'commander';
import {
  directionChoice,
  frameRuleChoice,
  modeChoice,
  reducerChoice,
  trainInput,
  type JobInput,
} from '../../../../src-preload/shared/contract/job-inputs';
import type { TrainOutput } from '../../../api/jobs/train';
import { trainingToResume } from '../../../api/resume';
import { addCommand, choiceOption, given, parseCount, parseList, parsePositive, parseSeed } from '../options';
import { addTrainingOptions, trainingSettings, type TrainingOptions } from '../training-options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns, formatSeconds } from '../terminal';
import { addExtractCommands } from './extract';

export function addMethodCommands(program: Command): void {
  addTrainCommand(program);
  addExtractCommands(program);
  addCoupleCommand(program);
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

interface CoupleOptions {
  json?: boolean;
  embedding?: number;
  model?: string[];
  layers?: string[];
  runs?: string[];
  direction?: 'fbn-to-filter' | 'filter-to-fbn';
  mode?: 'paper';
  reducer?: 'max' | 'mean' | 'norm2';
  framesOfTr?: 'last' | 'mean';
}

function addCoupleCommand(program: Command): void {
  addCommand(
    program,
    'couple <dir>',
    'correlate FBNs and filters, and pair them',
    'Correlates FBN activations (averaged over the test subjects) with filter activations for every model, layer and movie run\n' +
      'extracted, and pairs every FBN with its best filter (fbn-to-filter) and every filter with its best FBN (filter-to-fbn).\n' +
      'Mode paper: t-test p with N − 2 degrees of freedom. It takes the best of many correlations between autocorrelated series for\n' +
      'a single one between independent samples, so its p are far too small: read them as the paper’s, not as evidence.',
  )
    .option('--embedding <id>', 'which embedding (default: the newest complete one)', parseCount)
    .option('--model <names>', 'only these models', parseList)
    .option('--layers <names>', 'only these layers', parseList)
    .option('--runs <names>', 'only these movie runs', parseList)
    .addOption(choiceOption('--direction <which>', 'one direction only (default: both)', directionChoice))
    .addOption(choiceOption('--mode <name>', 'statistics (default: paper)', modeChoice))
    .addOption(choiceOption('--reducer <how>', 'which extracted activations (default: max)', reducerChoice))
    .addOption(choiceOption('--frames-of-tr <which>', 'which extracted activations: last (default) or mean', frameRuleChoice))
    .action((folder: string, options: CoupleOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'couple', async (open) => {
          const { embedding, model, layers, runs, direction, mode, reducer, framesOfTr } = options;
          const directions = direction && [direction];
          const input = given({
            embedding,
            models: model,
            layers,
            movieRuns: runs,
            directions,
            mode,
            reducer,
            frames: framesOfTr,
          });
          const started = performance.now();
          const output = await runJob(open, 'couple', input, context);
          const rows = output.couplings.map((coupling) => [
            ...[coupling.model, coupling.layer, coupling.movieRun, coupling.direction],
            coupling.meanR === null ? null : Number(coupling.meanR.toFixed(4)),
            ...[coupling.notSignificant, coupling.pairs, coupling.undefinedPairs],
          ]);
          const header = ['model', 'layer', 'movie run', 'direction', 'mean r', 'p > 0.05', 'pairs', 'undefined'];
          const seconds = formatSeconds((performance.now() - started) / 1000);
          return {
            json: output,
            text: `${formatColumns([header, ...rows])}\n${output.couplings.length} couplings in ${seconds}\n`,
          };
        }),
      ),
    );
}
