import type { Command } from 'commander';
import { deviceChoice, extractInput, frameRuleChoice, type JobInput } from '../../../../src-preload/shared/contract/job-inputs';
import { extractShard } from '../../../api/extract-shard';
import type { ExtractResult } from '../../../../src-preload/shared/contract/compute-tasks';
import {
  addCommand,
  BEFORE_ACTIVATION_HELP,
  choiceOption,
  FRAMES_HELP,
  given,
  parseCount,
  parseLayers,
  parseList,
  parseReducers,
  parseShard,
  REDUCER_HELP,
} from '../options';
import { runCommand, type CommandContext, type CommandOutput } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';
import { toolContext } from '../tool-context';

interface ExtractOptions {
  json?: boolean;
  model: string;
  layers?: ReturnType<typeof parseLayers>;
  beforeActivation?: boolean;
  runs?: string[];
  reducer?: ReturnType<typeof parseReducers>;
  framesOfTr?: 'last' | 'mean';
  batch?: number;
  threads?: number;
  device?: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  shard?: ReturnType<typeof parseShard>;
}

export function addExtractCommands(program: Command): void {
  addCommand(
    program,
    'extract <dir>',
    'run the movie through a CNN: filter activations',
    'Runs the frames of every movie run through a model and stores, for every filter of the chosen layers, the maximum of its\n' +
      'feature map. What is there already is not computed again; an interrupted extraction goes on where it stopped.\n' +
      'With --shard several machines share the work: each writes a file of its own in DIR/shards and does not lock the project;\n' +
      'extract-merge brings them together (docs/job-arrays.md has a Slurm script).',
  )
    .requiredOption('--model <name>', 'the model, as import-model named it')
    .option('--layers <which>', 'last, blocks, all, or names with commas (default: last)', parseLayers)
    .option('--before-activation', BEFORE_ACTIVATION_HELP)
    .option('--runs <names>', 'only these movie runs', parseList)
    .option('--reducer <how>', REDUCER_HELP, parseReducers)
    .addOption(choiceOption('--frames-of-tr <which>', FRAMES_HELP, frameRuleChoice))
    .option('--batch <n>', 'frames at a time (default: as memory allows, on the CPU at most 8)', parseCount)
    .option('--threads <n>', 'CPU threads (default: all cores)', parseCount)
    .addOption(choiceOption('--device <name>', 'where to compute (default: auto)', deviceChoice))
    .option('--shard <i/n>', 'compute only the i-th of n parts, counted from 1', parseShard)
    .action((folder: string, options: ExtractOptions) =>
      runCommand(options.json ?? false, (context) => extract(folder, options, context)),
    );
  addMergeCommand(program);
}

async function extract(folder: string, options: ExtractOptions, context: CommandContext): Promise<CommandOutput> {
  const { model, layers, beforeActivation, runs, reducer, framesOfTr, batch, threads, device, shard } = options;
  const settings = given({
    layers,
    beforeActivation,
    movieRuns: runs,
    reducer,
    frames: framesOfTr,
    batchSize: batch,
    threads,
    device,
  });
  const input: JobInput<'extract'> = { model, ...settings };
  if (shard) {
    const output = await extractShard(folder, extractInput.parse(input), shard, toolContext(context));
    return { json: output, text: `${describe(output)}\nwrote ${output.file}\n` };
  }
  const output = await withOpenProject(folder, 'extract', (open) => runJob(open, 'extract', input, context));
  return { json: output, text: describe(output) };
}

function describe({ activations }: ExtractResult): string {
  const rows = activations.map(({ movieRun, layer, reducer, filters, frames, computedFrames }) => {
    const what = computedFrames === 0 ? 'there already' : `${computedFrames} frames computed`;
    return [movieRun, layer, reducer, filters, frames, what];
  });
  return formatColumns([['movie run', 'layer', 'reducer', 'filters', 'frames', ''], ...rows]);
}

function addMergeCommand(program: Command): void {
  addCommand(
    program,
    'extract-merge <dir>',
    'bring the shards of extract together',
    'Puts the activations of all shards in DIR/shards into the project when they are complete; otherwise it names what is missing\n' +
      'and changes nothing. It may be run again at any time.',
  )
    .option('--remove', 'delete the shard files when everything in them is in the project')
    .action((folder: string, options: { json?: boolean; remove?: boolean }) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'extract-merge', async (open) => {
          const output = await runJob(open, 'merge-shards', given({ remove: options.remove }), context);
          const { merged, alreadyThere, shards, removed } = output;
          const rows = merged.map(({ movieRun, layer, reducer, filters, frames }) => [movieRun, layer, reducer, filters, frames]);
          const table = rows.length > 0 ? formatColumns([['movie run', 'layer', 'reducer', 'filters', 'frames'], ...rows]) : '';
          const files = removed > 0 ? `${removed} shard files deleted` : `${shards} shard files kept (delete them with --remove)`;
          return { json: output, text: `${table}${merged.length} layers merged, ${alreadyThere} there already; ${files}\n` };
        }),
      ),
    );
}
