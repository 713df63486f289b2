import { confidenceBand, leaveOneOut, linearRegression, type LinearRegression } from '../coupling/regression';
import type { Table } from './table';

/** What of the models is held against their accuracy. */
export type RegressedStatistic = 'mean r' | 'count-matched r';

/** One model of a regression. */
export interface RegressionPoint {
  model: string;
  /** The statistic over the pairs of a movie run. */
  x: number;
  /** ImageNet top-1 accuracy in percent. */
  y: number;
}

/** The regression of accuracy on what pairs say, over the models, in one movie run. */
export interface Regression {
  run: string;
  statistic: RegressedStatistic;
  points: readonly RegressionPoint[];
  line: LinearRegression;
  /** 95 % band of the line, from the smallest x to the largest. */
  band: { x: number; low: number; middle: number; high: number }[];
  /** The line without each model. */
  without: (LinearRegression & { model: string })[];
}

const PLACES_OF_BAND = 25;

/** Figure 3 of the paper for one movie run. @see Sync-ACT, Figure 3 */
export function regress(run: string, statistic: RegressedStatistic, points: readonly RegressionPoint[]): Regression {
  const [x, y] = [points.map((point) => point.x), points.map((point) => point.y)];
  const line = linearRegression(x, y);
  const [least, most] = [Math.min(...x), Math.max(...x)];
  const places = Array.from({ length: PLACES_OF_BAND }, (_, i) => least + (i / (PLACES_OF_BAND - 1)) * (most - least));
  return {
    ...{ run, statistic, points, line },
    band: Number.isNaN(line.slope) ? [] : confidenceBand(x, line, places),
    without: leaveOneOut(x, y).map(({ index, ...rest }) => ({ model: points[index]!.model, ...rest })),
  };
}

/** A row for every regression, with the model that the line rests on most: the one without which R² changes most. */
export function buildRegressionTable(
  regressions: readonly Regression[],
  { table, title, caption }: Pick<Table, 'table' | 'title' | 'caption'>,
): Table {
  return {
    ...{ table, title, caption },
    columns: [
      { name: 'run', label: 'Movie run' },
      { name: 'x', label: 'x' },
      { name: 'n', label: 'models' },
      { name: 'slope', label: 'Slope (% per unit r)', decimals: 1 },
      { name: 'slopeStdErr', label: 'SE', decimals: 1 },
      { name: 'intercept', label: 'Intercept (%)', decimals: 1 },
      { name: 'r2', label: 'R²', decimals: 2 },
      { name: 'p', label: 'p', decimals: 3, isP: true },
      { name: 'leastR2', label: 'R² without one: least', decimals: 2 },
      { name: 'mostR2', label: 'most', decimals: 2 },
      { name: 'mostInfluential', label: 'rests most on' },
      { name: 'pWithout', label: 'p without it', decimals: 3, isP: true },
    ],
    rows: regressions.map(({ run, statistic, line, without }) => {
      const known = without.filter(({ r2 }) => !Number.isNaN(r2));
      const influence = (one: LinearRegression) => Math.abs(one.r2 - line.r2);
      const most = known.reduce<(typeof known)[number] | undefined>(
        (best, one) => (best && influence(best) >= influence(one) ? best : one),
        undefined,
      );
      const of = (value: number) => (Number.isNaN(value) ? null : value);
      return {
        ...{ run, x: statistic, n: line.n, slope: of(line.slope), slopeStdErr: of(line.slopeStdErr) },
        ...{ intercept: of(line.intercept), r2: of(line.r2), p: of(line.p) },
        leastR2: most ? Math.min(...known.map(({ r2 }) => r2)) : null,
        mostR2: most ? Math.max(...known.map(({ r2 }) => r2)) : null,
        ...{ mostInfluential: most?.model ?? null, pWithout: most ? of(most.p) : null },
      };
    }),
  };
}
