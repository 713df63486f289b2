import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type Browser, type ElectronApplication, type Page } from 'playwright-core';
import { electronBinary } from '../../../build/start-command.mjs';
import { startHost } from './host';
import { openWindow, startChromium, watchErrors } from './window';

/** The workstation in a window, whichever shell it is in. */
export interface Shell {
  page: Page;
  errors: string[];
  /** Process whose children compute. */
  pid: number;
  /** Names a path in a field: typed in the browser host, chosen in the system's dialog in Electron. */
  choosePath(label: string, path: string, press: (name: string | RegExp) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, '../../..');
const binary = electronBinary(root, process.env);

/** Shells that can be run here: the browser host always, the desktop app where Electron's binary is. */
export const shells: { name: string; open: (folder: string | undefined, roots: string[]) => Promise<Shell> }[] = [
  { name: 'browser host', open: openBrowserHost },
  ...(binary ? [{ name: 'Electron', open: openElectron }] : []),
];
console.log(`end-to-end tests run in: ${shells.map(({ name }) => name).join(', ')}`);
if (shells.length === 1) console.log('not run: Electron (its binary is not on this machine; set ELECTRON_EXEC_PATH to run it)');

async function openBrowserHost(folder: string | undefined, roots: string[]): Promise<Shell> {
  const host = await startHost(folder, roots);
  const browser: Browser = await startChromium();
  const { page, errors } = await openWindow(browser, host.url);
  return {
    ...{ page, errors, pid: host.process.pid! },
    choosePath: async (label, path) => {
      await page.getByLabel(label, { exact: true }).focus();
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(path);
    },
    close: async () => {
      await browser.close();
      await host.stop();
    },
  };
}

async function openElectron(folder: string | undefined): Promise<Shell> {
  const state = `--user-data-dir=${mkdtempSync(join(tmpdir(), 'syncact-state-'))}`;
  const app: ElectronApplication = await _electron.launch({
    executablePath: binary!,
    args: [root, ...(folder ? [folder] : []), state, '--no-sandbox'],
  });
  const page = await app.firstWindow();
  return {
    page,
    errors: watchErrors(page),
    pid: app.process().pid!,
    choosePath: async (label, path, press) => {
      await app.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] }) as never;
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen }) as never;
      }, path);
      await press(`Choose ${label}`);
    },
    close: () => app.close(),
  };
}

/** Closes a shell after a test; of a test that failed its last picture is kept. */
export async function closeAfter(
  shell: Shell | undefined,
  { task }: { task: { name: string; result?: { state: string } } },
): Promise<void> {
  if (!shell) return;
  if (task.result?.state === 'fail') {
    const path = join(root, 'out', `failed-${task.name.replace(/\W+/g, '-')}.png`);
    await shell.page.screenshot({ path }).then(() => console.error(`last picture: ${path}`));
    console.error(shell.errors.join('\n'));
  }
  await shell.close();
}

interface ToldJob {
  id: number;
  type: string;
  state: string;
  error: unknown;
  progress: { done: number; stage: string } | null;
}

/** The jobs as the host tells them, newest first: asked by the window itself, whichever shell it is in. */
export async function jobsOf(page: Page): Promise<ToldJob[]> {
  const reply = await page.evaluate(async () => {
    const bridge = (window as unknown as { syncact?: { request(route: string, input: object): Promise<unknown> } }).syncact;
    if (bridge) return bridge.request('jobs.list', {});
    const headers = { 'content-type': 'application/json' };
    const response = await fetch('/api/request', { method: 'POST', headers, body: '{"route":"jobs.list","input":{}}' });
    return response.json() as Promise<unknown>;
  });
  const { data } = reply as { data: ToldJob[] };
  return data.sort((a, b) => b.id - a.id);
}

/** Waits until as many jobs as this are there and all of them are done. */
export async function jobsDone(page: Page, count: number): Promise<void> {
  for (;;) {
    const jobs = await jobsOf(page);
    const failed = jobs.find(({ state }) => state === 'failed');
    if (failed) throw new Error(`${failed.type} failed: ${JSON.stringify(failed.error)}`);
    if (jobs.length >= count && jobs.every(({ state }) => state === 'done')) return;
    await page.waitForTimeout(200);
  }
}
