import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeContentAtomically, writeFileAtomically } from '../../../src-main/files/atomic-write';

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
