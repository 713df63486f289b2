import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const entry = join(import.meta.dirname, '../../../out/main/cli.js');

/** A running browser host. */
export interface RunningHost {
  /** The address with its one-time token. */
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts `syncact web` on a project (or on none) with a state folder of its own. */
export async function startHost(folder: string | undefined, roots: readonly string[] = [], port = 0): Promise<RunningHost> {
  const args = ['web', ...(folder ? [folder] : []), '--port', String(port), ...roots.flatMap((root) => ['--root', root])];
  const child = spawn(process.execPath, [entry, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SYNCACT_STATE_FOLDER: mkdtempSync(join(tmpdir(), 'syncact-state-')) },
  });
  const url = await firstAddress(child);
  return {
    url,
    process: child,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGINT');
        setTimeout(() => child.kill('SIGKILL'), 15_000).unref();
      }),
  };
}

function firstAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [output, errors] = ['', ''];
    child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(output);
      if (address) resolve(address[0]);
    });
    child.once('exit', (code) => reject(new Error(`the browser host ended with ${code}: ${errors}`)));
  });
}
