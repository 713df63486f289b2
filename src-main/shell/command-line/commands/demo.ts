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
    `(stricter: in ${report.alternatives.sameFbn} of ${planted} both directions meet in one FBN; the linear embedding mixes FBNs, see docs/phantom.md)`,
    ...(report.variants.length > 1 ? [formatVariants(report)] : []),
    `Noise ${report.noise}: ${report.noiseDescription}`,
    `Took ${formatSeconds(report.seconds)}. Project: ${report.project}`,
    '',
  ].join('\n');
}

function formatVariants({ variants }: DemoReport): string {
  const header = [
    'embedding',
    'variant',
    'FBNs',
    'epochs',
    'train loss',
    'validation',
    'FBN → filter',
    'filter → FBN',
    'same FBN',
  ];
  const rows = variants.map(({ embedding, variant, fbns, epochs, trainLoss, validationLoss, recovered, alternatives }) => [
    ...[embedding, variant, fbns, epochs, Number(trainLoss.toFixed(4)), validationLoss && Number(validationLoss.toFixed(4))],
    ...[recovered.fbnToFilter, recovered.filterToFbn, alternatives.sameFbn],
  ]);
  const [first] = variants;
  return `\nPlanted pairs found by every variant, of ${first!.planted} (the last one: by the same FBN in both directions)\n${formatColumns([header, ...rows])}`;
}
