import { expect, test } from 'vitest';
import { addPart, ledgerTable, missingParts, type Ledger } from '../../fuzz/ledger';

const report = (cases: number, failure?: string) => ({
  ...{ cases, read: 1, refused: cases - 1, peakMiB: 5, leakedFiles: 0 },
  ...(failure !== undefined && { failure }),
});

test('parts may end in any order; what is between them and what failed is left', () => {
  const ledger: Ledger = { seed: 100, readers: {} };
  const missing = (wanted: number) => missingParts(ledger, 'npy', wanted, 10).map(({ seed, cases }) => [seed, cases]);
  expect(missing(25)).toEqual([
    [100, 10],
    [110, 10],
    [120, 5],
  ]);
  addPart(ledger, 'npy', { seed: 120, cases: 5, report: report(5), seconds: 2 });
  addPart(ledger, 'npy', { seed: 100, cases: 10, report: report(3, 'took 11 s'), seconds: 1 });
  expect(missing(25)).toEqual([
    [100, 10],
    [110, 10],
  ]);
  expect(missing(40).at(-1)).toEqual([135, 5]);
  expect(ledgerTable(ledger)).toContain('| npy | 8 | 2 | 6 | 1 | 5 | 3 |');
  addPart(ledger, 'npy', { seed: 100, cases: 10, report: report(10), seconds: 1 });
  addPart(ledger, 'npy', { seed: 110, cases: 10, report: report(10), seconds: 1 });
  expect(missing(25)).toEqual([]);
  expect(missing(12)).toEqual([]);
  expect(ledgerTable(ledger)).toContain('| npy | 25 | 3 | 22 | 0 | 5 | 4 |');
});
