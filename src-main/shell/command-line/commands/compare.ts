import type { Command } from 'commander';
import { addCommand, given, parseCount, parseList } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

interface CompareOptions {
  json?: boolean;
  embedding?: number;
  model?: string[];
}

export function addCompareCommand(program: Command): void {
  addCommand(
    program,
    'compare <dir>',
    'whole layers against the FBNs: ridge, CKA, RSA',
    'For every layer that is coupled: how well all of its filters together predict each FBN in a movie run that took no part (ridge\n' +
      'regression, penalty chosen within the other runs), and how alike layer and FBNs are over time (linear CKA, unbiased; RSA), with\n' +
      'what circular shifts of time give by chance. Tables: `syncact report --table layers`, and hierarchy: how deep in its network every\n' +
      'FBN is predicted best.',
  )
    .option('--embedding <id>', 'which embedding (default: the newest complete one)', parseCount)
    .option('--model <names>', 'only these models', parseList)
    .action((folder: string, options: CompareOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'compare', async (open) => {
          const { embedding, model: models } = options;
          const output = await runJob(open, 'compare', given({ embedding, models }), context);
          const rounded = (value: number | null) => (value === null ? null : Number(value.toFixed(4)));
          const rows = output.layers.flatMap(({ model, layer, comparison }) =>
            comparison.runs.map(({ movieRun, ridge, alignment, similarity }) => [
              ...[model, layer, movieRun],
              ...[ridge, alignment.value, alignment.expected, similarity.value, similarity.expected].map(rounded),
            ]),
          );
          const header = ['model', 'layer', 'movie run', 'ridge r', 'CKA', 'by chance', 'RSA', 'by chance'];
          return { json: output, text: formatColumns([header, ...rows]) };
        }),
      ),
    );
}
