import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runJson } from '../cli';
import { longestNumberList } from './number-lists';
import { startHost, type RunningHost } from './host';
import { copyOfPhantom } from './phantom';
import { closeAfter, shells, type Shell } from './shells';
import { goTo, openWindow, startChromium } from './window';

/** Every screen, with what must be there before it is judged. */
const screens: [name: string, path: string, ready: string][] = [
  ['Overview', '/overview', 'ol.board'],
  ['Data', '/data', '[role=grid]'],
  ['Import fMRI', '/data?action=import', '[role=dialog]'],
  ['Movies', '/movies', '[role=listbox] img'],
  ['Import movie', '/movies?action=import', '[role=dialog]'],
  ['Models', '/models', 'button:enabled:has-text("Extract activations")'],
  ['Extract', '/models?action=extract', '[role=dialog]'],
  ['Catalogue', '/models?action=catalogue', '[role=dialog] [role=row][aria-rowindex="21"]'],
  ['Filter', '/models/1/2/0', '[aria-label="Frames"] canvas[aria-busy=false]'],
  ['Embedding', '/embedding', '.uplot'],
  ['Other FBNs', '/embedding?action=other', '[role=dialog]'],
  ['FBNs', '/fbns', '[role=listbox] canvas'],
  ['FBN', '/fbns/1/3', '.uplot'],
  ['Coupling', '/coupling', 'table button'],
  ['Couple', '/coupling?action=couple', '[role=dialog]'],
  ['Pairs', '/coupling/1', '[role=grid] canvas'],
  ['Beyond p', '/coupling/1?view=beyond', '[aria-labelledby=hubs] li'],
  ['Depth', '/coupling/1?view=depth', '[role=grid] [role=img]'],
  ['Pair', '/coupling/1/pair/0/0', '.uplot'],
  ['Clip', '/coupling/1/pair/0/0?action=clip', '[role=dialog]'],
  ['Semantics', '/semantics', 'h1'],
  ['Import terms', '/semantics?action=import-terms', '[role=dialog]'],
  ['Import labels', '/semantics?action=import-labels', '[role=dialog]'],
  ['Dissect', '/semantics?action=dissect', '[role=dialog]'],
  ['Curate', '/curate', 'form input'],
  ['Report', '/report', '[role=grid] [role=row]'],
  ['Export', '/report?action=export', '[role=dialog]'],
  ['Figures', '/figures/matrix', 'img[alt^=Preview]'],
];

let shell: Shell | undefined;
let browser: Browser | undefined;
let host: RunningHost | undefined;
let prepared: string;
beforeAll(async () => {
  prepared = await copyOfPhantom();
  // What screens show beyond p.
  await runJson('analyse', prepared);
  await runJson('compare', prepared);
}, 300_000);
afterEach(async (context) => {
  await closeAfter(shell, context as never);
  await browser?.close();
  await host?.stop();
  shell = browser = host = undefined;
});

/** What axe finds serious in a window, twice: what has just come may still be on its way when it is judged first. */
async function lastingFindings(page: Page, colorScheme: 'dark' | 'light'): Promise<string[]> {
  await page.waitForTimeout(250);
  const first = await seriousFindings(page, colorScheme);
  if (first.length === 0) return [];
  await page.waitForTimeout(2000);
  return seriousFindings(page, colorScheme);
}

async function seriousFindings(page: Page, colorScheme: 'dark' | 'light'): Promise<string[]> {
  // Legacy mode needs no second page, which Electron has not.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  // What is there is the same in both; only its colours differ.
  const { violations } = await (colorScheme === 'dark' ? axe : axe.withRules(['color-contrast'])).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join(' | ')}`,
    );
}

describe.each(shells)('in the $name', (kind) => {
  test.each(['dark', 'light'] as const)(
    'no screen has a serious finding of axe, and none an error, %s',
    { timeout: 240_000 },
    async (colorScheme) => {
      shell = await kind.open(await copyOfPhantom(prepared), []);
      const { page, errors } = shell;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.locator('h1').first().waitFor();
      const findings: string[] = [];
      for (const [name, path, ready] of screens) {
        await goTo(page, path);
        await page.locator(ready).first().waitFor({ timeout: 15_000 });
        findings.push(...(await lastingFindings(page, colorScheme)).map((finding) => `${name}: ${finding}`));
      }
      expect(findings).toEqual([]);
      expect(errors).toEqual([]);
    },
  );

  test('the address alone brings back what was seen', { timeout: 60_000 }, async () => {
    shell = await kind.open(await copyOfPhantom(prepared), []);
    const { page, errors } = shell;
    await page.locator('h1').first().waitFor();
    await goTo(page, '/coupling');
    await page.getByLabel('Direction', { exact: true }).selectOption('filter-to-fbn');
    await page.waitForURL(/direction=filter-to-fbn/);
    await page.reload();
    await expect.poll(() => page.getByLabel('Direction', { exact: true }).inputValue()).toBe('filter-to-fbn');
    await goTo(page, '/semantics?action=import-terms');
    await page.getByRole('dialog', { name: 'Import terms' }).waitFor();
    await goTo(page, '/semantics?action=import-labels');
    await page.getByRole('dialog', { name: 'Import labels' }).waitFor();
    expect(await page.locator('[role=dialog]').count()).toBe(1);
    await goTo(page, '/fbns/1/7?run=2&tr=30');
    await expect.poll(() => page.getByRole('contentinfo').innerText()).toMatch(/TR 30[\s\S]*FBN 7/);
    expect(errors).toEqual([]);
  });
});

test('without WebGL the volume is drawn in two dimensions, with a message', { timeout: 90_000 }, async () => {
  host = await startHost(await copyOfPhantom(prepared));
  browser = await startChromium({ webgl: false });
  const { page, errors } = await openWindow(browser, host.url);
  await page.locator('h1').first().waitFor();
  await goTo(page, '/coupling/1/pair/0/0');
  await page.getByText(/needs WebGL 2.*drawn in 2D/).waitFor();
  const slices = page.getByRole('img', { name: /slice$/ });
  await expect.poll(() => slices.count()).toBe(3);
  const coloured = () =>
    slices.first().evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.some((_, at) => at % 4 === 0 && data[at] !== data[at + 2] && data[at + 3]! > 0);
    });
  await expect.poll(coloured).toBe(true);
  const before = await page.getByRole('contentinfo').innerText();
  await slices.first().click({ position: { x: 40, y: 40 } });
  await expect.poll(() => page.getByRole('contentinfo').innerText()).not.toBe(before);
  expect(errors).toEqual([]);
});

test('what the tests call an array of numbers is one', () => {
  expect(longestNumberList('{"ok":true,"data":{"runs":[{"values":[1,2,3]}]}}')).toBe(3);
  expect(longestNumberList('[["a"],{"b":null}]')).toBe(0);
});
