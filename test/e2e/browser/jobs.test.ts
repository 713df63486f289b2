import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../cli';
import { startHost, type RunningHost } from './host';
import { copyOfPhantom } from './phantom';
import { closeAfter, jobsOf, shells, type Shell } from './shells';
import { goTo, openWindow, startChromium, watchErrors, type WatchedWindow } from './window';

let host: RunningHost | undefined;
let browser: Browser | undefined;
let shell: Shell | undefined;
afterEach(async (context) => {
  await closeAfter(shell, context as never);
  await browser?.close();
  await host?.stop();
  host = browser = shell = undefined;
});

async function open(folder: string | undefined, roots: string[] = []): Promise<WatchedWindow> {
  host = await startHost(folder, roots);
  browser = await startChromium();
  return openWindow(browser, host.url);
}

/** Starts the real phantom from the screen, as a first-time user would. */
async function startPhantom(open: Shell, folder: string): Promise<void> {
  const { page } = open;
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
  await press(/phantom/i);
  await open.choosePath('Folder', join(folder, 'phantom.syncact'), press);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

describe.each(shells)('jobs, in the $name', (kind) => {
  test('a reload in the middle of a job finds it running, goes on showing it, and it can be cancelled', async () => {
    const folder = temporaryFolder();
    shell = await kind.open(undefined, [folder]);
    const { page, errors } = shell;
    await startPhantom(shell, folder);
    const running = page.getByText(/^● (?!running)/);
    await running.waitFor({ timeout: 30_000 });
    await page.reload();
    await running.waitFor({ timeout: 10_000 });
    const before = JSON.stringify((await jobsOf(page))[0]!.progress);
    await expect.poll(async () => JSON.stringify((await jobsOf(page))[0]!.progress)).not.toBe(before);
    await page.keyboard.press('Control+j');
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect.poll(async () => (await jobsOf(page))[0]!.state, { timeout: 20_000 }).toBe('cancelled');
    await page.getByRole('button', { name: 'Resume', exact: true }).waitFor();
    expect(errors).toEqual([]);
  }, 120_000);

  test('a compute process that is killed fails its job with a reason, and the job goes on when resumed', async () => {
    const folder = temporaryFolder();
    shell = await kind.open(undefined, [folder]);
    const { page, errors, pid } = shell;
    await startPhantom(shell, folder);
    await page
      .getByText(/drawing the movie|reading|scanning/)
      .first()
      .waitFor({ timeout: 30_000 });
    for (const child of computeProcesses(pid)) process.kill(child, 'SIGKILL');
    await page.getByText(/^Job failed: Phantom/).waitFor({ timeout: 20_000 });
    await page.keyboard.press('Control+j');
    await page
      .getByRole('group', { name: 'Why it failed' })
      .getByText(/SIGKILL|killed/)
      .waitFor();
    await page.getByRole('button', { name: 'Resume', exact: true }).first().click();
    await expect.poll(async () => (await jobsOf(page))[0]!.state).toBe('running');
    await expect.poll(async () => (await jobsOf(page))[0]!.progress?.done ?? 0, { timeout: 30_000 }).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Cancel', exact: true }).first().click();
    await expect.poll(async () => (await jobsOf(page))[0]!.state, { timeout: 20_000 }).toBe('cancelled');
    expect(errors).toEqual([]);
  }, 120_000);
});

/** Children of the host that run compute tasks. */
function computeProcesses(parent: number): number[] {
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(parent)]).toString();
  const lines = children.split('\n').filter((line) => line.includes('compute'));
  expect(lines.length).toBeGreaterThan(0);
  return lines.map((line) => Number.parseInt(line, 10));
}

test('two windows on one project see the same: a training of the one, paused by the other, a change of the split, and its undo', async () => {
  const first = await open(await copyOfPhantom());
  const page = await first.context.newPage();
  const errors = watchErrors(page);
  await page.goto(new URL('/', first.page.url()).href);
  await goTo(page, '/embedding');
  await goTo(first.page, '/embedding');
  await first.page.getByLabel('FBNs', { exact: true }).fill('32');
  await first.page.getByLabel('Epochs', { exact: true }).fill('5000');
  await first.page.getByRole('button', { name: 'Train', exact: true }).click();
  const underWay = (window: Page) => window.getByRole('group', { name: 'Training under way' });
  await underWay(first.page).waitFor();
  // Devices are tried before there is anything that could go on.
  const row = first.page.getByRole('row', { name: /^2\s+LT/ });
  await row.waitFor({ timeout: 60_000 });
  await underWay(page).getByRole('button', { name: 'Pause' }).click();
  await underWay(first.page).waitFor({ state: 'hidden' });
  await expect.poll(() => row.innerText()).toContain('training');
  await first.page.getByRole('button', { name: 'Go on' }).click();
  await underWay(page).getByRole('button', { name: 'Stop and discard' }).click();
  await expect.poll(() => row.count(), { timeout: 20_000 }).toBe(0);
  await expect.poll(async () => (await jobsOf(page))[0]!.state, { timeout: 20_000 }).toBe('cancelled');
  await first.page.keyboard.press('Control+z');
  await row.waitFor();

  await goTo(page, '/data');
  await page.getByRole('row', { name: /^sub-01/ }).click({ modifiers: ['Control'] });
  await page.getByRole('button', { name: 'test', exact: true }).click();
  await first.page.getByText('▲ stale').first().waitFor();
  await first.page.keyboard.press('Control+z');
  await first.page.getByText('Undone: change of the split').waitFor();
  await expect.poll(() => first.page.getByText('▲ stale').count()).toBe(0);
  expect([...first.errors, ...errors]).toEqual([]);
}, 300_000);

test('a project that another program holds is refused with who holds it', async () => {
  const project = await copyOfPhantom();
  const holder = await startHost(project);
  try {
    const folder = join(project, '..');
    mkdirSync(join(folder, 'other'), { recursive: true });
    const window = await open(undefined, [folder]);
    await window.page.getByRole('button', { name: 'Open project…' }).click();
    await window.page.getByLabel('Folder', { exact: true }).fill(project);
    await window.page.getByRole('button', { name: 'Open', exact: true }).click();
    await window.page
      .getByRole('alert')
      .getByText(/already open/)
      .waitFor();
  } finally {
    await holder.stop();
  }
}, 120_000);
