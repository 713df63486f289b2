import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startHost } from '../e2e/browser/host';
import { openWindow, startChromium } from '../e2e/browser/window';
import type { BenchmarkResult } from './benchmark';
import { generateLargeProject } from './large-project';
import { changePairs, firstPaint, scrollPairs, timeScreen } from './workstation-page';

/** Screens, and what is there once they can be used. */
const screens: Record<string, string> = {
  data: '[role=grid] [role=row][aria-rowindex="2"]',
  movies: '[role=listbox] [role=option]',
  models: '[role=grid] [role=row][aria-rowindex="2"]',
  embedding: '.uplot',
  fbns: '[role=option] canvas',
  coupling: 'table button',
  report: 'table tbody tr',
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
  const browser = await startChromium();
  try {
    const { page, errors } = await openWindow(browser, host.url);
    await page.locator('ol.board').waitFor();
    const results = await measure(page);
    if (errors.length > 0) throw new Error(errors.join('\n'));
    return results;
  } finally {
    await browser.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(page: Page): Promise<BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  const paints: number[] = [];
  for (let round = 0; round < ROUNDS; round++) paints.push(await firstPaint(page));
  results.push(
    describe('first usable paint', 'milliseconds from the address to the board', median(paints), 1500, {
      paints: paints.map(Math.round).join(' '),
    }),
  );

  const times: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, ready] of Object.entries(screens)) (times[name] ??= []).push(await timeScreen(page, name, ready));
  }
  const slowest = Object.entries(times).map(([name, own]) => [name, Math.max(...own)] as const);
  results.push(
    describe(
      'screen after its click',
      'milliseconds of the slowest screen, first visits included',
      Math.max(...slowest.map(([, ms]) => ms)),
      500,
      {
        ...Object.fromEntries(slowest),
      },
    ),
  );

  const { framesPerSecond, worstFrame, rows } = await scrollPairs(page);
  results.push({
    name: 'scrolling 20,000 pairs',
    ratio: 'frames per second',
    value: framesPerSecond,
    bound: { atLeast: 50 },
    details: { rows, 'longest frame in ms': worstFrame },
  });

  const { traces, volumes } = await changePairs(page, 12);
  results.push(
    describe('traces of another pair', 'milliseconds from the key, median', median(traces), 50, { worst: Math.max(...traces) }),
  );
  results.push(
    describe('volume of another pair', 'milliseconds from the key, median', median(volumes), 200, {
      worst: Math.max(...volumes),
    }),
  );
  return results;
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
