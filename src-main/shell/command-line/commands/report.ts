import { Option, type Command } from 'commander';
import { withProjectReadOnly } from '../../../api/application';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { ablationFbns, unmeasuredPairs } from '../../../api/ablation';
import { buildReportTable, paperReport, tableFormats, tableNames, type TableFormat } from '../../../api/report';
import { addCommand, given, parseCount } from '../options';
import { runCommand, type CommandContext } from '../run-command';
import { runJob, withOpenProject } from '../run-job';

interface ReportOptions {
  json?: boolean;
  table: string;
  format: TableFormat;
  embedding?: number;
  band?: number;
}

export function addReportCommand(program: Command): void {
  addCommand(
    program,
    'report [dir]',
    'the paper’s tables for this project',
    'Prints a table of the paper for whatever models, layers and runs the project holds, with the published value beside each\n' +
      'figure where the paper has one.\n' +
      '  1  mean r of FBN → filter pairs, last convolutional layer, by model and movie run\n' +
      '  2  the same, beside the paper’s StudyForrest values\n' +
      '  3  by layer block, with the number of pairs that are not significant\n' +
      '  4  every variant of the embedding that is coupled, by MAE, MSE, RMSE, DTW, PCC and Spearman’s r of the pairs of table 1; ' +
      'measured at the first time, which takes some milliseconds a pair\n' +
      '  5, 6, 7  table 1 for 128, 256, 512 FBNs\n' +
      '  8  mean r of filter → FBN pairs, last convolutional layer\n' +
      '  pairs  every pair with its r and p, best first within each coupling\n' +
      '  regression  ImageNet accuracy over mean r and count-matched r (Figure 3), with the influence of each model\n' +
      '  stability, ceiling, confounds, hubs  what `syncact analyse` found of the pairs\n' +
      '  layers, hierarchy  whole layers, as `syncact compare` found\n' +
      '  paper  the regression from the paper’s own tables; needs no project\n' +
      '  methods  a paragraph on what was actually run, with references',
  )
    .addOption(new Option('--table <n>', 'which table').choices(tableNames).default('1'))
    .addOption(new Option('--format <name>', 'how to print it').choices(tableFormats).default('md'))
    .option('--band <trs>', 'table 4: DTW within a Sakoe–Chiba band too', parseCount)
    .option('--embedding <id>', 'which embedding (default: the newest complete one)', parseCount)
    .action((folder: string | undefined, options: ReportOptions) =>
      runCommand(options.json ?? false, async (context) => {
        if (options.table === '4' && folder !== undefined) await measureMissing(folder, options, context);
        const table = await report(folder, options);
        return { json: table.json, text: table.format(options.format) };
      }),
    );
}

function report(folder: string | undefined, { table, embedding }: { table: string; embedding?: number }) {
  if (table === 'paper') return paperReport();
  if (folder !== undefined) return withProjectReadOnly(folder, (project) => buildReportTable(project, table, embedding));
  throw new UserError({
    code: 'setting-invalid',
    what: 'no project is named',
    expected: 'its folder',
    remedy: 'run `syncact report DIR --table NAME`',
  });
}

/** Table 4 is read like the others once its pairs are measured. */
async function measureMissing(folder: string, { embedding, band }: ReportOptions, context: CommandContext): Promise<void> {
  const { fbns, missing } = await withProjectReadOnly(folder, (project) => {
    const chosen = ablationFbns(project, embedding);
    return { fbns: chosen, missing: unmeasuredPairs(project, chosen, band) };
  });
  if (missing > 0)
    await withOpenProject(folder, 'report', (open) => runJob(open, 'measure-pairs', given({ fbns, band }), context));
}
