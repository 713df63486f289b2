import type { ErrorCode } from '../../../src-preload/shared/domain/error-codes';
import { codeOfError, fromErrorReport, type ErrorReport } from '../../../src-preload/shared/domain/errors';
import type { ImportPlan } from '../../../src-preload/shared/contract/views';

/** A reason to refuse an import, in parts: what, where, and what to do. */
export interface PlanProblem {
  code: ErrorCode | undefined;
  what: string;
  file: string;
  rest: string;
}

/** The same problem of several files is told once, with their number. */
export function describeProblems(problems: readonly ErrorReport[]): PlanProblem[] {
  const told = problems.map((problem): PlanProblem => {
    const code = codeOfError(fromErrorReport(problem));
    if (problem.kind !== 'user') return { code, what: 'the import cannot be planned', file: '', rest: '' };
    const { what, file = '', expected, found, remedy } = problem.details;
    const rest = [expected && `expected ${expected}`, found && `found ${found}`, remedy && `→ ${remedy}`].filter(Boolean);
    return { code, what, file, rest: rest.join(' · ') };
  });
  return [...Map.groupBy(told, ({ what, rest }) => `${what}\n${rest}`).values()].map(([first, ...others]) => ({
    ...first!,
    file: others.length > 0 ? `${first!.file} and ${others.length} more` : first!.file,
  }));
}

/** What was found, in one line. */
export function summarisePlan({ runs }: ImportPlan): string {
  const subjects = new Set(runs.map(({ subject }) => subject)).size;
  const movieRuns = new Set(runs.map(({ movieRun }) => movieRun)).size;
  const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  return `${plural(runs.length, 'run')}: ${plural(subjects, 'subject')} × ${plural(movieRuns, 'movie run')}`;
}
