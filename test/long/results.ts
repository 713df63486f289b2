import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { formatColumns } from '../../src-main/shell/command-line/terminal';
import { writeContentAtomically } from '../../src-main/files/atomic-write';
import type { Part, Result } from './run-part';

/** A result, and what it is the result of. */
export interface Kept extends Result {
  /** The program as it was; see programState. */
  program: string;
  command: string;
}

/** The last result of every part, by its name. */
export type Results = Record<string, Kept>;

/**
 * What tells one state of the program from another: the commit, and what was changed since.
 * @returns undefined where there is no repository, so that nothing can be known to be the same
 */
export function programState(root: string): string | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: 'pipe' });
  try {
    const commit = git('rev-parse', 'HEAD').trim();
    const status = git('status', '--porcelain');
    if (status === '') return commit;
    const added = git('ls-files', '--others', '--exclude-standard', '-z').split('\0').filter(Boolean);
    const hash = createHash('sha256').update(git('diff', 'HEAD', '--binary'));
    for (const file of added) hash.update(file).update(readFileSync(`${root}/${file}`));
    return `${commit}-changed-${hash.digest('hex').slice(0, 12)}`;
  } catch {
    return undefined;
  }
}

export function readResults(file: string): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

export async function saveResults(file: string, results: Results): Promise<void> {
  await writeContentAtomically(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** Whether a part passed before, of this very program, and as it would be run now. */
export function hasPassed(results: Results, part: Part, program: string | undefined): boolean {
  const kept = results[part.name];
  return kept?.state === 'passed' && kept.program === program && kept.command === part.command;
}

/** How long a part took the last time that it passed. */
export function minutesBefore(results: Results, part: Part): number | undefined {
  const kept = results[part.name];
  return kept?.state === 'passed' && kept.command === part.command ? kept.minutes : undefined;
}

const said = { passed: 'passed', failed: 'FAILED', 'not run': 'DID NOT RUN', cancelled: 'DID NOT RUN' };

/** What came of all parts, for a person. */
export function resultsTable(parts: Part[], results: Results): string {
  const rows = parts.map(({ name }) => {
    const result = results[name];
    if (!result) return [name, 'DID NOT RUN', null, 'its turn did not come'];
    const what = result.state === 'passed' ? shortly(result.figures) : (result.reason ?? '');
    return [name, said[result.state], Number(result.minutes.toFixed(1)), what];
  });
  return formatColumns([['part', 'state', 'minutes', 'figures, or why'], ...rows]);
}

/** Of a table of figures the sum alone. */
function shortly(figures: string[]): string {
  return figures.filter((line) => !line.startsWith('|')).join('; ');
}
