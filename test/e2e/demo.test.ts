import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, runJson, temporaryFolder } from './cli';

interface DemoReport {
  planted: number;
  recovered: { fbnToFilter: number; filterToFbn: number };
  seconds: number;
  tables: string[];
  networks: { filter: number; bestFilter: number; fbnToFilter: boolean }[];
}

test('at the default noise nine in ten planted pairs are found, from both sides', async () => {
  const report = await runJson<DemoReport>('demo', join(temporaryFolder(), 'demo'));
  expect(report.planted).toBeGreaterThanOrEqual(8);
  expect(report.recovered.fbnToFilter / report.planted).toBeGreaterThanOrEqual(0.9);
  expect(report.recovered.filterToFbn / report.planted).toBeGreaterThanOrEqual(0.9);
  expect(report.networks.filter((network) => network.fbnToFilter).every((network) => network.bestFilter === network.filter)).toBe(
    true,
  );
  expect(report.tables).toHaveLength(3);
}, 600_000);

test('in noise without end nearly nothing is found', async () => {
  const folder = join(temporaryFolder(), 'noisy');
  const report = await runJson<DemoReport>('demo', folder, '--noise', '30', '--subjects', '5', '--fbns', '64', '--epochs', '5');
  expect(report.recovered.fbnToFilter).toBeLessThan(report.planted / 2);
  expect(report.recovered.filterToFbn).toBeLessThan(report.planted / 2);
}, 300_000);

test('a folder with files in it is left alone', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'thesis.docx'), 'x');
  const { code, stderr } = await runCli('demo', folder);
  expect(code).toBe(2);
  expect(stderr).toMatch(/needs a new or empty folder.*files in it/);
});
