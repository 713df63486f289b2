import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { bulkEvents } from '../../src-main/api/annotations/events';
import { annotationLog } from '../../src-main/api/annotations/log';
import { openProject } from '../../src-main/project/project';
import { listEmbeddings } from '../../src-main/project/queries/embeddings';
import { listDistinctPairs } from '../../src-main/project/queries/pair-places';
import { startHost } from '../e2e/browser/host';
import { openWindow, startChromium } from '../e2e/browser/window';
import { median, milliseconds, type BenchmarkResult } from './benchmark';
import { generateLargeProject } from './large-project';

const PAIRS = 20_000;
/** Half of the pairs are decided already. */
const DECIDED = PAIRS / 2;
const ROUNDS = 3;
const STEPS = 12;

/**
 * The annotation desk over 20,000 pairs, half of them decided, in Chromium (software rendering). Times are the window's own: from the
 * click or key to the first frame that shows what was asked for, with everything drawn.
 */
export async function run(): Promise<BenchmarkResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  const project = join(folder, 'large.syncact');
  console.error('  generating the project …');
  const size = { subjects: 6, movieRuns: 1, models: 1, layersPerModel: 1, filtersPerLayer: [64], fbns: 512 };
  await generateLargeProject(project, { ...size, voxelMm: 4, timePoints: 900, wideFilters: PAIRS });
  const replayed = await decideHalf(project);
  const host = await startHost(project);
  const browser = await startChromium();
  try {
    const { page, errors } = await openWindow(browser, host.url);
    await page.locator('ol.board').waitFor();
    await chooseCurator(page);
    const openings: number[] = [];
    for (let round = 0; round < ROUNDS; round++) openings.push(await timeOpening(page));
    const filters = await timeFilters(page);
    const nexts = await timeNext(page);
    if (errors.length > 0) throw new Error(errors.join('\n'));
    return [
      describe('opening the desk on 20,000 pairs', 'milliseconds from the click', median(openings), 1000, {
        ...{ worst: Math.max(...openings), 'reading and replaying the log in ms': replayed },
      }),
      describe('filtering 20,000 pairs', 'milliseconds of the slowest filter', Math.max(...Object.values(filters)), 100, filters),
      describe('next pair, everything drawn', 'milliseconds from the key', median(nexts), 100, { worst: Math.max(...nexts) }),
    ];
  } finally {
    await browser.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Decides on half of the pairs, as a change of many. @returns milliseconds that reading and replaying the log takes then */
async function decideHalf(folder: string): Promise<number> {
  let project = openProject(folder, 'bench');
  const embedding = listEmbeddings(project.database).at(-1)!.id;
  const rows = listDistinctPairs(project.database, embedding, 'filter-to-fbn').slice(0, DECIDED);
  const pairs = rows.map(([layer, fbn, filter]) => ({ embedding, layer: layer!, fbn: fbn!, filter: filter! }));
  const patch = { status: 'edited', fbn: 'faces and people', filter: 'heads', note: 'seen in the second act' } as const;
  const input = { id: '00000000-0000-4000-8000-000000000000', author: 'Ana', blind: true, embedding, pairs, patch };
  annotationLog(project).append(bulkEvents(project, input));
  project.close();
  project = openProject(folder, 'bench');
  const time = await milliseconds(() => annotationLog(project).state);
  project.close();
  return time;
}

async function chooseCurator(page: Page): Promise<void> {
  await page.evaluate(`location.hash = '#/curate?direction=filter-to-fbn'`);
  await page.getByRole('button', { name: /^Ana/ }).click();
  await page.locator('form[aria-label=Annotation]').waitFor();
}

async function timeOpening(page: Page): Promise<number> {
  await page.evaluate(`location.hash = '#/overview'`);
  await page.locator('ol.board').waitFor();
  await page.evaluate('performance.clearMarks()');
  await page.waitForTimeout(500);
  return (await page.evaluate(`(async () => {
    const start = performance.now();
    location.hash = '#/curate?direction=filter-to-fbn';
    while (!document.querySelector('form[aria-label=Annotation]') || !document.querySelector('[aria-label="Pairs of the queue"] [role=row][aria-selected]')) {
      if (performance.now() - start > 20000) throw new Error('the desk does not open');
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - start;
  })()`)) as number;
}

/** Every way of filtering, each after the desk has come to rest: from the change to the frame in which the list is another one. */
async function timeFilters(page: Page): Promise<Record<string, number>> {
  // The first volume of a window takes software rendering a second or two.
  await waitForVolume(page);
  return (await page.evaluate(`(async () => {
    const times = {};
    const count = () => document.querySelector('[aria-label="Pairs of the queue"]').getAttribute('aria-rowcount');
    const time = async (name, change) => {
      const before = count();
      const start = performance.now();
      change();
      while (count() === before) {
        if (performance.now() - start > 5000) throw new Error(name + ' changes nothing');
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      times[name] = performance.now() - start;
      // The pair beside the list is drawn anew once a filter rests; in software that takes a second, which is not the next filter's.
      await new Promise((resolve) => setTimeout(resolve, 2500));
    };
    const set = (field, value) => {
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
    };
    const text = () => document.querySelector('input[aria-label="Search the queue"]');
    const show = (value) => set(document.querySelector('select[aria-label=Show]'), value);
    await time('words', () => set(text(), 'people'));
    await time('words and numbers', () => set(text(), 'people fbn 3'));
    await time('no words', () => set(text(), ''));
    await time('unseen', () => show('unseen'));
    await time('edited and all', () => show('all'));
    return times;
  })()`)) as Record<string, number>;
}

async function waitForVolume(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    while (performance.getEntriesByName('volume-drawn').length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  })()`);
  await page.waitForTimeout(1500);
}

/** The key for the next pair, to its traces and its volume being drawn. */
async function timeNext(page: Page): Promise<number[]> {
  await waitForVolume(page);
  const times: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    await page.waitForTimeout(700);
    times.push(
      (await page.evaluate(`(async () => {
        const start = performance.now();
        const since = (name) => performance.getEntriesByName(name).find((entry) => entry.startTime > start)?.startTime;
        window.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
        while (since('trace-drawn') === undefined || since('volume-drawn') === undefined) {
          if (performance.now() - start > 10000) throw new Error('the next pair was not drawn');
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        return Math.max(since('trace-drawn'), since('volume-drawn')) - start;
      })()`)) as number,
    );
  }
  return times;
}

function describe(
  name: string,
  ratio: string,
  value: number,
  atMost: number,
  details: BenchmarkResult['details'],
): BenchmarkResult {
  return { name, ratio, value, bound: { atMost }, details };
}
