import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { startChromium, watchErrors } from '../e2e/browser/window';
import { runJson } from '../e2e/cli';
import { median, milliseconds, type BenchmarkResult } from './benchmark';
import { generateLargeProject, largeProject } from './large-project';

const OPENINGS = 5;

/** The HTML report of 64 FBNs × 4 movie runs of 900 TRs: how large it is, and how soon a browser shows it from a file. */
export async function run(): Promise<BenchmarkResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  const browser = await startChromium({ webgl: false });
  try {
    const [project, file] = [join(folder, 'paper.syncact'), join(folder, 'report.html')];
    console.error('  generating the project …');
    await generateLargeProject(project, {
      ...largeProject,
      ...{ subjects: 20, fbns: 64, models: 3, layersPerModel: 2, filtersPerLayer: [256, 2208] },
      wideFilters: undefined,
    } as never);
    let bytes = 0;
    const writing = await milliseconds(async () => {
      ({ bytes } = (await runJson<{ html: { bytes: number } }>('export', project, '--html', file)).html);
    });
    const times: number[] = [];
    for (let i = 0; i < OPENINGS; i++) times.push(await openingTime(browser, file));
    return [
      {
        name: 'HTML report, 64 FBNs × 4 movie runs',
        ratio: 'megabytes',
        value: bytes / 1e6,
        bound: { atMost: 25 },
        details: { 'seconds to write': writing / 1000 },
      },
      {
        name: 'opening the HTML report',
        ratio: 'seconds from the address to maps and traces drawn, median',
        value: median(times) / 1000,
        bound: { atMost: 2 },
        details: { 'worst in seconds': Math.max(...times) / 1000 },
      },
    ];
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from the start of a load until maps and traces are drawn and the browser has shown them. */
async function openingTime(browser: Browser, file: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const errors = watchErrors(page);
  await page.goto(pathToFileURL(file).href, { waitUntil: 'commit' });
  const time = (await page.evaluate(`(async () => {
    while (performance.getEntriesByName('report-drawn').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now();
  })()`)) as number;
  await page.close();
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return time;
}
