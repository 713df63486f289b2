import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where things are kept that belong to a person on a machine: SYNCACT_STATE_FOLDER, else the usual place of the system. */
export function stateFolder(): string {
  return process.env.SYNCACT_STATE_FOLDER ?? join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'syncact');
}
