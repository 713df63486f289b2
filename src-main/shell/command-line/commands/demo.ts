import type { Command } from 'commander';
import { runDemo, type DemoReport, type DemoSettings } from '../../../api/demo';
import { phantomTrainings } from '../../../api/jobs/phantom';
import { addCommand, given, parseCount, parseNumber, parsePositive, parseSeed, parseVariants } from '../options';
import { runCommand } from '../run-command';
import { runJob } from '../run-job';
import { formatColumns, formatSeconds } from '../terminal';
import { toolContext } from '../tool-context';

interface DemoOptions extends DemoSettings {
  json?: boolean;
}

export function addDemoCommand(program: Command): void {
  addCommand(
    program,
    'demo [dir]',
    'the whole method on generated data with planted truth',
    'Generates a phantom (a movie, a small CNN, fMRI runs whose networks follow known filters), imports it as if it were real data,\n' +
      'trains, extracts, couples, reports, and says how many of the planted pairs were found. DIR must be new or empty\n' +
      '(default: phantom-demo); the project is DIR/phantom.syncact.',
  )
    .option('--noise <x>', 'noise, as a multiple of the default (default: 1)', parseNumber)
    .option('--seed <n>', 'seed of everything generated (default: 0)', parseSeed)
    .option('--subjects <n>', 'number of subjects', parseCount)
    .option('--variants <names>', 'which embeddings to train: lt, lt-lstm, lt-msa (default: lt)', parseVariants)
    .option('--fbns <n>', `number of FBNs (default: ${phantomTrainings.lt.fbns})`, parseCount)
    .option('--epochs <n>', `epochs of training (default: ${phantomTrainings.lt.epochs})`, parseCount)
    .option('--learning-rate <x>', `step size of Adam (default: ${phantomTrainings.lt.learningRate})`, parsePositive)
    .action((folder: string | undefined, options: DemoOptions) =>
      runCommand(options.json ?? false, async (context) => {
        const { noise, seed, subjects, variants, fbns, epochs, learningRate } = options;
        const settings = given({ noise, seed, subjects, variants, fbns, epochs, learningRate });
        const report = await runDemo(folder ?? 'phantom-demo', settings, {
          tool: toolContext(context),
          runJob: (open, type, input) => runJob(open, type, input, context),
        });
        return { json: report, text: formatReport(report) };
      }),
    );
}

function formatReport(report: DemoReport): string {
  const { recovered, planted } = report;
  const rows = report.networks.map(({ network, filter, description, fbn, fbnToFilter, filterToFbn }) => {
    return [network, fbn, filter, description, fbnToFilter ? 'yes' : 'no', filterToFbn ? 'yes' : 'no'];
  });
  return [
    report.tables.map((table) => `${table}\n`).join('\n'),
    formatColumns([['planted network', 'its FBN', 'filter', 'what the filter sees', 'FBN → filter', 'filter → FBN'], ...rows]),
    `Recovered: ${recovered.fbnToFilter} of ${planted} planted pairs FBN → filter, ${recovered.filterToFbn} of ${planted} filter → FBN`,
    `(as many random maps find ${report.control.fbnToFilter.toFixed(1)} and ${report.control.filterToFbn.toFixed(1)}; in ${report.alternatives.sameFbn} of ${planted} both directions meet in one FBN; see docs/phantom.md)`,
    ...(report.variants.length > 1 ? [formatVariants(report)] : []),
    `Noise ${report.noise}: ${report.noiseDescription}`,
    `Took ${formatSeconds(report.seconds)}. Project: ${report.project}`,
    '',
  ].join('\n');
}

function formatVariants({ variants, planted }: DemoReport): string {
  const rows = variants.flatMap(({ variant, embedding, recovered, strength, byActivation, control }) => {
    const line = (by: string, one: typeof byActivation) => [
      ...[embedding, variant, by, one.fbnToFilter, one.filterToFbn].map((value) =>
        typeof value === 'number' ? rounded(value, 1) : value,
      ),
      ...[rounded(one.mapR, 3), rounded(one.filterR, 3)],
    ];
    return [line('weights', { ...recovered, ...strength }), line('activations', byActivation), line('random maps', control)];
  });
  const header = ['embedding', 'variant', 'maps by', 'FBN → filter', 'filter → FBN', 'r of the map', 'r of the filter'];
  const last = variants.map(({ embedding, variant, fbns, epochs, learningRate, trainLoss, validationLoss }) => [
    ...[embedding, variant, fbns, epochs, learningRate, rounded(trainLoss, 4), validationLoss && rounded(validationLoss, 4)],
  ]);
  return [
    formatColumns([['embedding', 'variant', 'FBNs', 'epochs', 'learning rate', 'train loss', 'validation loss'], ...last]),
    `Of ${planted} planted pairs, with an FBN's map taken from its weights (as the paper does), from its activation's r with every voxel, and`,
    'for comparison from as many random maps:',
    formatColumns([header, ...rows]),
  ].join('\n');
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
