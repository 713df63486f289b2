import { existsSync, readFileSync } from 'node:fs';
import { writeContentAtomically } from '../../src-main/files/atomic-write';

/** What one process found that read a number of cases. */
export interface Report {
  cases: number;
  read: number;
  refused: number;
  failure?: string;
  peakMiB: number;
  leakedFiles: number;
}

/** What is known of a reader after some of its cases. */
export interface Entry extends Omit<Report, 'failure'> {
  seconds: number;
  /** Seeds of the parts that failed, with what was said; taken out again when the same part passes. */
  failures: { seed: number; cases: number; failure: string }[];
}

/** How far a long run has come, by the name of the reader; kept in a file, so that it can be run in parts. */
export interface Ledger {
  seed: number;
  readers: Record<string, Entry>;
}

/** Reads the ledger, or begins one. Without a file it is in memory only. */
export function openLedger(file: string | undefined, seed: number): Ledger {
  if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Ledger;
  return { seed, readers: {} };
}

export async function saveLedger(file: string | undefined, ledger: Ledger): Promise<void> {
  if (file !== undefined) await writeContentAtomically(file, `${JSON.stringify(ledger, null, 2)}\n`);
}

/** Adds a part to what is known of a reader. */
export function addReport(
  entry: Entry | undefined,
  report: Report,
  part: { seed: number; cases: number; seconds: number },
): Entry {
  const so = entry ?? { cases: 0, read: 0, refused: 0, peakMiB: 0, leakedFiles: 0, seconds: 0, failures: [] };
  return {
    cases: so.cases + report.cases,
    read: so.read + report.read,
    refused: so.refused + report.refused,
    peakMiB: Math.max(so.peakMiB, report.peakMiB),
    leakedFiles: Math.max(so.leakedFiles, report.leakedFiles),
    seconds: so.seconds + part.seconds,
    failures:
      report.failure === undefined
        ? so.failures.filter(({ seed }) => seed !== part.seed)
        : [...so.failures, { seed: part.seed, cases: part.cases, failure: report.failure }],
  };
}

/** The ledger as a table of Markdown, as docs/reliability.md has it. */
export function ledgerTable(ledger: Ledger): string {
  const lines = Object.entries(ledger.readers).map(
    ([name, entry]) =>
      `| ${name} | ${entry.cases.toLocaleString('en')} | ${entry.read.toLocaleString('en')} | ${entry.refused.toLocaleString('en')} | ` +
      `${entry.failures.length} | ${entry.peakMiB} | ${Math.round(entry.seconds)} |`,
  );
  const total = Object.values(ledger.readers).reduce((sum, { cases }) => sum + cases, 0);
  return [
    '| reader | cases | read | refused with a reason | parts that failed | memory, MiB | s |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...lines,
    '',
    `${total.toLocaleString('en')} cases, seed ${ledger.seed}`,
    '',
  ].join('\n');
}
