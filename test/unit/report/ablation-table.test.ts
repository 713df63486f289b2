import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildAblationTable, type AblationCell } from '../../../src-main/report/ablation-table';

const metrics = ['MAE', 'MSE', 'RMSE', 'DTW', 'PCC'] as const;
const published = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../reference/data/paper-tables.json'), 'utf8')) as {
    table4: { columns: string[]; rows: Record<string, number[]> };
  }
).table4;

function cell(changes: Partial<AblationCell> = {}): AblationCell {
  return {
    ...{ embedding: 1, variant: 'lt', form: 'LT', isPapers: true, fbns: 64, model: 'resnet', architecture: 'resnet18' },
    ...{ trainedOn: 'ImageNet', layer: 'layer4', movieRun: 'movie-1', runNumber: 1, pairs: 64 },
    means: { MAE: 1, MSE: 2, RMSE: 3, DTW: 4, PCC: 0.5, Spearman: 0.4 },
    ...changes,
  };
}

test('a row for every movie run and one for all, weighted by their pairs', () => {
  const { rows } = buildAblationTable([
    cell({ movieRun: 'movie-2', runNumber: 2, pairs: 16, means: { MAE: 6, MSE: 7, RMSE: 8, DTW: 9, PCC: 0 } }),
    cell(),
  ]);
  expect(rows.map(({ movieRun, pairs, MAE, PCC }) => [movieRun, pairs, MAE, PCC])).toEqual([
    ['movie-1', 64, 1, 0.5],
    ['movie-2', 16, 6, 0],
    ['all runs', 80, 2, 0.4],
  ]);
  expect(rows[0]).toMatchObject({ PCCPublished: null, standardError: null });
  expect(rows[2]!.standardError).toBeCloseTo(0.25, 12);
});

test.each([
  ['lt', 'LT'],
  ['lt-lstm', 'LT+LSTM'],
  ['lt-msa', 'LT+MSA'],
] as const)('%s stands beside the published values, over all runs', (variant, name) => {
  const { rows, caption } = buildAblationTable([cell({ variant })]);
  const values = published.rows[name]!;
  expect(metrics.map((metric) => rows.at(-1)![`${metric}Published`])).toEqual(
    metrics.map((metric) => values[published.columns.indexOf(metric)]),
  );
  for (const value of values) expect(caption).toContain(value.toFixed(4));
});

test.each([{ fbns: 128 }, { architecture: 'alexnet' }, { trainedOn: 'Places365' }, { isPapers: false }, { architecture: null }])(
  'nothing is published for %o',
  (changes) => {
    const { rows } = buildAblationTable([cell(changes)]);
    expect(metrics.map((metric) => rows.at(-1)![`${metric}Published`])).toEqual(metrics.map(() => null));
  },
);

test('embeddings, models and layers are kept apart; a coupling without pairs has no metrics', () => {
  const empty = cell({ embedding: 2, pairs: 0, means: { MAE: NaN, MSE: NaN, RMSE: NaN, DTW: NaN, PCC: NaN } });
  const { rows, columns } = buildAblationTable([cell(), empty, cell({ model: 'vgg' })]);
  expect(rows).toHaveLength(6);
  expect(rows.filter(({ embedding }) => embedding === 2).map(({ DTW }) => DTW)).toEqual([null, null]);
  expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(rows[0]!).sort());
});

test('Spearman and DTW within a band stand beside where they were measured, and say which band', () => {
  const { rows, columns, caption } = buildAblationTable([cell({ means: { ...cell().means, DTWInBand: 5, band: 20 } })]);
  expect(rows[0]).toMatchObject({ Spearman: 0.4, DTW: 4, DTWInBand: 5 });
  expect(columns.at(-1)!.name).toBe('DTWInBand');
  expect(caption).toContain('band of ±20 TRs');
  const { Spearman: _, ...older } = cell().means;
  expect(buildAblationTable([cell({ means: older })]).rows[0]!.Spearman).toBeNull();
});
