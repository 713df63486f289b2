import { spawnSync } from 'node:child_process';

/** Before a command: a network of its own, in which it is root. */
export const ALONE = ['unshare', '--net', '--map-root-user'] as const;

/** Runs a command in a network of its own without a route, not even the loopback interface being up (Linux). */
export function runAlone(command: readonly string[], timeoutSeconds = 120) {
  return spawnSync(ALONE[0], [...ALONE.slice(1), ...command], {
    encoding: 'utf8',
    timeout: timeoutSeconds * 1000,
    maxBuffer: 2 ** 26,
  });
}

/** Whether this machine lets tests make such a network. */
export function canRunAlone(): boolean {
  return process.platform === 'linux' && runAlone(['true']).status === 0;
}

/** What a request gets there, of the machine itself: a code of the system, ENETUNREACH where nothing can be reached. */
export function reachAlone(): string {
  const reach = `fetch('http://127.0.0.1:8080').catch((caught) => console.log(caught.cause.code))`;
  return runAlone([process.execPath, '-e', reach]).stdout.trim();
}
