import { Option, type Command } from 'commander';
import { addCommand, given, parseCount, parseSeed } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';

interface RandomModelOptions {
  json?: boolean;
  arch?: string;
  like?: string;
  name?: string;
  seed?: number;
  classes?: number;
}

export function addRandomModelCommand(program: Command): void {
  addCommand(
    program,
    'random-model <dir>',
    'add a network with random weights, the control of a trained one',
    'Adds one of the ten networks of the paper with weights that were never trained (He initialisation, batch norm that does\n' +
      'nothing): coupled like the others, it shows what is owed to training and what to the architecture. The same seed gives the\n' +
      'same weights. With --like it is the twin of a model of the project, and gets its frames as that one does.',
  )
    .addOption(new Option('--arch <name>', 'resnet18, or as in the paper’s tables: "ResNet-18"').conflicts('like'))
    .option('--like <model>', 'the twin of this model of the project')
    .option('--name <name>', 'name in this project (default: the network’s or the model’s, with "-random")')
    .option('--seed <n>', 'seed of the weights (default: 0)', parseSeed)
    .option('--classes <n>', 'give it a classifier of so many outputs (default: none, as no filter needs it)', parseCount)
    .action((folder: string, options: RandomModelOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'random-model', async (open) => {
          const { arch, like, name, seed, classes } = options;
          const input = given({ architecture: arch, twinOf: like, name, seed, classes });
          const output = await runJob(open, 'random-model', input, context);
          const { model, architecture, parameters, layers } = output;
          const size = `${(parameters / 1e6).toFixed(1)} million parameters, ${layers.length} layers`;
          return { json: output, text: `${model}: ${architecture} with random weights, seed ${output.seed}, ${size}\n` };
        }),
      ),
    );
}
