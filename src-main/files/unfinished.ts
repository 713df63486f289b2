import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Ending of every unfinished file and folder. */
export const UNFINISHED_SUFFIX = '.unfinished';
/** Process ids mean something on one machine only, and folders are shared between several. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const writerOf = /\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.unfinished$/;

/** A name beside a file or folder for what is not whole yet. It says who writes it, so that others know when nobody does any more. */
export function unfinishedPath(path: string): string {
  return `${path}.${machine}-${process.pid}-${randomBytes(4).toString('hex')}${UNFINISHED_SUFFIX}`;
}

/** Whether a file or folder was being written by a process of this machine that has ended. */
export function isAbandoned(name: string): boolean {
  const [, where, id] = writerOf.exec(name) ?? [];
  return where === machine && !isRunning(Number(id));
}

/** Removes what killed processes left of a file or folder when they were writing it. */
export async function removeAbandoned(path: string): Promise<void> {
  // Where the folder cannot be read, writing into it says why.
  const beside = await readdir(dirname(path)).catch(() => []);
  const own = basename(path);
  for (const name of beside)
    if (name.startsWith(`${own}.`) && name.replace(writerOf, '') === own && isAbandoned(name))
      await rm(join(dirname(path), name), { recursive: true, force: true });
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (caught) {
    // Another user's process may not be signalled, but is there.
    return (caught as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
