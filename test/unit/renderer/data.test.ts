import { expect, test } from 'vitest';
import { newImportForm, toImportInput } from '../../../src-renderer/features/data/import-form';
import { describeProblems } from '../../../src-renderer/features/data/plan-text';
import { countSplit, matchSubject, movieRunsOf, subjectRows } from '../../../src-renderer/features/data/subjects';
import { columnTemplate, markRange } from '../../../src-renderer/ui/data-table';
import { formatSignificant, shortNames } from '../../../src-renderer/ui/format';
import type { RunView } from '../../../src-preload/shared/contract/views';

const run = (subject: string, movieRun: string, more: Partial<RunView> = {}) =>
  ({ subject, movieRun, split: 'train', sourceState: 'unchanged', maskIsCurrent: true, warnings: [], ...more }) as RunView;

test('runs become rows of subjects, with what is amiss', () => {
  const rows = subjectRows([
    run('sub-01', 'run-2'),
    run('sub-01', 'run-10', { sourceState: 'missing' }),
    run('sub-02', 'run-2', { split: 'test', maskIsCurrent: false }),
  ]);
  expect(rows.map(({ subject, problems }) => [subject, problems])).toEqual([
    ['sub-01', ['source missing']],
    ['sub-02', ['older mask']],
  ]);
  expect(countSplit(rows)).toEqual({ train: 1, validation: 0, test: 1 });
  expect(matchSubject(rows[1]!, 'TEST older')).toBe(true);
  expect(matchSubject(rows[1]!, 'missing')).toBe(false);
  expect(movieRunsOf([run('a', 'run-10'), run('a', 'run-2')])).toEqual(['run-2', 'run-10']);
});

test('the wizard asks for nothing until a source is named, and leaves out what is left open', () => {
  const form = newImportForm();
  expect(toImportInput(form)).toBeNull();
  form.folder = '/data/bids';
  form.space = 'MNI';
  form.voxelMm = 3;
  expect(toImportInput(form)).toMatchObject({ source: { bids: '/data/bids', space: 'MNI' }, grid: { voxelMm: 3 }, trim: false });
  expect(toImportInput(form)).not.toHaveProperty('mask');
  form.kind = 'files';
  expect(toImportInput(form)).toBeNull();
  form.files = '/a.nii\n/b.nii';
  expect(toImportInput(form)?.source).toEqual({ files: ['/a.nii', '/b.nii'] });
});

test('the same problem of several files is told once', () => {
  const problem = (file: string) =>
    ({ kind: 'user', details: { code: 'file-kind', what: 'no run', file, expected: '4D', found: '3D' } }) as const;
  expect(describeProblems([problem('/a'), problem('/b'), problem('/c')])).toEqual([
    { code: 'file-kind', what: 'no run', file: '/a and 2 more', rest: 'expected 4D · found 3D' },
  ]);
});

test('marking: one is turned round, a range is added', () => {
  const keys = ['a', 'b', 'c', 'd'];
  expect([...markRange(new Set(['b']), keys, 1, 1)]).toEqual([]);
  expect([...markRange(new Set(['a']), keys, 1, 3)]).toEqual(['a', 'b', 'c', 'd']);
});

test('a table of fixed columns leaves the rest empty', () => {
  const column = (width?: number) => ({ key: 'a', title: 'a', value: () => 0, ...(width && { width }) });
  expect(columnTemplate([column(80)])).toBe('80px minmax(0, 1fr)');
  expect(columnTemplate([column(80), column()])).toBe('80px minmax(80px, 1fr)');
});

test('three digits are shown however small a number is', () => {
  expect([0.00468, 12.3456, 1234, 0, null].map(formatSignificant)).toEqual(['0.00468', '12.3', '1234', '0', '–']);
});

test('names lose what they share, by whole words', () => {
  expect(shortNames(['task-movie_run-1', 'task-movie_run-2'])).toEqual(['…run-1', '…run-2']);
  expect(shortNames(['run-1', 'run-2'])).toEqual(['run-1', 'run-2']);
  expect(shortNames(['task-movie_run-1'])).toEqual(['task-movie_run-1']);
});
