import { readdirSync } from 'node:fs';
import { arch, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { BenchmarkResult } from './benchmark';

/**
 * `npm run bench [NAME…]`: runs every benchmark of this folder (or those named), one after another, and prints a table on standard
 * error and one JSON document on standard output. Ratios are measured within one run, so they hold on other machines too.
 */
const notBenchmarks = new Set(['run.ts', 'benchmark.ts', 'device-ceilings.ts', 'make-large-project.ts', 'workstation-page.ts']);
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !notBenchmarks.has(file));
const results: BenchmarkResult[] = [];

for (const file of files.sort()) {
  const name = file.replace(/\.ts$/, '');
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const module = (await import(join(import.meta.dirname, file))) as { run?: () => Promise<BenchmarkResult | BenchmarkResult[]> };
  if (!module.run) continue;
  console.error(`running ${name} …`);
  for (const result of [await module.run()].flat()) {
    results.push(result);
    console.error(describe(result));
  }
}

const machine = {
  cpu: cpus()[0]?.model.trim(),
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  arch: arch(),
  node: process.version,
};
console.log(JSON.stringify({ date: new Date().toISOString(), machine, results }, null, 1));
process.exit(results.every(isMet) ? 0 : 1);

function isMet({ value, bound, notRun }: BenchmarkResult): boolean {
  if (notRun) return true;
  return 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast;
}

function describe(result: BenchmarkResult): string {
  const { name, ratio, value, bound, details, notRun } = result;
  if (notRun) return `  not run ${name}: ${notRun}`;
  const wantedText = 'atMost' in bound ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`;
  const figures = Object.entries(details).map(
    ([key, figure]) => `      ${key}: ${typeof figure === 'number' ? Number(figure.toPrecision(4)) : figure}`,
  );
  return [`  ${isMet(result) ? 'met   ' : 'MISSED'} ${name}: ${value.toFixed(2)} = ${ratio} (${wantedText})`, ...figures].join(
    '\n',
  );
}
