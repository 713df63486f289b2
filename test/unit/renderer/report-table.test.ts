import { expect, test } from 'vitest';
import { reportColumns } from '../../../src-renderer/features/report/report-table';

type Column = ReturnType<typeof reportColumns>[number];

const column = (key: string, title: string, more = {}) => ({
  key,
  title,
  decimals: 2,
  isP: false,
  isCorrected: false,
  starredBy: null,
  ...more,
});
const table = {
  ...{ name: '1', title: 'Table', embedding: 1, notes: [] },
  columns: [
    column('model', 'Model', { decimals: null }),
    column('run1', 'Run 1 (task-movie_run-1): mean r', { starredBy: 'run1Some' }),
    column('p', 'p', { isP: true }),
    column('run1Matched', 'count-matched', { isCorrected: true }),
  ],
  rows: [
    { model: 'alexnet', run1: 0.25, run1Some: true, p: 0.00001, run1Matched: 0.1 },
    { model: 'vgg16', run1: null, run1Some: false, p: 0.0312, run1Matched: null },
  ],
};

test('columns of corrected mode stand in that mode only', () => {
  expect(reportColumns(table, 'paper').map(({ key }) => key)).toEqual(['model', 'run1', 'p']);
  expect(reportColumns(table, 'corrected').map(({ key }) => key)).toEqual(['model', 'run1', 'p', 'run1Matched']);
});

test('stars stand by their numbers, nothing is a dash, and a movie run’s long name is left to the hint', () => {
  const [, run, p] = reportColumns(table, 'paper') as [unknown, Column, Column];
  expect(table.rows.map((row) => p.text!(row))).toEqual(['< 0.001', '0.031']);
  expect(table.rows.map((row) => run.text!(row))).toEqual(['0.25 *', '–']);
  expect(run).toMatchObject({ title: 'Run 1: mean r', hint: 'Run 1 (task-movie_run-1): mean r', align: 'right' });
});
