import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isFramesFile, openFramesFile, writeFramesFile } from '../../../src-main/files/frames-file';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { framesInMemory } from '../../../src-preload/shared/domain/frames';
import { temporaryFolder } from './make-video';

const folder = temporaryFolder();
const header = {
  width: 5,
  height: 3,
  trSeconds: 1.5,
  offsetSeconds: 0.25,
  times: [1.7, 3.2, 4.7],
  sourceHash: 'ab',
  rule: 'last-frame-of-tr',
};
const frames = [0, 1, 2].map((k) => Uint8Array.from({ length: 45 }, (_, i) => k * 50 + i));

async function writeSample(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFramesFile(path, header, frames);
  return path;
}

test('a frames file gives back header and pixels, from any frame on', async () => {
  const path = await writeSample('sample.frames');
  expect(await isFramesFile(path)).toBe(true);
  const file = await openFramesFile(path);
  expect(file.header).toEqual({ version: 1, count: 3, ...header });
  expect(await file.read(1, 2)).toEqual(Uint8Array.from([...frames[1]!, ...frames[2]!]));
  const into = new Uint8Array(200);
  const view = await file.read(2, 1, into);
  expect(view).toEqual(frames[2]);
  expect(view.buffer).toBe(into.buffer);
  await expect(file.read(2, 2)).rejects.toBeInstanceOf(RangeError);
  await file.close();
  expect((readFileSync(path).length - 3 * 45) % 64).toBe(0);
});

test('a wrong number or size of frames is refused and leaves nothing', async () => {
  const path = join(folder, 'wrong.frames');
  await expect(writeFramesFile(path, header, frames.slice(1))).rejects.toBeInstanceOf(RangeError);
  await expect(writeFramesFile(path, header, [new Uint8Array(44)])).rejects.toBeInstanceOf(RangeError);
  expect(existsSync(path)).toBe(false);
});

test.each<[string, (path: string) => void, RegExp]>([
  ['cut short', (path) => truncateSync(path, readFileSync(path).length - 1), /damaged.*expected \d+ bytes \(3 frames\)/],
  ['empty', (path) => writeFileSync(path, ''), /not a frames file.*empty/],
  ['something else', (path) => writeFileSync(path, 'PNG and so on, much longer than the preamble'), /not a frames file/],
  [
    'of a huge header',
    (path) => writeFileSync(path, Buffer.concat([Buffer.from('SYNCFRM1'), Buffer.from([255, 255, 255, 255])])),
    /header of 4294967295/,
  ],
  ['of no JSON', (path) => writeFileSync(path, Buffer.from('SYNCFRM1\x04\0\0\0{{{{')), /not JSON/],
  ['of a newer version', (path) => edit(path, '"version":1', '"version":2'), /header whose version/],
  ['of too few times', (path) => edit(path, '1.7,3.2,4.7', '1.70000,4.7'), /2 timestamps/],
])('a file that is %s is explained', async (_, damage, message) => {
  const path = await writeSample('damaged.frames');
  damage(path);
  const caught = await openFramesFile(path).catch((error: unknown) => error);
  expect(caught).toBeInstanceOf(UserError);
  expect((caught as Error).message).toMatch(message);
});

function edit(path: string, from: string, to: string): void {
  writeFileSync(path, readFileSync(path).toString('latin1').replace(from, to), 'latin1');
}

test('frames in memory are read as views, or copied where asked', async () => {
  const source = framesInMemory(Uint8Array.from(frames.flatMap((frame) => [...frame])), { width: 5, height: 3 });
  expect(source.count).toBe(3);
  expect(await source.read(1, 1)).toEqual(frames[1]);
  const into = new Uint8Array(90);
  expect(await source.read(0, 2, into)).toEqual(Uint8Array.from([...frames[0]!, ...frames[1]!]));
  expect(() => framesInMemory(new Uint8Array(44), { width: 5, height: 3 })).toThrow(RangeError);
});
