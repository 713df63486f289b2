import type { Command } from 'commander';
import { decomposeInput, type JobInput } from '../../../../src-preload/shared/contract/job-inputs';
import { addCommand, given, choiceOption, parseCount, parsePositive, parseSeed } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatSeconds } from '../terminal';

type Options = JobInput<'decompose'> & { json?: boolean };

export function addDecomposeCommand(program: Command): void {
  addCommand(
    program,
    'decompose <dir>',
    'FBNs by group ICA or dictionary learning, to compare with',
    'Makes FBNs of the training runs by a classical method, as an embedding beside the trained ones.\n' +
      '  group-ica   principal components of all runs one after the other in time, then spatial ICA (FastICA, symmetric)\n' +
      '  dictionary  sparse maps by online dictionary learning on the same components (Mairal et al. 2009), begun at the ICA\n' +
      'Runs are read one at a time, over and over, until the components stay. Activations of the test subjects are computed by dual\n' +
      'regression. An interrupted one goes on with the same command.',
  )
    .addOption(choiceOption('--method <name>', 'how', decomposeInput.shape.method).makeOptionMandatory())
    .option('--fbns <n>', 'number of FBNs (default: 64)', parseCount)
    .option('--seed <n>', 'seed of what is drawn at first (default: 0)', parseSeed)
    .option('--sparsity <x>', 'dictionary: more for smaller maps (default: 1.2)', parsePositive)
    .option('--threads <n>', 'CPU threads (default: all cores)', parseCount)
    .action((folder: string, { json, ...input }: Options) =>
      runCommand(json ?? false, (context) =>
        withOpenProject(folder, 'decompose', async (open) => {
          const output = await runJob(open, 'decompose', given(input) as JobInput<'decompose'>, context);
          const { embedding, method, fbns, held, passes, iterations, converged, zeros, seconds, maps, alreadyThere } = output;
          const text =
            `embedding ${embedding}: ${fbns} FBNs by ${method}${alreadyThere ? ' (made before with the same settings and runs)' : ''}\n` +
            `${passes} passes over the runs, ${iterations} iterations${converged ? '' : ', not converged'}, ${formatSeconds(seconds)}\n` +
            `the components hold ${(100 * held).toFixed(1)} % of the variance${zeros === null ? '' : `; ${(100 * zeros).toFixed(1)} % of the maps is 0`}\n` +
            `FBN maps: ${maps}\n`;
          return { json: output, text };
        }),
      ),
    );
}
