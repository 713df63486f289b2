import type { RunView, SplitName } from '../../../src-preload/shared/contract/views';

/** A row of the table of subjects × movie runs. */
export interface SubjectRow {
  subject: string;
  split: SplitName;
  runs: Map<string, RunView>;
  /** What is amiss with any of its runs, in a word each; empty when nothing is. */
  problems: string[];
}

export const splitNames = ['train', 'validation', 'test'] as const;

/** Runs by subject, in the order given. */
export function subjectRows(runs: readonly RunView[]): SubjectRow[] {
  return [...Map.groupBy(runs, ({ subject }) => subject)].map(([subject, own]) => ({
    ...{ subject, split: own[0]!.split },
    runs: new Map(own.map((run) => [run.movieRun, run])),
    problems: [...new Set(own.flatMap((run) => problemOf(run) ?? []))],
  }));
}

/** Movie runs in natural order. */
export function movieRunsOf(runs: readonly RunView[]): string[] {
  const names = [...new Set(runs.map(({ movieRun }) => movieRun))];
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** What is amiss with a run, in a word; undefined when nothing is. */
export function problemOf(run: RunView): string | undefined {
  if (!run.maskIsCurrent) return 'older mask';
  if (run.sourceState !== 'unchanged') return `source ${run.sourceState}`;
  return run.warnings.length > 0 ? 'warning' : undefined;
}

/** Whether a row is what was searched for: all words somewhere in subject, split, problems or movie runs. */
export function matchSubject(row: SubjectRow, search: string): boolean {
  const text = [row.subject, row.split, ...row.problems, ...row.runs.keys()].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Subjects in each part of the split. */
export function countSplit(rows: readonly SubjectRow[]): Record<SplitName, number> {
  const counts = { train: 0, validation: 0, test: 0 };
  for (const { split } of rows) counts[split]++;
  return counts;
}
