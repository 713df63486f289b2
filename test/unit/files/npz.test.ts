import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { encodeNpy } from '../../../src-main/files/npy';
import { checkArrayName, readNpz, writeNpz } from '../../../src-main/files/npz';
import { UserError } from '../../../src-preload/shared/domain/errors';

const folder = () => mkdtemp(join(tmpdir(), 'syncact-npz-'));
const matrix = (...values: number[]) => ({ shape: [1, values.length], data: Float32Array.from(values) });
const npy = (...values: number[]) => Uint8Array.from(Buffer.concat(encodeNpy(matrix(...values))));

/** Writes the bytes as a .npz file and gives the error of reading it. */
async function failureOf(content: Uint8Array, options?: Parameters<typeof readNpz>[1]): Promise<UserError> {
  const path = join(await folder(), 'hostile.npz');
  await writeFile(path, content);
  const failure: unknown = await readNpz(path, options).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(failure).toBeInstanceOf(UserError);
  expect((failure as UserError).message).not.toContain('\n');
  expect((failure as UserError).message).toContain('hostile.npz');
  return failure as UserError;
}

/** A changed copy; `at` counts from the first central directory record. */
function changeDirectory(archive: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(archive);
  copy.set(bytes, Buffer.from(archive).indexOf('PK\u0001\u0002') + at);
  return copy;
}

describe('round trip', () => {
  test.each([false, true])('compressed: %s', async (compress) => {
    const path = join(await folder(), 'a.npz');
    const large = { shape: [3, 200_000], data: Float32Array.from({ length: 600_000 }, (_, i) => Math.sin(i)) };
    await writeNpz(path, Object.entries({ 'layer1.0': matrix(1, 2), large, empty: matrix() }), { compress });
    const back = await readNpz(path);
    expect([...back.keys()]).toEqual(['layer1.0', 'large', 'empty']);
    expect(back.get('layer1.0')).toEqual({ shape: [1, 2], data: Float32Array.of(1, 2), dtype: 'float32' });
    expect(back.get('large')!.data.every((value, i) => value === large.data[i])).toBe(true);
    expect(back.get('empty')!.data).toHaveLength(0);
  });

  test('names of any characters', async () => {
    const path = join(await folder(), 'a.npz');
    const names = ['/features/Conv_output_0', '層 1', 'C:x', 'a\\b', '__proto__', 'x.npy', 'ü'.normalize('NFD'), 'it\'s "so"'];
    await writeNpz(
      path,
      names.map((name, i) => [name, matrix(i)] as const),
    );
    const back = await readNpz(path);
    expect([...back].map(([name, { data }]) => [name, data[0]])).toEqual(names.map((name, i) => [name, i]));
  });

  test('property: whatever names are allowed come back', async () => {
    const path = join(await folder(), 'a.npz');
    const allowed = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((name) => {
      try {
        checkArrayName(name);
        return true;
      } catch {
        return false;
      }
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(allowed, { maxLength: 5 }), async (names) => {
        await writeNpz(
          path,
          names.map((name) => [name, matrix(1)] as const),
        );
        expect([...(await readNpz(path)).keys()]).toEqual(names);
      }),
      { numRuns: 40 },
    );
  });

  test('an async source is written one array at a time; only the names asked for are read', async () => {
    const path = join(await folder(), 'a.npz');
    await writeNpz(
      path,
      (async function* () {
        for (let i = 0; i < 3; i++) yield [`layer${i}`, matrix(i)] as const;
      })(),
    );
    expect([...(await readNpz(path, { names: ['layer1'] })).keys()]).toEqual(['layer1']);
    await expect(readNpz(path, { names: ['layer9'] })).rejects.toThrow(/no such array.*"layer9"/);
  });
});

test('a failure while writing leaves the old file', async () => {
  const dir = await folder();
  const path = join(dir, 'a.npz');
  await writeNpz(path, [['old', matrix(1)]]);
  const twice = writeNpz(path, [
    ['x', matrix(1)],
    ['x', matrix(2)],
  ]);
  await expect(twice).rejects.toThrow(/same name/);
  expect([...(await readNpz(path)).keys()]).toEqual(['old']);
  expect(await readdir(dir)).toEqual(['a.npz']);
});

test.each(['', '..', '../up', 'a/../b', 'a\\..\\b', 'line\nbreak', 'nul\0', '\ud800'])('the name %j is refused', (name) => {
  expect(() => checkArrayName(name)).toThrow(UserError);
});

test('a name longer than 1,024 bytes is refused', () => {
  expect(() => checkArrayName('層'.repeat(341))).not.toThrow();
  expect(() => checkArrayName('層'.repeat(342))).toThrow(UserError);
});

describe('hostile archives', () => {
  const archive = zipSync({ 'a.npy': npy(1, 2, 3) }, { level: 0 });

  test('no archive, an empty one, one that is cut off', async () => {
    expect((await failureOf(Buffer.from('plain text'))).message).toMatch(/cannot read the archive/);
    expect((await failureOf(new Uint8Array())).message).toMatch(/cannot read the archive/);
    expect((await failureOf(archive.subarray(0, archive.length - 30))).message).toMatch(/cannot read the archive/);
  });

  test('an entry that unpacks to more than is allowed is refused before it is unpacked', async () => {
    const bomb = zipSync({ 'a.npy': new Uint8Array(50_000_000) }, { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    expect((await failureOf(bomb, { maximumBytes: 1_000_000 })).message).toMatch(/unpacks to too much.*at most 1000000 bytes/);
  });

  test('an entry that unpacks to more than it declares', async () => {
    const bomb = zipSync({ 'a.npy': new Uint8Array(1_000_000) }, { level: 9 });
    expect((await failureOf(changeDirectory(bomb, 24, [100, 0, 0, 0]))).message).toMatch(/cannot read the archive/);
  });

  test('a wrong checksum, an unknown compression, an encrypted entry', async () => {
    expect((await failureOf(changeDirectory(archive, 16, [1, 2, 3, 4]))).message).toMatch(/checksum/);
    expect((await failureOf(changeDirectory(archive, 10, [12, 0]))).message).toMatch(/compression/);
    const deflated = zipSync({ 'a.npy': npy(1, 2, 3) }, { level: 6 });
    expect((await failureOf(changeDirectory(deflated, 8, [1, 0]))).message).toMatch(/encrypted/);
  });

  test('two arrays of one name', async () => {
    const two = Buffer.from(zipSync({ 'a.npy': npy(1), 'b.npy': npy(2) }));
    for (let at = two.indexOf('b.npy'); at >= 0; at = two.indexOf('b.npy')) two.write('a', at);
    expect((await failureOf(two)).message).toMatch(/two arrays named/);
  });

  test('a damaged array inside names the archive and the array', async () => {
    const failure = await failureOf(zipSync({ 'layer.npy': Buffer.from('no array') }));
    expect(failure.message).toMatch(/hostile\.npz, array "layer"/);
  });

  test('entries that are no arrays are passed over', async () => {
    const path = join(await folder(), 'a.npz');
    await writeFile(path, zipSync({ 'readme.txt': Buffer.from('hello'), 'a.npy': npy(5) }));
    expect([...(await readNpz(path)).keys()]).toEqual(['a']);
  });

  test('any changed byte is read or explained, never a fault', async () => {
    const path = join(await folder(), 'a.npz');
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.length - 1), fc.nat(255), async (position, value) => {
        const changed = Uint8Array.from(archive);
        changed[position] = value;
        await writeFile(path, changed);
        await readNpz(path).catch((caught: unknown) => expect(caught).toBeInstanceOf(UserError));
      }),
      { numRuns: 300 },
    );
  });
});

test('a missing file keeps its system error, which says which file', async () => {
  await expect(readNpz(join(await folder(), 'none.npz'))).rejects.toMatchObject({ code: 'ENOENT' });
});
