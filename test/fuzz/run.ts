import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { makeVideo } from '../unit/stimulus/make-video';
import { binaryReaders } from './binary-files';
import { addPart, ledgerTable, missingParts, openLedger, saveLedger, type Part, type Report } from './ledger';
import { MEMORY_BOUND_BYTES, openFiles, peakMemory, readCase, type Reader } from './one-case';
import { textReaders, videoReader } from './text-files';

/**
 * The long form of test/unit/fuzz: very many cases of every reader, in parts, each in a process of its own, so that a crash or a hang is one
 * reader's; as many at once as there are cores. With `--ledger` what was done is kept in a file, and the same command goes on from there,
 * with what failed, too: `--minutes` ends it after a while. A part is run again by `--seed` of the part, `--cases` and its reader.
 * vite-node test/fuzz/run.ts [--share 0.1] [--seed N] [--cases N] [--jobs N] [--ledger FILE] [--minutes N] [READER…]
 * READER: the first letters of a name without blanks, such as nifti or labels,tally.
 */
const { values, positionals } = parseArgs({
  options: {
    share: { type: 'string', default: '1' },
    seed: { type: 'string' },
    cases: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    ledger: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
    child: { type: 'string' },
  },
  allowPositionals: true,
});
const seed = Number(values.seed ?? Date.now() % 1e9);
/** A case takes 10 s at most; a process that says nothing for much longer hangs, also where it gets a tenth of a core. */
const SILENCE_MILLISECONDS = 120_000;
/** Parts of a reader that may fail before the others are left out. */
const MOST_FAILURES = 3;
/** Cases of one process. */
const PART = 10_000;
/** A file may still be on its way to being closed when the last case has ended. */
const MOST_OPEN_FILES = 20;

/** In a process of its own: some cases of one reader. */
async function runReader(reader: Reader, cases: number): Promise<Report> {
  const folder = join(mkdtempSync(join(tmpdir(), 'syncact-fuzz-')), 'inside');
  mkdirSync(folder);
  const before = { files: openFiles(), memory: peakMemory() };
  const endings = { read: 0, refused: 0 };
  let said = performance.now();
  const property = fc.asyncProperty(reader.cases, async (content) => {
    endings[await readCase(reader, content, folder)]++;
    if (performance.now() - said < 1000) return;
    said = performance.now();
    process.send!({ alive: true });
  });
  const details = await fc.check(property, { seed, numRuns: cases });
  const grown = peakMemory() - before.memory;
  const leakedFiles = openFiles() - before.files;
  const failure = details.failed
    ? `${(details.errorInstance as Error | null)?.stack ?? ''}\n${JSON.stringify(details.counterexample?.[0])?.slice(0, 2000)}`
    : grown > MEMORY_BOUND_BYTES
      ? 'more memory than the bound'
      : leakedFiles > MOST_OPEN_FILES
        ? 'files were left open'
        : undefined;
  const peakMiB = Math.round(grown / 2 ** 20);
  return { cases: details.numRuns, ...endings, peakMiB, leakedFiles, ...(failure !== undefined && { failure }) };
}

function inChild(reader: Reader, part: Part): Promise<Report> {
  const args = ['--child', reader.name, '--cases', String(part.cases), '--seed', String(part.seed)];
  // Threads that collect garbage in parallel take half as much time again, and another's.
  const child = fork(process.argv[1]!, ['test/fuzz/run.ts', ...args], { execArgv: ['--single-threaded-gc'] });
  return new Promise((resolve) => {
    const nothing = { cases: 0, read: 0, refused: 0, peakMiB: 0, leakedFiles: 0 };
    let report: Report = { ...nothing, failure: 'the process died' };
    const hang = () => {
      report = { ...nothing, failure: `no answer for ${SILENCE_MILLISECONDS / 1000} s` };
      child.kill('SIGKILL');
    };
    let timer = setTimeout(hang, SILENCE_MILLISECONDS * 2);
    child.on('message', (message: { report?: Report }) => {
      clearTimeout(timer);
      timer = setTimeout(hang, SILENCE_MILLISECONDS);
      if (message.report) report = message.report;
    });
    child.on('close', () => (clearTimeout(timer), resolve(report)));
  });
}

/** Names are long: the first letters do, without blanks and signs. */
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
const isChosen = ({ name }: Reader) => positionals.length === 0 || positionals.some((one) => plain(name).startsWith(plain(one)));
const readers = [...binaryReaders, ...textReaders, videoReader((path) => makeVideo(path, 4, 2))].filter(isChosen);

/** Every reader in turn, several parts at once, until all is done or the time is up. */
async function runParts(): Promise<number> {
  const start = performance.now();
  const ledger = openLedger(values.ledger, seed);
  const queue = readers.flatMap((reader) => {
    const wanted = Number(values.cases ?? Math.max(1, Math.round(reader.long * Number(values.share))));
    return missingParts(ledger, reader.name, wanted, PART).map((part) => ({ reader, part }));
  });
  const all = queue.length;
  const failed = new Map<string, number>();
  let ended = 0;
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { reader, part } = next;
      if (performance.now() - start > Number(values.minutes) * 60_000) return;
      if ((failed.get(reader.name) ?? 0) >= MOST_FAILURES) continue;
      const from = performance.now();
      const report = await inChild(reader, part);
      const seconds = (performance.now() - from) / 1000;
      addPart(ledger, reader.name, { ...part, report, seconds });
      await saveLedger(values.ledger, ledger);
      const { failure, ...found } = report;
      if (failure !== undefined) failed.set(reader.name, (failed.get(reader.name) ?? 0) + 1);
      const line = JSON.stringify({ seed: part.seed, ...found, seconds: Math.round(seconds) });
      const told = `${failure === undefined ? 'passed' : 'FAILED'}  part ${++ended} of ${all}  ${reader.name}  ${line}\n`;
      process.stdout.write(failure === undefined ? told : `${told}${failure}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, work));
  process.stdout.write(`\n${ledgerTable(ledger)}`);
  const failures = Object.values(ledger.readers)
    .flat()
    .filter(({ report }) => report.failure !== undefined).length;
  const left = all - ended;
  process.stdout.write(`${failures} parts failed${left > 0 ? `, ${left} of ${all} parts were not run` : ''}\n`);
  return failures;
}

if (values.child === undefined) process.exitCode = (await runParts()) > 0 ? 1 : 0;
else {
  const reader = readers.find(({ name }) => name === values.child)!;
  process.on('disconnect', () => process.exit());
  process.send!({ report: await runReader(reader, Number(values.cases)) });
  process.disconnect();
}
