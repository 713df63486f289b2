import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { generateLargeProject } from '../bench/large-project';
import { runJson } from '../e2e/cli';
import { startHost, type RunningHost } from '../e2e/browser/host';
import { openWindow, startChromium, watchErrors } from '../e2e/browser/window';
import { realdataAvailable } from '../realdata/realdata-folder';
import { FULL_MEANING, makeMeaningProject, writeAtlas } from '../walkthrough/meaning';
import { meaningScreens, screensOf, type PicturedScreen } from './screens';

/**
 * `npm run screenshots [-- phantom|large|meaning] [SCREEN…]`: pictures of every screen, or of those named, dark and light, small and
 * large, into docs/pictures; of what FBNs and filters mean where the real data are. Fails when a screen shows an error, writes one to the
 * console, or is answered with one.
 */
const root = join(import.meta.dirname, '../..');
const pictures = join(root, 'docs/pictures');
const sizes = [
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
];
const themes = ['dark', 'light'] as const;
const named = process.argv.slice(2);
const allProjects = ['phantom', 'large', 'meaning'];
const namedProjects = named.filter((name) => allProjects.includes(name));
const projects = namedProjects.length > 0 ? namedProjects : allProjects;
const wantedScreens = named.filter((name) => !allProjects.includes(name));
const failures: string[] = [];

const folder = mkdtempSync(join(tmpdir(), 'syncact-screenshots-'));
const browser = await startChromium();
try {
  if (projects.includes('phantom')) await picturePhantom(browser);
  if (projects.includes('large')) await pictureLarge(browser);
  if (realdataAvailable && projects.includes('meaning')) await pictureMeaning(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) console.error(`✗ ${failure}`);
console.log(failures.length === 0 ? `pictures of every screen: ${pictures}` : `${failures.length} screens failed`);
process.exit(failures.length === 0 ? 0 : 1);

async function picturePhantom(chromium: Browser): Promise<void> {
  console.log('making the phantom …');
  await runJson('demo', join(folder, 'demo'));
  const project = join(folder, 'phantom.syncact');
  cpSync(join(folder, 'demo/phantom.syncact'), project, { recursive: true });
  await runJson('analyse', project);
  await runJson('compare', project);
  const empty = join(folder, 'my-study.syncact');
  await runJson('init', empty);
  if (wantedScreens.length === 0) await pictureStart(chromium, empty);
  const host = await startHost(project, [folder]);
  await pictureProject(chromium, host, 'phantom', 1);
}

async function pictureLarge(chromium: Browser): Promise<void> {
  console.log('generating the large project …');
  const project = join(folder, 'large.syncact');
  await generateLargeProject(project);
  await pictureProject(chromium, await startHost(project, [folder]), 'large', 2);
}

async function pictureMeaning(chromium: Browser): Promise<void> {
  const project = await makeMeaningProject(FULL_MEANING, join(folder, 'meaning'), console.log);
  const atlas = await writeAtlas(join(folder, 'meaning'));
  const host = await startHost(project, [folder]);
  await inEveryForm(chromium, host, 'meaning', async (page, save) => {
    await page.locator('ol.board').waitFor();
    await page.evaluate(`localStorage.setItem('peaks-atlas', ${JSON.stringify(atlas.file)});
      localStorage.setItem('peaks-names', ${JSON.stringify(atlas.names)})`);
    const pair = await bestPair(page, 1);
    await pictureScreens('meaning', meaningScreens(1, pair), page, save);
  });
  await host.stop();
}

/** The start screen and an empty project. */
async function pictureStart(chromium: Browser, empty: string): Promise<void> {
  const host = await startHost(undefined, [folder]);
  await inEveryForm(chromium, host, 'phantom', async (page, save) => {
    await page.getByRole('heading').first().waitFor();
    await save('start');
  });
  await host.stop();
  const other = await startHost(empty, [folder]);
  await inEveryForm(chromium, other, 'phantom', async (page, save) => {
    await page.locator('ol.board').waitFor();
    await save('empty');
  });
  await other.stop();
}

async function pictureProject(chromium: Browser, host: RunningHost, name: string, embedding: number): Promise<void> {
  await inEveryForm(chromium, host, name, async (page, save) => {
    await page.locator('ol.board').waitFor();
    const pair = await bestPair(page, embedding);
    await pictureScreens(name, screensOf(embedding, pair), page, save);
  });
  await host.stop();
}

async function pictureScreens(name: string, screens: readonly PicturedScreen[], page: Page, save: Save): Promise<void> {
  for (const screen of screens) {
    if (wantedScreens.length > 0 && !wantedScreens.includes(screen.name)) continue;
    await show(page, screen).catch((caught: unknown) => failures.push(`${name} ${screen.name}: ${String(caught)}`));
    await save(screen.name);
  }
}

type Save = (screen: string) => Promise<void>;

/** Runs through the screens once for every size and theme. */
async function inEveryForm(
  chromium: Browser,
  host: RunningHost,
  project: string,
  picture: (page: Page, save: Save) => Promise<void>,
): Promise<void> {
  let cookies: Awaited<ReturnType<BrowserContext['cookies']>> | undefined;
  for (const colorScheme of themes) {
    for (const size of sizes) {
      const target = join(pictures, `${project}-${colorScheme}-${size.width}x${size.height}`);
      mkdirSync(target, { recursive: true });
      const { page, context, errors } = await openWindow(chromium, cookies ? 'about:blank' : host.url, { ...size, colorScheme });
      if (cookies) {
        await context.addCookies(cookies);
        await page.goto(new URL('/', host.url).href);
      }
      cookies = await context.cookies();
      watchAnswers(page, errors);
      await picture(page, async (screen) => {
        const path = join(target, `${screen}.webp`);
        await sharp(await page.screenshot())
          .webp({ quality: 82, effort: 5 })
          .toFile(path);
        const told = errors.splice(0);
        failures.push(...told.map((error) => `${project} ${screen} ${colorScheme} ${size.width}: ${error}`));
        if (!existsSync(path)) failures.push(`${path} was not written`);
      });
      await context.close();
      console.log(`${project} ${colorScheme} ${size.width} × ${size.height}`);
    }
  }
}

/** What is not found is an error too: every screen shown here exists. */
function watchAnswers(page: Page, errors: string[]): void {
  errors.push(...watchErrors(page).splice(0));
  page.on('response', (response) => {
    if (response.status() >= 400 && response.status() < 500) errors.push(`${response.status()} ${response.url()}`);
  });
}

async function show(page: Page, { path, ready, hasVolume, before }: PicturedScreen): Promise<void> {
  await page.keyboard.press('Escape');
  await page.evaluate(`performance.clearMarks(); location.hash = ${JSON.stringify(`#${path}`)}`);
  await page.locator('main h1').first().waitFor();
  for (const step of before ?? []) {
    if ('press' in step) await page.keyboard.press(step.press);
    else await page.locator(step.click).first().click();
  }
  await page.locator(ready).first().waitFor({ timeout: 30_000 });
  if (hasVolume)
    await page.evaluate(`(async () => {
      const start = performance.now();
      while (performance.getEntriesByName('volume-drawn').length === 0) {
        if (performance.now() - start > 30000) throw new Error('the volume was not drawn');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })()`);
  await page.waitForLoadState('networkidle');
  await page.evaluate(`(async () => {
    const start = performance.now();
    while (![...document.images].every((image) => image.complete)) {
      if (performance.now() - start > 15000) throw new Error('not every picture was loaded');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })()`);
  // Sparklines wait for rows to rest, WebGL in software for its turn.
  await page.waitForTimeout(hasVolume ? 1200 : 700);
  const alert = page.locator('main [role=alert]');
  if (await alert.count()) throw new Error(`the screen shows an error: ${await alert.first().innerText()}`);
}

/** The best pair of the last layer in the first movie run. */
async function bestPair(
  page: Page,
  embedding: number,
): Promise<{ coupling: number; model: number; layer: number; fbn: number; filter: number }> {
  return (await page.evaluate(`(async () => {
    const reply = await fetch('/api/request', { method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ route: 'couplings.list', input: {} }) });
    const { data } = await reply.json();
    const fits = data.filter((one) => one.embeddingId === ${embedding} && one.direction === 'fbn-to-filter' && one.movieRunId === 1);
    const { id, modelId, layerId } = fits.find((one) => one.model === 'resnet50' && one.isLastConvolution) ?? fits.at(-1);
    const pairs = new Float64Array(await (await fetch('/resource/couplings/' + id + '/pairs.f64')).arrayBuffer());
    return { coupling: id, model: modelId, layer: layerId, fbn: pairs[0], filter: pairs[1] };
  })()`)) as { coupling: number; model: number; layer: number; fbn: number; filter: number };
}
