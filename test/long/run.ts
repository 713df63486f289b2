import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatSeconds } from '../../src-main/shell/command-line/terminal';
import { longParts } from './parts';
import { LongProgress } from './progress';
import { hasPassed, minutesBefore, programState, readResults, resultsTable, saveResults } from './results';
import { runPart, type Part } from './run-part';

/**
 * All tests that take too long for `npm test`, one after another; the fuzzing beside the hour of mixed use. A part that fails does not keep
 * the others from running. Logs, results and how far it has come are kept in test-results/long: the same command goes on where it was
 * interrupted, and runs again what has not passed. Ctrl-C ends it, and everything that it started.
 * npm run test:long -- [--minutes 60] [--share 1] [--fresh] [PART…]
 * --minutes: of mixed use. --share: of the cases of the fuzzing. --fresh: forgets what was done. PART: the parts to run, all by default.
 */
const { values, positionals } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    share: { type: 'string', default: '1' },
    fresh: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'test-results/long');
const resultsFile = join(folder, 'results.json');
const program = programState(root);

if (values.fresh) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const results = readResults(resultsFile);
// Cases that an older program read say nothing of this one.
const fuzzLedger = join(folder, `fuzz-${program ?? Date.now()}.json`);
const rows = longParts({ minutes: number('minutes'), share: number('share'), fuzzLedger });
const parts = rows.flat();
const unknown = positionals.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`there is no part ${unknown.join(', ')} (expected ${parts.map(({ name }) => name).join(', ')})`);
  process.exit(2);
}

// Whatever is run, it is run of the program as it is now.
const chosen = parts.filter(({ name }) => positionals.length === 0 || name === 'build' || positionals.includes(name));
const canceller = new AbortController();
const cancel = () => canceller.abort();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, cancel);

const waiting = new Set(
  chosen.filter(
    (part) => !hasPassed(results, part, program) || (part.name === 'build' && !existsSync(join(root, 'out/main/cli.js'))),
  ),
);
for (const part of chosen.filter((one) => !waiting.has(one))) console.log(`${part.name}: passed before, of this very program`);
// What was taken the last time tells best how long it takes.
for (const part of parts) part.minutes = minutesBefore(results, part) ?? part.minutes;
const minutesOf = (row: Part[]) => Math.max(0, ...row.filter((part) => waiting.has(part)).map((part) => part.minutes));
const minutesLeft = () => rows.reduce((sum, row) => sum + minutesOf(row), 0);
console.log(`logs and results: ${folder}; about ${formatSeconds(minutesLeft() * 60)}`);

const progress = new LongProgress(minutesLeft);
for (const row of rows) {
  const now = row.filter((part) => waiting.has(part));
  if (canceller.signal.aborted) break;
  await Promise.all(now.map(run));
}
progress.stop();
const table = resultsTable(chosen, results);
console.log(`\n${table}`);
const ended = chosen.map(({ name }) => results[name]?.state);
process.exit(canceller.signal.aborted ? 130 : ended.includes('failed') ? 1 : 0);

async function run(part: Part): Promise<void> {
  waiting.delete(part);
  delete results[part.name];
  progress.begin(part);
  const log = join(folder, `${part.name}.log`);
  const isBuilt = part.name === 'build' || results.build?.state === 'passed';
  const nothing = {
    name: part.name,
    state: 'not run',
    reason: 'the program could not be built',
    minutes: 0,
    figures: [],
    log,
  } as const;
  const result = !isBuilt
    ? { ...nothing, figures: [] }
    : await runPart(part, {
        log,
        signal: canceller.signal,
        onLine: (line) => progress.line(part.name, line),
      });
  results[part.name] = { ...result, program: program ?? '', command: part.command };
  await saveResults(resultsFile, results);
  progress.end(part.name, `${part.name}: ${result.state}${result.reason ? ` (${result.reason})` : ''}`);
}

function number(name: 'minutes' | 'share'): number {
  const given = Number(values[name]);
  if (given > 0) return given;
  console.error(`--${name} is ${values[name]} (expected a number above 0)`);
  process.exit(2);
}
