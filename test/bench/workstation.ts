import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startHost } from '../e2e/browser/host';
import { openWindow, startChromium } from '../e2e/browser/window';
import { median, type BenchmarkResult } from './benchmark';
import { generateLargeProject } from './large-project';
import { changePairs, firstPaint, openLongestList, scrollPairs, timeScreen } from './workstation-page';

/** Screens, and what is there once they can be used. */
const screens: Record<string, string> = {
  data: '[role=grid] [role=row][aria-rowindex="2"]',
  movies: '[role=listbox] [role=option]',
  models: '[role=grid] [role=row][aria-rowindex="2"]',
  embedding: '.uplot',
  fbns: '[role=option] canvas',
  coupling: 'table button',
  report: '[role=grid] [role=row][aria-rowindex="2"]',
  overview: 'ol.board li',
};
const ROUNDS = 3;

/**
 * The workstation in Chromium (software rendering) on a project of 736 runs, 10 models × 5 layers × 4 movie runs, 512 FBNs and a
 * list of 20,000 pairs. Times are the window's own, from the click or key to the first frame that shows what was asked for.
 */
export async function run(): Promise<BenchmarkResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  const project = join(folder, 'large.syncact');
  console.error('  generating the project …');
  await generateLargeProject(project);
  const host = await startHost(project);
  // Everything but the volume is measured with Chromium's own software compositor: WebGL in software (SwiftShader) would put every
  // frame of every screen behind two slow cores that stand in for a graphics card.
  const [flat, graphics] = [await startChromium({ webgl: false }), await startChromium()];
  try {
    const first = await openWindow(flat, host.url);
    const results = await measureScreens(first.page);
    const second = await openWindow(graphics, 'about:blank');
    await second.context.addCookies(await first.context.cookies());
    await second.page.goto(new URL('/', host.url).href);
    results.push(...(await measurePairs(second.page)));
    const errors = [...first.errors, ...second.errors];
    if (errors.length > 0) throw new Error(errors.join('\n'));
    return results;
  } finally {
    await Promise.all([flat.close(), graphics.close()]);
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureScreens(page: Page): Promise<BenchmarkResult[]> {
  await page.locator('ol.board').waitFor();
  const paints: number[] = [];
  for (let round = 0; round < ROUNDS; round++) paints.push(await firstPaint(page));
  const times: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, ready] of Object.entries(screens))
      times[name] = Math.max(times[name] ?? 0, await timeScreen(page, name, ready));
  }
  const { framesPerSecond, worstFrame, rows } = await scrollPairs(page);
  return [
    describe('first usable paint', 'milliseconds from the address to the board', median(paints), 1500, {
      worst: Math.max(...paints),
    }),
    describe(
      'a screen after its click',
      'milliseconds of the slowest, first visits included',
      Math.max(...Object.values(times)),
      500,
      times,
    ),
    {
      name: 'scrolling 20,000 pairs',
      ratio: 'frames per second',
      value: framesPerSecond,
      bound: { atLeast: 50 },
      details: { rows, 'longest frame in ms': worstFrame },
    },
  ];
}

async function measurePairs(page: Page): Promise<BenchmarkResult[]> {
  await page.locator('ol.board').waitFor();
  await openLongestList(page);
  const { traces, volumes } = await changePairs(page, 12);
  return [
    describe('traces of another pair', 'milliseconds from the key', median(traces), 50, { worst: Math.max(...traces) }),
    describe('volume of another pair', 'milliseconds from the key', median(volumes), 200, { worst: Math.max(...volumes) }),
  ];
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
