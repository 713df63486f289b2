import type { Command } from 'commander';
import { addCommand, given, parseCount, parseList, parseSeed } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

interface AnalyseOptions {
  json?: boolean;
  embedding?: number;
  model?: string[];
  seed?: number;
}

export function addAnalyseCommand(program: Command): void {
  addCommand(
    program,
    'analyse <dir>',
    'whether pairs carry over, their ceiling, and what confounds do',
    'For every layer that is coupled FBN → filter: partners found in all movie runs but one and scored on that one, with an interval by\n' +
      'block bootstrap; partners found with half of the test subjects and scored on the others; how often runs agree on a partner; r over\n' +
      'the inter-subject ceiling; r with luminance, contrast, colourfulness, edges, motion and cuts of the movie, and the mean r of pairs\n' +
      'without them; filters that win many FBNs. Tables: `syncact report --table stability`, ceiling, confounds, hubs.',
  )
    .option('--embedding <id>', 'which embedding (default: the newest complete one)', parseCount)
    .option('--model <names>', 'only these models', parseList)
    .option('--seed <n>', 'of the resamples (default: 0)', parseSeed)
    .action((folder: string, options: AnalyseOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'analyse', async (open) => {
          const { json: _, model: models, ...others } = options;
          const output = await runJob(open, 'analyse', given({ ...others, models }), context);
          const rounded = (value: number | null | undefined) => (value == null ? null : Number(value.toFixed(4)));
          const rows = output.layers.map(({ model, layer, analysis: { generalisation: held } }) => {
            return [model, layer, ...[held?.meanR, held?.low, held?.high, held?.stability].map(rounded)];
          });
          return {
            json: output,
            text:
              formatColumns([['model', 'layer', 'held-out r', '95 % from', 'to', 'same partner'], ...rows]) +
              '\nmore of it: `syncact report DIR --table stability`, ceiling, confounds or hubs\n',
          };
        }),
      ),
    );
}
