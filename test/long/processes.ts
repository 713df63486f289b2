import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';

/** In the environment of everything that a part starts, whatever becomes of its parents and groups. */
export const MARK = 'SYNCACT_LONG_RUN';

/** Processes that carry a mark; none where the system does not show the environment of processes (elsewhere than on Linux). */
export function markedProcesses(mark: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((id) => id > 0 && carries(id, `${MARK}=${mark}`));
}

function carries(id: number, setting: string): boolean {
  try {
    return readFileSync(`/proc/${id}/environ`, 'utf8').split('\0').includes(setting);
  } catch {
    // It has ended, or is not ours.
    return false;
  }
}

/** Ends every process that carries a mark, and those that they start meanwhile. */
export function killMarked(mark: string): void {
  for (let round = 0; round < 20; round++) {
    const found = markedProcesses(mark);
    if (found.length === 0) return;
    found.forEach(kill);
  }
}

/** @param id of a process; negative: of its group */
export function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Removes a folder, and the disks that tests were killed before they unmounted. */
export function removeFolder(folder: string): void {
  if (process.platform === 'linux') {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
    for (const place of mounts.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${folder}/`)))
      spawnSync('umount', [place]);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
