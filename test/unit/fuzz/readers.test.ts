import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { binaryReaders } from '../../fuzz/binary-files';
import { MEMORY_BOUND_BYTES, openFiles, peakMemory, readCase } from '../../fuzz/one-case';
import { textReaders, videoReader } from '../../fuzz/text-files';
import { makeVideo } from '../stimulus/make-video';

/** The short form of `npm run test:long`: the same cases every time. */
const SEED = 20260101;
const readers = [...binaryReaders, ...textReaders];
let before: { files: number; memory: number };

beforeAll(() => {
  before = { files: openFiles(), memory: peakMemory() };
});

test.each(readers)('files that are not what they should be get a result or a reason: $name', async (reader) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'syncact-fuzz-')), 'inside');
  mkdirSync(folder);
  const endings = { read: 0, refused: 0 };
  const property = fc.asyncProperty(reader.cases, async (content) => void endings[await readCase(reader, content, folder)]++);
  await fc.assert(property, { seed: SEED, numRuns: reader.short });
  // Not everything is refused at the door.
  expect(endings.read).toBeGreaterThan(reader.short / 20);
});

test('a video that is none gets a reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-fuzz-'));
  mkdirSync(join(folder, 'inside'));
  const reader = videoReader((path) => makeVideo(path, 4, 2));
  const property = fc.asyncProperty(
    reader.cases,
    async (content) => void (await readCase(reader, content, join(folder, 'inside'))),
  );
  await fc.assert(property, { seed: SEED, numRuns: reader.short });
});

afterAll(() => {
  // Files are closed, also where reading failed; memory is not what the headers claim.
  expect(openFiles() - before.files).toBeLessThan(20);
  expect(peakMemory() - before.memory).toBeLessThan(MEMORY_BOUND_BYTES);
});
