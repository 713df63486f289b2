import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const entry = join(import.meta.dirname, '../../out/main/cli.js');

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Starts the built command line in a process group of its own. */
export function startCli(
  args: readonly string[],
  options: { cwd?: string } = {},
): { child: ChildProcess; result: Promise<CliResult> } {
  if (!existsSync(entry)) throw new Error('the program is not built: run `npm run build` first');
  const child = spawn(process.execPath, [entry, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const result = new Promise<CliResult>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { child, result };
}

/** Waits until a command has written what matches to its standard error. @throws where it ends before */
export function printed(child: ChildProcess, pattern: RegExp): Promise<void> {
  let stderr = '';
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (pattern.test(stderr)) resolve();
    });
    child.on('close', () => reject(new Error(`the command ended without writing ${String(pattern)}: ${stderr}`)));
  });
}

/** Runs the command line to its end. */
export function runCli(...args: string[]): Promise<CliResult> {
  return startCli(args).result;
}

/** Runs a command that must succeed and returns its JSON document. */
export async function runJson<Document = Record<string, unknown>>(...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await runCli(...args, '--json');
  if (code !== 0) throw new Error(`syncact ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Document;
}

/** Kills a whole process group: the host and its compute process. */
export function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'syncact-e2e-'));
}
