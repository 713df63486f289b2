import { existsSync, readFileSync } from 'node:fs';
import { writeContentAtomically } from '../../src-main/files/atomic-write';

/** Some cases of a reader, made by a seed of their own. */
export interface Part {
  seed: number;
  cases: number;
}

/** What one process found that read a part. */
export interface Report {
  /** How many were read; fewer than the part has where one failed. */
  cases: number;
  read: number;
  refused: number;
  failure?: string;
  peakMiB: number;
  leakedFiles: number;
}

/** A part that was read, and what came of it. */
export interface Done extends Part {
  report: Report;
  seconds: number;
}

/**
 * How far a long run has come, by the name of the reader; kept in a file, so that it can be run in parts. A part has the seed of the run
 * plus the number of cases before it, whenever it ends.
 */
export interface Ledger {
  seed: number;
  readers: Record<string, Done[]>;
}

/** Reads the ledger, or begins one. Without a file it is in memory only. */
export function openLedger(file: string | undefined, seed: number): Ledger {
  if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Ledger;
  return { seed, readers: {} };
}

let saved = Promise.resolve();

/** Saves the ledger as it is when its turn has come: parts that end at once must not write an older one over a newer one. */
export function saveLedger(file: string | undefined, ledger: Ledger): Promise<void> {
  if (file === undefined) return saved;
  return (saved = saved.then(() => writeContentAtomically(file, `${JSON.stringify(ledger)}\n`)));
}

/**
 * What is left of so many cases of a reader, in order: all that is in no part that passed. Parts that failed are run again.
 * @param wanted cases in all
 * @param most cases of a part
 */
export function missingParts(ledger: Ledger, reader: string, wanted: number, most: number): Part[] {
  const passed = (ledger.readers[reader] ?? []).filter(({ report }) => report.failure === undefined);
  const ends = [...passed.sort((a, b) => a.seed - b.seed), { seed: ledger.seed + wanted, cases: 0 }];
  const missing: Part[] = [];
  let place = ledger.seed;
  for (const { seed, cases } of ends) {
    const end = Math.min(seed, ledger.seed + wanted);
    for (; place < end; place += most) missing.push({ seed: place, cases: Math.min(most, end - place) });
    place = Math.max(place > end ? end : place, seed + cases);
  }
  return missing;
}

/** Writes down a part; what had failed among its cases before is forgotten. */
export function addPart(ledger: Ledger, reader: string, done: Done): void {
  const isBeside = ({ seed, cases }: Part) => seed >= done.seed + done.cases || seed + cases <= done.seed;
  const before = ledger.readers[reader] ?? [];
  ledger.readers[reader] = [...before.filter((one) => one.report.failure === undefined || isBeside(one)), done].sort(
    (a, b) => a.seed - b.seed,
  );
}

/** The ledger as a table of Markdown, as docs/reliability.md has it. */
export function ledgerTable(ledger: Ledger): string {
  const sum = (parts: Done[], what: (one: Done) => number) => parts.reduce((so, one) => so + what(one), 0);
  const many = (count: number) => count.toLocaleString('en');
  const lines = Object.entries(ledger.readers).map(([name, parts]) => {
    const [cases, read, refused] = (['cases', 'read', 'refused'] as const).map((key) => sum(parts, ({ report }) => report[key]));
    const failed = parts.filter(({ report }) => report.failure !== undefined).length;
    const peak = Math.max(...parts.map(({ report }) => report.peakMiB));
    const seconds = Math.round(sum(parts, (one) => one.seconds));
    return `| ${name} | ${many(cases!)} | ${many(read!)} | ${many(refused!)} | ${failed} | ${peak} | ${seconds} |`;
  });
  const total = sum(Object.values(ledger.readers).flat(), ({ report }) => report.cases);
  return [
    '| reader | cases | read | refused with a reason | parts that failed | memory, MiB | s |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...lines,
    '',
    `${many(total)} cases, seed ${ledger.seed}`,
    '',
  ].join('\n');
}
