import { expect } from 'vitest';
import type { SeriesMatrix } from '../../src-main/coupling/series';
import { referenceJson } from './reference-folder';

type Numbers = (number | null)[];

export interface CouplingReference {
  fbns: Numbers[];
  filters: Numbers[];
  r: Numbers[];
  p: Numbers[];
  effectiveN: Numbers[];
  pEffective: Numbers[];
  effectiveNRule: string;
  bestFilterOfFbn: Numbers;
  bestFbnOfFilter: Numbers;
  fdrBhOfBest: Numbers;
  metricsOfBest: (Record<string, number> | null)[];
  circularShiftMaxNull: (Record<string, number> | null)[];
  regressionTable1: (Record<'run' | 'slope' | 'intercept' | 'r2' | 'p' | 'slopeStdErr', number> & { x: string; y: string })[];
}

export const TOLERANCE = 1e-6;
export const couplingReference = referenceJson<CouplingReference>('coupling-stats.json');

/** Rows of numbers as series; null is not a number. */
export function toSeries(rows: Numbers[]): SeriesMatrix {
  const columns = rows[0]!.length;
  return { rows: rows.length, columns, data: Float64Array.from(rows.flat(), (value) => value ?? NaN) };
}

/** Equal structure, every number within 1e-6 of the expected one's size. */
export function expectClose(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number') {
    expect(typeof actual, path).toBe('number');
    const error = Math.abs((actual as number) - expected);
    expect(error, `${path}: ${String(actual)} for ${expected}`).toBeLessThanOrEqual(TOLERANCE * Math.abs(expected));
  } else if (Array.isArray(expected)) {
    expect((actual as unknown[]).length, path).toBe(expected.length);
    expected.forEach((entry, i) => expectClose((actual as unknown[])[i], entry, `${path}[${i}]`));
  } else if (expected !== null && typeof expected === 'object') {
    for (const [name, member] of Object.entries(expected)) {
      expectClose((actual as Record<string, unknown>)[name], member, `${path}.${name}`);
    }
  } else {
    expect(actual, path).toEqual(expected);
  }
}
