import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.SYNCACT_REALDATA ?? join(import.meta.dirname, '../../../shared/realdata');

/** Whether the real data are on this machine; tests that need them are reported as skipped otherwise. */
export const realdataAvailable = existsSync(join(folder, 'README.md'));

/** Path of a real data file. */
export function realdataPath(...parts: string[]): string {
  return join(folder, ...parts);
}
