import type { Command } from 'commander';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { FolderAccess } from '../../../api/path-access';
import { stateFolder } from '../../../api/state-folder';
import { Workstation } from '../../../api/workstation';
import { isProject } from '../../../project/project';
import { startBrowserHost, type BrowserHost } from '../../web/browser-host';
import { openBrowser } from '../../web/open-browser';
import { addCommand, parseNumber } from '../options';
import { runCommand, type CommandContext, type CommandOutput } from '../run-command';

interface WebOptions {
  port?: number;
  root?: string[];
  phantom?: boolean;
  open?: boolean;
  json?: boolean;
}

/** Of no registered service. */
const USUAL_PORT = 48_731;
/** Where `syncact demo` makes its project. */
const DEMO_PROJECT = join('phantom-demo', 'phantom.syncact');
/** Where one is made when there is none: `syncact demo` wants its own folder to itself. */
const OWN_PHANTOM = 'phantom.syncact';

export function addWebCommand(program: Command): void {
  addCommand(
    program,
    'web [dir]',
    'the workstation in a browser',
    'Serves the workstation on this machine only (127.0.0.1), with a project or with the screen to choose one. Open the address\n' +
      'it prints; it works once. From afar: ssh -L PORT:127.0.0.1:PORT HOST',
  )
    .option('--port <n>', `port to listen on (default: ${USUAL_PORT}, or any free one)`, parseNumber)
    .option('--root <folder...>', 'folders that may be browsed and read (default: the home folder and the one DIR is in)')
    .option(
      '--phantom',
      `where DIR is no project yet, make one there and fill it with the phantom (default DIR: ${DEMO_PROJECT} where it is, else ${OWN_PHANTOM})`,
    )
    .option('--open', "open the address in the system's browser, where there is one")
    .action((named: string | undefined, options: WebOptions) =>
      runCommand(options.json ?? false, (context) => serveWeb(named, options, context)),
    );
}

async function serveWeb(
  named: string | undefined,
  options: WebOptions,
  { signal, json }: CommandContext,
): Promise<CommandOutput> {
  const phantom = isProject(resolve(DEMO_PROJECT)) ? DEMO_PROJECT : OWN_PHANTOM;
  const folder = named ?? (options.phantom ? phantom : undefined);
  const roots = options.root ?? [...new Set([homedir(), ...(folder ? [dirname(resolve(folder))] : [])])];
  const paths = new FolderAccess(
    roots.map((root) => resolve(root)),
    'only folders named with --root at the start of `syncact web` can be read',
  );
  const workstation = new Workstation({
    host: 'browser',
    program: 'syncact web',
    stateFile: join(stateFolder(), 'recent-projects.json'),
    paths,
  });
  try {
    if (folder) await (options.phantom ? openOrMakePhantom(workstation, folder) : workstation.openProject(folder));
    const host = await startHost(workstation, options.port);
    process.stdout.write(json ? `${JSON.stringify({ url: host.url })}\n` : `${host.url}\nCtrl-C ends it.\n`);
    if (options.open) openBrowser(host.url);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await host.close();
  } finally {
    await workstation.close();
  }
  return { json: { ended: true }, text: '' };
}

/**
 * The port named, else always the same one where it is free: a browser keeps what a person has set up (panels, colours) by the
 * address.
 */
async function startHost(workstation: Workstation, port: number | undefined): Promise<BrowserHost> {
  if (port !== undefined) return startBrowserHost(workstation, port);
  return startBrowserHost(workstation, USUAL_PORT).catch(() => startBrowserHost(workstation, 0));
}

/** Opens a project, or makes it and starts the job that fills it with the phantom. */
export async function openOrMakePhantom(workstation: Workstation, folder: string): Promise<void> {
  if (isProject(resolve(folder))) return void (await workstation.openProject(folder));
  await workstation.createProject(folder);
  workstation.startJob('phantom', {});
}
