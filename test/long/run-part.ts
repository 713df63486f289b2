import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, realpathSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOT_RUN } from './not-run';
import { kill, killMarked, MARK, markedProcesses, removeFolder } from './processes';

/** One of the long tests. */
export interface Part {
  name: string;
  /** What a shell runs, with the programs of node_modules/.bin in its path. */
  command: string;
  environment?: Record<string, string>;
  /** How long it takes, more or less. */
  minutes: number;
  /** The lines of its log that say what came of it. Without such a line it has not passed. */
  figures: RegExp;
  /** Lines of its log that say that something in it was not tried. */
  gaps?: RegExp;
  /** Others are timed beside it: it takes only what they leave. */
  isPolite?: boolean;
}

export type State = 'passed' | 'failed' | 'not run' | 'cancelled';

/** What came of a part. */
export interface Result {
  name: string;
  state: State;
  /** Why it did not pass. */
  reason?: string;
  minutes: number;
  figures: string[];
  log: string;
}

export interface RunOptions {
  /** Its log is written here. */
  log: string;
  /** Kills it when aborted. */
  signal: AbortSignal;
  /** Called with each line that it writes. */
  onLine?: (line: string) => void;
  /** How long processes may go on after the part has ended. */
  graceMilliseconds?: number;
}

/**
 * Runs a part to its end, in a process group and a temporary folder of its own; nothing of either is left, and processes that outlive the
 * part make it fail.
 */
export async function runPart(part: Part, options: RunOptions): Promise<Result> {
  const start = performance.now();
  const grace = options.graceMilliseconds ?? 5000;
  const temporary = mkdtempSync(join(realpathSync(tmpdir()), 'syncact-long-'));
  const mark = crypto.randomUUID();
  const log = createWriteStream(options.log);
  const child = spawn(part.command, {
    shell: true,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...part.environment, TMPDIR: temporary, [MARK]: mark },
  });
  if (part.isPolite && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const lines: string[] = [];
  const end = () => {
    if (child.pid !== undefined) kill(process.platform === 'win32' ? child.pid : -child.pid);
    killMarked(mark);
  };
  options.signal.addEventListener('abort', end, { once: true });
  if (options.signal.aborted) end();
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      log.write(chunk);
      const parts = (rest + plain(chunk)).split(/[\r\n]+/);
      rest = parts.pop()!;
      for (const line of parts.filter((one) => one.trim() !== '')) {
        lines.push(line.trim());
        options.onLine?.(line.trim());
      }
    });
  }
  const code = await new Promise<number | string>((resolve) => {
    child.on('error', (caught) => resolve(caught.message));
    const ended = () => resolve(child.exitCode ?? child.signalCode ?? 'nothing');
    child.on('close', ended);
    // A process that outlives the part holds its output open.
    child.on('exit', () => setTimeout(ended, Math.min(1000, grace)));
  });
  const left = options.signal.aborted ? [] : await outlived(mark, grace);
  end();
  options.signal.removeEventListener('abort', end);
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  await new Promise<void>((resolve) => log.end(() => resolve()));
  removeFolder(temporary);
  const { state, reason } = options.signal.aborted
    ? { state: 'cancelled' as const, reason: 'cancelled' }
    : judge(part, code, lines, left.length);
  const figures = lines.filter((line) => part.figures.test(line));
  const minutes = (performance.now() - start) / 60_000;
  return { name: part.name, state, ...(reason !== undefined && { reason }), minutes, figures, log: options.log };
}

/** Without the colours of a terminal. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is taken out
  return text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '');
}

/** What is still there of a part that has ended, after a while. */
async function outlived(mark: string, graceMilliseconds: number): Promise<number[]> {
  const until = performance.now() + graceMilliseconds;
  for (;;) {
    const left = markedProcesses(mark);
    if (left.length === 0 || performance.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function judge(part: Part, code: number | string, lines: string[], left: number): { state: State; reason?: string } {
  const last = lines.at(-1) ?? 'it wrote nothing';
  if (code === NOT_RUN) return { state: 'not run', reason: lines.findLast((line) => line.includes('NOT RUN')) ?? last };
  if (code !== 0) return { state: 'failed', reason: `it ended with ${code}: ${last}` };
  if (left > 0) return { state: 'failed', reason: `processes that outlived it: ${left}` };
  if (!lines.some((line) => part.figures.test(line)))
    return { state: 'failed', reason: `it wrote no line that matches ${part.figures.source}` };
  const gap = part.gaps && lines.find((line) => part.gaps!.test(line));
  return gap === undefined ? { state: 'passed' } : { state: 'not run', reason: `in part: ${gap}` };
}
