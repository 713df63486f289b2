import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { findChromium } from '../../../build/find-chromium.mjs';

const entry = join(import.meta.dirname, '../../../out/main/cli.js');

/** A running browser host. */
export interface RunningHost {
  /** The address with its one-time token. */
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts `syncact web` on a project (or on none) with a state folder of its own. */
export async function startHost(folder: string | undefined, roots: readonly string[] = []): Promise<RunningHost> {
  const args = ['web', ...(folder ? [folder] : []), '--port', '0', ...roots.flatMap((root) => ['--root', root])];
  const child = spawn(process.execPath, [entry, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SYNCACT_STATE_FOLDER: mkdtempSync(join(tmpdir(), 'syncact-state-')) },
  });
  const url = await firstAddress(child);
  return {
    url,
    process: child,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGINT');
        setTimeout(() => child.kill('SIGKILL'), 15_000).unref();
      }),
  };
}

function firstAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [output, errors] = ['', ''];
    child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(output);
      if (address) resolve(address[0]);
    });
    child.once('exit', (code) => reject(new Error(`the browser host ended with ${code}: ${errors}`)));
  });
}

/** Debian's Chromium. Without WebGL it shows what a machine without a graphics driver would. */
export function startChromium(options: { webgl?: boolean } = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Chromium is not here: run `node build/ensure-chromium.mjs`');
  const graphics =
    options.webgl === false ? ['--disable-gpu', '--disable-3d-apis'] : ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...graphics] });
}

/** A window on a host, with everything that went wrong in it. */
export interface WatchedWindow {
  page: Page;
  context: BrowserContext;
  /** Messages of the page's errors, and of answers with status 500 and above. */
  errors: string[];
}

/** Opens the host's address; its token works for one window, further ones share the context. */
export async function openWindow(
  browser: Browser,
  url: string,
  options: { width?: number; height?: number; colorScheme?: 'dark' | 'light' } = {},
): Promise<WatchedWindow> {
  const { width = 1280, height = 800, colorScheme = 'dark' } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const errors = watchErrors(page);
  await page.goto(url);
  return { page, context, errors };
}

export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('response', (response) => response.status() >= 500 && errors.push(`${response.status()} ${response.url()}`));
  return errors;
}

/** Goes to a screen by its address and waits for its heading. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.goto(new URL(`/#${path}`, page.url()).href);
  await page.locator('h1').first().waitFor();
}
