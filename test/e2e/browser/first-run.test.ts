import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../cli';
import { keyboard, mouse, type Hands } from './hands';
import { copyOfPhantom, makePhantom } from './phantom';
import { closeAfter, jobsDone, jobsOf, shells, type Shell } from './shells';
import { goTo, openWindow, startChromium } from './window';

let shell: Shell | undefined;
afterEach(async (context) => {
  await closeAfter(shell, context as never);
  shell = undefined;
});

/** From the first start to a pair view of one's own data: what the program asks for is all that is known. */
async function firstRunToPairs(open: Shell, hands: Hands): Promise<void> {
  const { page } = open;
  const { bids, movies, model } = await makePhantom();
  const projects = join(temporaryFolder(), 'projects');
  mkdirSync(projects);
  const visit = async (name: string) => {
    await hands.press(name);
    await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
  };
  await hands.press(/^New project/);
  await open.choosePath('Folder', join(projects, 'mine.syncact'), hands.press);
  await hands.press('Create');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();

  await hands.press('Import fMRI…');
  await open.choosePath('Folder of the dataset', bids, hands.press);
  await page.getByText('10 runs: 5 subjects × 2 movie runs').waitFor();
  await hands.press('Import');
  await page.getByRole('grid', { name: 'Subjects' }).waitFor({ timeout: 60_000 });
  await jobsDone(page, 1);
  await expect.poll(() => page.getByRole('grid', { name: 'Subjects' }).getByRole('row').count()).toBe(6);

  await page.getByRole('img', { name: /^Mean image of sub-01/ }).waitFor();
  await visit('Movies');
  await hands.press('Import movie…');
  for (const movie of movies) {
    await open.choosePath('Video file', movie, hands.press);
    await page.getByText('240 frames, one per TR').waitFor();
    await page.getByText('as many as the runs have volumes').waitFor();
    await hands.press('Import');
  }
  await jobsDone(page, 3);

  await visit('Models');
  await hands.press('Import model…');
  await open.choosePath('Model file', model, hands.press);
  await page.getByText(/8 layers, 344 filters/).waitFor();
  await hands.press('Import');
  await jobsDone(page, 4);
  await hands.press('Extract activations…');
  await hands.press('Extract');
  await jobsDone(page, 5);

  await visit('Embedding');
  await hands.write('FBNs', '16');
  await hands.write('Epochs', '3');
  await hands.press('Train');
  await jobsDone(page, 6);
  await page.getByRole('img', { name: /Loss by epoch/ }).waitFor();

  await visit('Coupling');
  await hands.press('Couple…');
  await hands.press('Couple');
  await jobsDone(page, 7);
  await hands.press(/phantom-cnn · stage4 · task-phantom_run-1: mean r/);
  await hands.openFirstRow('Pairs');
  await page.getByRole('heading', { name: 'Pair', exact: true }).waitFor();
  await page.getByRole('img', { name: /Activations, z-scored/ }).waitFor();
}

/** The three panels follow one cursor. */
async function scrub({ page }: Shell, hands: Hands): Promise<void> {
  const frame = page.getByAltText(/^Movie frame of TR/);
  await frame.waitFor();
  const before = await frame.getAttribute('alt');
  await hands.moveCursor(/Activations, z-scored/);
  await expect.poll(() => frame.getAttribute('alt')).not.toBe(before);
  const tr = /\d+$/.exec((await frame.getAttribute('alt'))!)![0];
  expect(await page.getByRole('contentinfo').innerText()).toContain(`TR ${tr}`);
  await page.waitForURL(new RegExp(`tr=${tr}`));
  await page.reload();
  await expect.poll(() => frame.getAttribute('alt'), { timeout: 10_000 }).toBe(`Movie frame of TR ${tr}`);
}

describe.each(shells)('from the first start to a pair, in the $name', ({ open }) => {
  test.each([
    ['with the mouse', mouse],
    ['with the keyboard only', keyboard],
  ])('%s', { timeout: 300_000 }, async (_name, hands) => {
    await makePhantom();
    shell = await open(undefined, ['/']);
    await firstRunToPairs(shell, hands(shell.page));
    await scrub(shell, hands(shell.page));
    expect(shell.errors).toEqual([]);
  });
});

/** Writes the report from its dialog, and waits until it is there. */
async function exportReport(folder: string): Promise<string> {
  shell = await shells[0]!.open(await copyOfPhantom(), [folder]);
  const { page, choosePath } = shell;
  await goTo(page, '/report?action=export');
  const press = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();
  await choosePath('Where to write', join(folder, 'report'), press);
  await press('Write');
  await page.getByText('Written: Export · report.html').waitFor({ timeout: 60_000 });
  expect((await jobsOf(page))[0]).toMatchObject({ type: 'export', state: 'done' });
  expect(shell.errors).toEqual([]);
  return join(folder, 'report.html');
}

test('the HTML report works as a file, without a network, and has no serious finding of axe', { timeout: 300_000 }, async () => {
  const file = await exportReport(temporaryFolder());
  const browser = await startChromium({ webgl: false });
  onTestFinished(() => browser.close());
  const { page, errors } = await openWindow(browser, pathToFileURL(file).href);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.reload();
  // The traces of both sides and the map are drawn; another FBN has others.
  const colours = () =>
    page.evaluate(`[...document.querySelectorAll('#detail, canvas[data-plane=axial]')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const found = { brain: 0, network: 0, sum: 0 };
      for (let i = 0; i < data.length; i += 4) {
        found.sum = (found.sum * 31 + data[i] + data[i + 2]) % 1e9;
        if (data[i + 3] > 200 && data[i] > data[i + 2] + 80) found.brain++;
        if (data[i + 3] > 200 && data[i + 2] > data[i] + 80) found.network++;
      }
      return found;
    })`) as Promise<{ brain: number; network: number; sum: number }[]>;
  const first = await colours();
  expect(first).toHaveLength(2);
  for (const { brain, network } of first) expect(Math.min(brain, network)).toBeGreaterThan(20);
  await page.locator('#next').click();
  await expect.poll(async () => (await colours()).every(({ sum }, i) => sum !== first[i]!.sum)).toBe(true);
  await page.locator('#detail').press('ArrowRight');
  await expect.poll(() => page.locator('#cursor').textContent()).toContain('TR 1 ');
  expect(asked.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 160)}`)).toEqual([]);
  expect(errors).toEqual([]);
});
