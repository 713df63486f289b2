import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { findChromium } from '../../../build/find-chromium.mjs';
import { longestNumberList } from './number-lists';

/** Debian's Chromium. Without WebGL it shows what a machine without a graphics driver would. */
export function startChromium(options: { webgl?: boolean } = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Chromium is not here: run `node build/ensure-chromium.mjs`');
  const graphics =
    options.webgl === false ? ['--disable-gpu', '--disable-3d-apis'] : ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...graphics] });
}

/** A window, with everything that went wrong in it. */
export interface WatchedWindow {
  page: Page;
  context: BrowserContext;
  /** Messages of the page's errors, answers with status 500 and above, arrays of numbers that travelled as JSON, and requests that left. */
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

/** A grid's affine has 16 numbers; anything longer is data and has to be a resource. */
const LONGEST_LIST = 16;

export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  const checkNumbers = (text: string, where: string) => {
    const longest = longestNumberList(text);
    if (longest > LONGEST_LIST) errors.push(`${longest} numbers as JSON: ${where}`);
  };
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('request', (request) => {
    if (leavesMachine(request.url())) errors.push(`a request left this machine: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) errors.push(`${response.status()} ${response.url()}`);
    if (!response.headers()['content-type']?.includes('json')) return;
    response.text().then(
      (text) => checkNumbers(text, `${response.url()} ${response.request().postData() ?? ''}`),
      () => undefined,
    );
  });
  page.on('websocket', (socket) => {
    if (leavesMachine(socket.url())) errors.push(`a WebSocket left this machine: ${socket.url()}`);
    socket.on('framereceived', ({ payload }) => checkNumbers(String(payload), 'an event'));
  });
  return errors;
}

/** The program is offline: its page asks its own host, and itself. A report is opened as a file, of no other machine. */
function leavesMachine(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const isHere = protocol === 'file:' ? hostname === '' : ['blob:', 'data:', 'about:'].includes(protocol);
  return !isHere && hostname !== '127.0.0.1';
}

/**
 * Goes to a screen by its address and waits for its heading. Some screen has to be there before: until the first one is,
 * the router hears no change of the address, and would write its own over it.
 */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.evaluate(`location.hash = ${JSON.stringify(`#${path}`)}`);
  await page.locator('h1').first().waitFor();
}
