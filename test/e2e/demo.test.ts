import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, runJson, temporaryFolder } from './cli';

interface Found {
  fbnToFilter: number;
  filterToFbn: number;
  /** Mean spatial r of the networks' FBNs, and mean r of the planted filters with the FBN that goes best. */
  mapR: number;
  filterR: number;
}

interface DemoVariant {
  variant: string;
  recovered: { fbnToFilter: number; filterToFbn: number };
  strength: { mapR: number; filterR: number };
  byActivation: Found;
  control: Found;
}

interface DemoReport {
  variants: DemoVariant[];
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

/** Three trainings take many minutes on two cores: run with SYNCACT_LONG_TESTS=1. */
const longTest = test.runIf(process.env.SYNCACT_LONG_TESTS);

longTest(
  'every variant finds more of the truth than random maps do',
  async () => {
    const folder = join(temporaryFolder(), 'variants');
    const args = ['--variants', 'lt,lt-lstm,lt-msa', '--fbns', '64', '--epochs', '20'];
    const { planted, variants, tables } = await runJson<DemoReport>('demo', folder, ...args);
    const [lt, lstm, msa] = variants as [DemoVariant, DemoVariant, DemoVariant];
    expect(variants.map(({ variant }) => variant)).toEqual(['lt', 'lt-lstm', 'lt-msa']);
    // Seed 0 gives 0.48, 0.37 and 0.44; random maps 0.25.
    expect(lt.strength.filterR).toBeGreaterThan(0.42);
    expect(lstm.strength.filterR).toBeGreaterThan(0.32);
    expect(msa.strength.filterR).toBeGreaterThan(0.38);
    // Maps: of W in LT; of the activations in the others, which mix FBNs between the two.
    expect(lt.recovered.fbnToFilter + lt.recovered.filterToFbn).toBeGreaterThanOrEqual(1.4 * planted);
    expect(lt.strength.mapR).toBeGreaterThan(0.06);
    for (const [one, least] of [
      [lt, 0.38],
      [lstm, 0.3],
      [msa, 0.32],
    ] as const) {
      expect(one.byActivation.mapR, one.variant).toBeGreaterThan(least);
      expect(one.strength.filterR, one.variant).toBeGreaterThan(one.control.filterR + 0.06);
      expect(Math.abs(one.control.mapR), one.variant).toBeLessThan(0.05);
    }
    expect(tables.at(-1)).toMatch(/Table 4.*LT\+LSTM.*LT\+MSA/s);
  },
  400_000,
);

test('in noise without end nearly nothing is found', async () => {
  const folder = join(temporaryFolder(), 'noisy');
  const report = await runJson<DemoReport>('demo', folder, '--noise', '30', '--subjects', '4', '--fbns', '32', '--epochs', '3');
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
