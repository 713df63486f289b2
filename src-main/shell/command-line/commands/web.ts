import type { Command } from 'commander';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { FolderAccess } from '../../../api/path-access';
import { Workstation } from '../../../api/workstation';
import { startBrowserHost } from '../../web/browser-host';
import { addCommand, parseNumber } from '../options';
import { runCommand } from '../run-command';

interface WebOptions {
  port?: number;
  root?: string[];
  json?: boolean;
}

export function addWebCommand(program: Command): void {
  addCommand(
    program,
    'web [dir]',
    'the workstation in a browser',
    'Serves the workstation on this machine only (127.0.0.1), with a project or with the screen to choose one. Open the address\n' +
      'it prints; it works once. From afar: ssh -L PORT:127.0.0.1:PORT HOST',
  )
    .option('--port <n>', 'port to listen on (default: any free one)', parseNumber)
    .option('--root <folder...>', 'folders that may be browsed and read (default: the home folder and the one DIR is in)')
    .action(async (folder: string | undefined, options: WebOptions) => {
      await runCommand(options.json ?? false, async ({ signal, json }) => {
        const roots = options.root ?? [...new Set([homedir(), ...(folder ? [dirname(resolve(folder))] : [])])];
        const paths = new FolderAccess(
          roots.map((root) => resolve(root)),
          'only folders named with --root at the start of `syncact web` can be read',
        );
        const workstation = new Workstation({ host: 'browser', program: 'syncact web', stateFile: stateFile(), paths });
        try {
          if (folder) await workstation.openProject(folder);
          const host = await startBrowserHost(workstation, options.port ?? 0);
          process.stdout.write(json ? `${JSON.stringify({ url: host.url })}\n` : `${host.url}\nCtrl-C ends it.\n`);
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          await host.close();
        } finally {
          await workstation.close();
        }
        return { json: { ended: true }, text: '' };
      });
    });
}

/** Where the recent projects are kept: SYNCACT_STATE_FOLDER, else the usual place of the system. */
function stateFile(): string {
  const folder =
    process.env.SYNCACT_STATE_FOLDER ?? join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'syncact');
  return join(folder, 'recent-projects.json');
}
