import type { CellCorrection, CouplingCell, TableColumn, TableValue } from './table';

const mode = 'corrected';

/** What stands beside the paper's figures where corrected mode was computed. */
export function correctedColumns(run: number): TableColumn[] {
  const name = `run${run}`;
  return [
    { name: `${name}Matched`, label: 'count-matched', decimals: 4, mode },
    { name: `${name}Z`, label: 'z', decimals: 1, mode },
    { name: `${name}NotSignificantNull`, label: 'not significant (null)', mode },
  ];
}

export function overRunsColumns(isCorrected: boolean): TableColumn[] {
  const matched: TableColumn[] = [
    { name: 'matchedOverRuns', label: 'Count-matched over runs', decimals: 4, mode },
    { name: 'matchedStandardError', label: 'SE', decimals: 4, mode },
  ];
  return [
    { name: 'meanOverRuns', label: 'Mean over runs', decimals: 4 },
    { name: 'standardError', label: 'SE', decimals: 4 },
    ...(isCorrected ? matched : []),
  ];
}

/** Mean of the runs' means and its standard error, s / √runs; no error of a single run. */
export function overRuns(cells: ReadonlyMap<number, CouplingCell>, runs: readonly number[]): Record<string, TableValue> {
  if (runs.length < 2) return {};
  const all = [...cells.values()];
  const plain = meanAndError(all.map(({ meanR }) => meanR ?? NaN));
  const matched = meanAndError(all.flatMap(({ correction }) => correction?.matchedMeanR ?? []));
  return {
    ...{ meanOverRuns: plain.mean, standardError: plain.error },
    ...(matched.mean !== null && { matchedOverRuns: matched.mean, matchedStandardError: matched.error }),
  };
}

/** Mean of finite values and its standard error, s / √n; no error of a single one. */
export function meanAndError(all: readonly number[]): { mean: number | null; error: number | null } {
  const values = all.filter(Number.isFinite);
  const n = values.length;
  if (n === 0) return { mean: null, error: null };
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, error: null };
  return { mean, error: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n) };
}

/** A run's values in those columns; none where there is no correction. */
export function correctedValues(name: string, correction: CellCorrection | null | undefined): Record<string, TableValue> {
  if (!correction) return {};
  const { matchedMeanR, z, notSignificantNull } = correction;
  return { [`${name}Matched`]: matchedMeanR, [`${name}Z`]: z, [`${name}NotSignificantNull`]: notSignificantNull };
}

/** What the columns of corrected mode hold, and how many null copies they rest on. */
export function describeCorrection(cells: readonly CouplingCell[]): string[] {
  const corrections = cells.flatMap(({ correction }) => correction ?? []);
  if (corrections.length === 0) return [];
  const methods = [...new Set(corrections.map(({ method, surrogates }) => `${method}, n = ${surrogates}`))].join('; ');
  return [
    `Count-matched: mean r less its mean under the null of the maximum (${methods}), z in standard deviations of that null; not ` +
      'significant (null): pairs with p > 0.05 by it.',
  ];
}
