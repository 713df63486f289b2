import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { makeVideo } from '../unit/stimulus/make-video';
import { binaryReaders } from './binary-files';
import { MEMORY_BOUND_BYTES, openFiles, peakMemory, readCase, type Reader } from './one-case';
import { textReaders, videoReader } from './text-files';

/**
 * The long form of test/unit/fuzz: very many cases of every reader, each in a process of its own, so that a crash or a hang is one reader's.
 * vite-node test/fuzz/run.ts [--share 0.1] [--seed N] [READER…]
 */
const { values, positionals } = parseArgs({
  options: { share: { type: 'string', default: '1' }, seed: { type: 'string' }, child: { type: 'string' } },
  allowPositionals: true,
});
const seed = Number(values.seed ?? Date.now() % 1e9);
/** A case takes 10 s at most; a process that says nothing for longer hangs. */
const SILENCE_MILLISECONDS = 30_000;

async function allReaders(): Promise<Reader[]> {
  const video = makeVideo(join(mkdtempSync(join(tmpdir(), 'syncact-video-')), 'a.mp4'), 4, 2);
  return [...binaryReaders, ...textReaders, await videoReader(video)];
}

interface Report {
  cases: number;
  read: number;
  refused: number;
  failure?: string;
  peakMiB: number;
  leakedFiles: number;
}

/** In a process of its own: all cases of one reader. */
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
  const failure = details.failed
    ? `${(details.errorInstance as Error | null)?.stack ?? ''}\n${JSON.stringify(details.counterexample?.[0])?.slice(0, 2000)}`
    : grown > MEMORY_BOUND_BYTES
      ? 'more memory than the bound'
      : undefined;
  return {
    ...{ cases: details.numRuns, ...endings, peakMiB: Math.round(grown / 2 ** 20), leakedFiles: openFiles() - before.files },
    ...(failure !== undefined && { failure }),
  };
}

function inChild(reader: Reader, share: string): Promise<Report> {
  const child = fork(process.argv[1]!, ['test/fuzz/run.ts', '--child', reader.name, '--share', share, '--seed', String(seed)]);
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

const readers = (await allReaders()).filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const share = Number(values.share);
const casesOf = (reader: Reader) => Math.max(1, Math.round(reader.long * share));
if (values.child !== undefined) {
  const reader = readers.find(({ name }) => name === values.child)!;
  process.send!({ report: await runReader(reader, casesOf(reader)) });
  process.disconnect();
} else {
  process.stdout.write(`seed ${seed}\n`);
  let failures = 0;
  for (const reader of readers) {
    const start = performance.now();
    const { failure, ...report } = await inChild(reader, values.share);
    const seconds = Math.round((performance.now() - start) / 1000);
    process.stdout.write(
      `${failure ? 'FAILED' : 'passed'}  ${reader.name}  ${JSON.stringify({ ...report, seconds })}\n${failure ?? ''}`,
    );
    if (failure) failures++;
  }
  process.exitCode = failures > 0 ? 1 : 0;
}
