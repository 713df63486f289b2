import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeContentAtomically, writeFileAtomically } from '../../../src-main/files/atomic-write';
import { removeAbandoned, unfinishedPath } from '../../../src-main/files/unfinished';

const folder = () => mkdtemp(join(tmpdir(), 'syncact-atomic-'));

test('writes the whole content and leaves nothing else', async () => {
  const dir = await folder();
  await writeContentAtomically(join(dir, 'a.txt'), 'new');
  expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe('new');
  expect(await readdir(dir)).toEqual(['a.txt']);
});

test('a failed write keeps the old content and removes the temporary file', async () => {
  const dir = await folder();
  await writeFile(join(dir, 'a.txt'), 'old');
  const failing = writeFileAtomically(join(dir, 'a.txt'), async (sink) => {
    await sink.write(Buffer.from('half'));
    throw new Error('broken');
  });
  await expect(failing).rejects.toThrow('broken');
  expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe('old');
  expect(await readdir(dir)).toEqual(['a.txt']);
});

test('positional writes do not move the end', async () => {
  const dir = await folder();
  await writeFileAtomically(join(dir, 'a.bin'), async (sink) => {
    await sink.write(Buffer.from('header....'));
    await sink.writeAt(Buffer.from('HEAD'), 0);
    await sink.write(Buffer.from('!'));
  });
  expect(await readFile(join(dir, 'a.bin'), 'utf8')).toBe('HEADer....!');
});

test('what a killed process left of a file or folder goes with the next that writes it, and nothing else does', async () => {
  const dir = await folder();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const leftBy = (id: number, path: string) => unfinishedPath(path).replace(`-${process.pid}-`, `-${id}-`);
  const path = join(dir, 'a.npz');
  const ofAnotherMachine = leftBy(pid, path).replace(/\.[0-9a-f]{8}-/, '.00000000-');
  const kept = [unfinishedPath(path), leftBy(pid, join(dir, 'b.npz')), leftBy(pid, `${path}.zip`), ofAnotherMachine];
  for (const file of [...kept, leftBy(pid, path)]) await writeFile(file, 'half');
  await writeContentAtomically(path, 'whole');
  expect((await readdir(dir)).map((name) => join(dir, name)).sort()).toEqual([...kept, path].sort());
  const half = leftBy(pid, join(dir, 'bids'));
  await mkdir(join(half, 'sub-01'), { recursive: true });
  await removeAbandoned(join(dir, 'bids'));
  expect(await readdir(dir)).toHaveLength(kept.length + 1);
});
