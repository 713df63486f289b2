import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { notRun } from '../long/not-run';

/**
 * Starts the whole packed program (what `npm run pack` leaves in dist where Electron's binary is) with a project, and looks at its window
 * through Chromium's own port for that; the fuses leave no other way in. Where nothing was packed it says so.
 */
const dist = join(import.meta.dirname, '../../dist');
const packed = {
  linux: 'linux-unpacked/sync-act-workstation',
  win32: 'win-unpacked/Sync-ACT Workstation.exe',
  darwin: `mac${process.arch === 'arm64' ? '-arm64' : ''}/Sync-ACT Workstation.app/Contents/MacOS/Sync-ACT Workstation`,
} as Partial<Record<NodeJS.Platform, string>>;
const program = join(dist, packed[process.platform] ?? 'nothing');
if (!existsSync(program)) {
  notRun('the window of the packed program was', `there is no ${program}, which needs Electron’s binary (docs/packaging.md)`);
}

const folder = mkdtempSync(join(tmpdir(), 'syncact-window-'));
const project = join(folder, 'p.syncact');
const environment = { ...process.env, HOME: folder, SYNCACT_STATE_FOLDER: join(folder, 'state') };
execFileSync(process.execPath, [join(dist, 'app/out/main/cli.js'), 'init', project], { env: environment });
const switches = ['--remote-debugging-port=0', `--user-data-dir=${join(folder, 'window')}`];
// Chromium's sandbox refuses root; without a display it draws into nothing.
if (process.getuid?.() === 0) switches.push('--no-sandbox');
if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
  switches.push('--ozone-platform=headless');
const child = spawn(program, [...switches, project], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
try {
  const browser = await chromium.connectOverCDP(await port());
  const context = browser.contexts()[0]!;
  const page = context.pages()[0] ?? (await context.waitForEvent('page'));
  await page.locator('ol.board').waitFor({ timeout: 60_000 });
  if (!page.url().startsWith('app://syncact/')) throw new Error(`the window shows ${page.url()}`);
  const reply = await page.evaluate(`window.syncact.request('app.diagnostics', {})`);
  if (!JSON.stringify(reply).includes('Electron')) throw new Error(`the host is not Electron: ${JSON.stringify(reply)}`);
  const nodeInPage = await page.evaluate(`typeof process + typeof require`);
  if (nodeInPage !== 'undefinedundefined') throw new Error('the page has Node in it');
  console.log('the packed program opens a project in its window');
  await browser.close();
} finally {
  child.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

/** The address that Chromium names when its port is open. */
function port(): Promise<string> {
  return new Promise((resolve, reject) => {
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(told)?.[1];
      if (address) resolve(address);
    });
    child.on('exit', (code) => reject(new Error(`the packed program ended with ${code}: ${told.slice(-2000)}`)));
    setTimeout(() => reject(new Error(`the packed program opened no port: ${told.slice(-2000)}`)), 60_000).unref();
  });
}
