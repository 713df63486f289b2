import { Command, CommanderError } from 'commander';
import { programVersion } from '../../api/version';
import { addAnnotationCommands } from './commands/annotations';
import { addAnalyseCommand } from './commands/analyse';
import { addArrayCommands } from './commands/arrays';
import { addCompareCommand } from './commands/compare';
import { addCoupleCommand } from './commands/couple';
import { addDemoCommand } from './commands/demo';
import { addClipCommand } from './commands/clip';
import { addExplainCommand } from './commands/explain';
import { addExportCommand } from './commands/export';
import { addFigureCommand } from './commands/figure';
import { addDecomposeCommand } from './commands/decompose';
import { addFileCommands } from './commands/files';
import { addImportCommands } from './commands/imports';
import { addImportEmbeddingCommand } from './commands/import-embedding';
import { addLabelCommands } from './commands/labels';
import { addMethodCommands } from './commands/method';
import { addModelCommands } from './commands/models';
import { addProjectCommands } from './commands/project';
import { addRelinkCommand } from './commands/relink';
import { addQualityCommand } from './commands/quality';
import { addReportCommand } from './commands/report';
import { addSweepCommands } from './commands/sweep';
import { addTermCommands } from './commands/terms';
import { addWordCommands } from './commands/words';
import { addWebCommand } from './commands/web';
import { errorDocument, exitCodes } from './run-command';

const introduction = `Couples movie-watching fMRI and pre-trained CNNs by their synchronized activations (Sync-ACT).

A project goes through these steps, each a command:
  init → import-fmri → import-movie → import-model → train → extract → couple → report
  (and import-terms → decode, for what FBNs mean)
Try them all on generated data with \`syncact demo\`.`;

const conventions = `
Every command takes --json (one JSON document on standard output; progress on standard error) and --help.
Exit codes: 0 success · 1 a fault in the program · 2 bad usage or bad input · 130 interrupted (the same command goes on).
Errors end with a code in [brackets], which \`syncact explain CODE\` explains; with --json it is error.code.`;

/** The command line: parses the arguments, runs one command, sets the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) closes the pipe: that is no fault.
  process.stdout.on('error', (caught: NodeJS.ErrnoException) =>
    process.exit(caught.code === 'EPIPE' ? exitCodes.success : exitCodes.fault),
  );
  const program = new Command('syncact')
    .description(introduction)
    .version(programVersion)
    .addHelpText('after', conventions)
    .showHelpAfterError('(syncact --help lists the commands; syncact COMMAND --help its options)')
    .exitOverride()
    .configureOutput({ outputError: (message, write) => write(withCode(message)) })
    .configureHelp({ showGlobalOptions: false, helpWidth: Math.min(process.stdout.columns ?? 100, 110) });
  const groups = [
    addDemoCommand,
    addProjectCommands,
    addRelinkCommand,
    addImportCommands,
    addImportEmbeddingCommand,
    addDecomposeCommand,
    addMethodCommands,
    addSweepCommands,
    addCoupleCommand,
    addAnalyseCommand,
    addCompareCommand,
    addQualityCommand,
    addTermCommands,
    addWordCommands,
    addLabelCommands,
    addAnnotationCommands,
    addReportCommand,
    addFigureCommand,
    addExportCommand,
    addClipCommand,
    addArrayCommands,
    addFileCommands,
    addModelCommands,
    addExplainCommand,
    addWebCommand,
  ];
  for (const add of groups) add(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (caught) {
    if (!(caught instanceof CommanderError)) throw caught;
    // Commander has printed its message; --help and --version end this way too, with code 0.
    process.exitCode = caught.exitCode === 0 ? exitCodes.success : exitCodes.badInput;
    if (caught.exitCode === 0 || !args.includes('--json')) return;
    const what = caught.message.replace(/^error: /, '');
    const error = errorDocument({ kind: 'user', details: { code: 'setting-invalid', what } });
    process.stdout.write(`${JSON.stringify({ error }, null, 1)}\n`);
  }
}

/** Commander's message in the form of all others. */
function withCode(message: string): string {
  return message.replace(/^error: (.*)/, 'syncact: $1 [setting-invalid]');
}
