import { describeUserError, errorLine, toErrorReport, type ErrorReport } from '../../../src-preload/shared/domain/errors';
import { programLog } from '../../api/diagnostics';
import { ProgressDisplay } from './terminal';

/** Exit codes of every command. */
export const exitCodes = { success: 0, fault: 1, badInput: 2, interrupted: 130 } as const;

/** What a command is run with. */
export interface CommandContext {
  /** Aborted by the first Ctrl-C; the second one ends the program at once. */
  signal: AbortSignal;
  display: ProgressDisplay;
  json: boolean;
}

/** What a command gives back: the document for --json, and the text for people. */
export interface CommandOutput {
  json: unknown;
  text: string;
}

/**
 * Runs a command and ends with its exit code: result, and with --json the error too, on standard output, everything else on standard error; one line for an error
 * the user can mend (2), the stack for a fault of ours (1), a word on how to go on when interrupted (130).
 */
export async function runCommand(json: boolean, command: (context: CommandContext) => Promise<CommandOutput>): Promise<void> {
  const canceller = new AbortController();
  const display = new ProgressDisplay();
  const interrupt = () => {
    if (canceller.signal.aborted) process.exit(exitCodes.interrupted);
    canceller.abort();
    display.note('stopping after the current step; press Ctrl-C again to stop at once');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const output = await command({ signal: canceller.signal, display, json });
    display.end();
    await write(json ? `${JSON.stringify(output.json, null, 1)}\n` : output.text);
  } catch (caught) {
    display.end();
    const report = toErrorReport(caught);
    process.exitCode = explain(report);
    if (json) await write(`${JSON.stringify({ error: errorDocument(report) }, null, 1)}\n`);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** What `--json` says of an error: its code, its one line, and the parts of that. */
export function errorDocument(report: ErrorReport): Record<string, string> {
  if (report.kind === 'user') return { ...report.details, message: describeUserError(report.details) };
  return { code: report.kind === 'fault' ? report.code : 'cancelled', message: report.message };
}

function explain(report: ErrorReport): number {
  if (report.kind === 'user') {
    process.stderr.write(`syncact: ${errorLine(report)}\n`);
    return exitCodes.badInput;
  }
  if (report.kind === 'cancelled') {
    process.stderr.write(
      'syncact: stopped; what was finished is kept, and the same command goes on from there (train: with --resume) [cancelled]\n',
    );
    return exitCodes.interrupted;
  }
  programLog().add('failure', `syncact ${process.argv[2] ?? ''}: ${report.stack ?? report.message}`);
  process.stderr.write(`syncact: a fault in the program [${report.code}]: ${report.stack ?? report.message}\n`);
  return exitCodes.fault;
}

/** Waits until a pipe has taken everything, so that large JSON is not cut off at exit. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (caught) => (caught ? reject(caught) : resolve())));
}
