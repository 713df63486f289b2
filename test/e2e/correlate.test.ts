import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeNpy } from '../../src-main/files/npy';
import { couplingReference as reference, expectClose, toSeries } from '../reference/coupling-reference';
import { runCli, runJson, temporaryFolder } from './cli';

test('correlate --json on two .npy files gives the reference statistics; a band adds a second DTW', async () => {
  const folder = temporaryFolder();
  const [x, y] = [join(folder, 'fbns.npy'), join(folder, 'filters.npy')];
  for (const [path, rows] of [[x, reference.fbns] as const, [y, reference.filters] as const]) {
    const { rows: count, columns, data } = toSeries(rows);
    await writeNpy(path, { shape: [count, columns], data });
  }
  const statistics = await runJson<Record<string, unknown>>('correlate', x, y);
  const { fbns: _x, filters: _y, regressionTable1: _table, ...expected } = reference;
  for (const [name, value] of Object.entries(expected)) if (name in statistics) expectClose(statistics[name], value, name);
  const names = ['r', 'p', 'effectiveN', 'pEffective', 'bestFilterOfFbn', 'bestFbnOfFilter', 'fdrBhOfBest', 'metricsOfBest'];
  expect(Object.keys(statistics)).toEqual(expect.arrayContaining([...names, 'circularShiftMaxNull', 'effectiveNRule']));
  const { code, stdout } = await runCli('correlate', x, y, '--band', '10');
  expect(code).toBe(0);
  expect(stdout).toMatch(/best of Y.*Spearman.*DTW.*DTW ±10/);
});
