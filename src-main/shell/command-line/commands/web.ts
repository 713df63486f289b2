import type { Command } from 'commander';
import { OpenProject } from '../../../api/application';
import { answerRequest } from '../../../api/requests';
import { startBrowserHost } from '../../web/browser-host';
import { addCommand, parseNumber } from '../options';
import { runCommand } from '../run-command';

export function addWebCommand(program: Command): void {
  addCommand(
    program,
    'web <dir>',
    'the workstation in a browser',
    'Serves the workstation for a project on this machine only (127.0.0.1). Open the address it prints; it works once.\n' +
      'From afar: ssh -L PORT:127.0.0.1:PORT HOST',
  )
    .option('--port <n>', 'port to listen on (default: any free one)', parseNumber)
    .action(async (folder: string, options: { port?: number; json?: boolean }) => {
      await runCommand(options.json ?? false, async ({ signal, json }) => {
        const open = OpenProject.open(folder, 'syncact web');
        try {
          const host = await startBrowserHost((route, input) => answerRequest(open.project, route, input), options.port ?? 0);
          process.stdout.write(json ? `${JSON.stringify({ url: host.url })}\n` : `${host.url}\nCtrl-C ends it.\n`);
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          await host.close();
        } finally {
          await open.close();
        }
        return { json: { ended: true }, text: '' };
      });
    });
}
