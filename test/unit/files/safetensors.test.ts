import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { openSafetensors, writeSafetensors } from '../../../src-main/files/safetensors';
import { referenceJson, referencePath } from '../../reference/reference-folder';

const newPath = async () => join(await mkdtemp(join(tmpdir(), 'syncact-safetensors-')), 'a.safetensors');

/** A file with the header text given and so many bytes of data. */
async function fileWith(header: string, dataBytes: number, claimedHeaderBytes = Buffer.byteLength(header)): Promise<string> {
  const path = await newPath();
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(claimedHeaderBytes));
  await writeFile(path, Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)]));
  return path;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test('tensors and metadata come back as they were written', async () => {
  const path = await newPath();
  const weights = Float32Array.from({ length: 6 }, (_, i) => i / 7);
  await writeSafetensors(
    path,
    [
      { name: 'weights', dtype: 'F32', shape: [2, 3], data: weights },
      { name: 'none', dtype: 'U32', shape: [0], data: new Uint32Array() },
      { name: '__proto__', dtype: 'U32', shape: [2], data: new Uint32Array([9, 1, 2, 9]).subarray(1, 3) },
    ],
    { note: 'größer' },
  );
  const file = await openSafetensors(path);
  expect([...file.metadata]).toEqual([['note', 'größer']]);
  expect([...file.tensors.keys()].sort()).toEqual(['__proto__', 'none', 'weights']);
  expect(await file.readFloat32('weights', [2, 3])).toEqual(weights);
  expect(await file.readUint32('none', [0])).toEqual(new Uint32Array());
  expect(await file.readUint32('__proto__', [2])).toEqual(Uint32Array.of(1, 2));
  await expect(file.readFloat32('weights', [3, 2])).rejects.toThrow(/expected "weights" as F32 \[3, 2\], found F32 \[2, 3\]/);
  await expect(file.readFloat32('none', [0])).rejects.toThrow(UserError);
  await expect(file.readFloat32('bias', [1])).rejects.toThrow(/no tensor of that name/);
  await expect(file.readBytes('bias')).rejects.toThrow(UserError);
  await file.close();
  expect((await readFile(path)).readBigUInt64LE() % 8n).toBe(0n);
});

test('a file written by PyTorch', async () => {
  type Expected = Record<string, { dtype: string; shape: number[]; values: number[] }>;
  const expected = referenceJson<Expected>('checkpoints', 'tiny_expected.json');
  const file = await openSafetensors(referencePath('checkpoints', 'tiny.safetensors'));
  let compared = 0;
  for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
    if (dtype !== 'float32' || !file.tensors.has(name)) continue;
    expect([...(await file.readFloat32(name, shape))]).toEqual(values.map(Math.fround));
    compared++;
  }
  expect(compared).toBeGreaterThan(0);
  await file.close();
});

test('what cannot be written is a fault, and nothing is written', async () => {
  const path = await newPath();
  const tensor = { name: 'a', dtype: 'F32', shape: [2], data: new Float32Array(2) } as const;
  await expect(writeSafetensors(path, [tensor, tensor])).rejects.toThrow(/two tensors/);
  await expect(writeSafetensors(path, [{ ...tensor, shape: [3] }])).rejects.toThrow(/has 8 bytes/);
  expect(await readdir(join(path, '..'))).toEqual([]);
});

describe('hostile and damaged files are refused with one line', () => {
  const header = (tensors: object) => JSON.stringify(tensors);
  const deep = '{"a":'.repeat(50_000);
  const cases: [string, string, number, number?][] = [
    ['gap', header({ a: entry(0, 8), b: entry(12, 16) }), 16],
    ['overlap', header({ a: entry(0, 8), b: entry(4, 12) }), 12],
    ['the same bytes twice', header({ a: entry(0, 8), b: entry(0, 8) }), 8],
    ['beyond the end', header({ a: entry(0, 16) }), 12],
    ['bytes left over', header({ a: entry(0, 8) }), 12],
    ['no tensor but data', '{}', 4],
    ['end before begin', header({ a: { dtype: 'F32', shape: [0], data_offsets: [8, 0] } }), 8],
    ['negative offset', header({ a: { dtype: 'F32', shape: [2], data_offsets: [-8, 0] } }), 8],
    ['fraction of a byte', header({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4.5] } }), 8],
    ['offset beyond whole numbers', header({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 2 ** 60] } }), 8],
    ['negative size', header({ a: { dtype: 'F32', shape: [-2, -1], data_offsets: [0, 8] } }), 8],
    ['sizes whose product overflows', header({ a: { dtype: 'F32', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 8] } }), 8],
    ['shape that does not fit', header({ a: entry(0, 8, [3]) }), 8],
    ['unknown type', header({ a: entry(0, 8, [2], 'Q4') }), 8],
    ['type of the prototype', header({ a: entry(0, 8, [2], 'toString') }), 8],
    ['unknown member', header({ a: { ...entry(0, 8), code: 'x' } }), 8],
    ['no offsets', header({ a: { dtype: 'F32', shape: [2] } }), 8],
    ['metadata that is not text', header({ __metadata__: { a: 1 }, b: entry(0, 8) }), 8],
    ['list', '[]', 0],
    ['null', 'null', 0],
    ['no JSON', 'hello, this is text', 0],
    ['deep nesting', deep, 0],
    ['header longer than the file', '{}', 0, 3],
    ['header of 2⁵³ bytes', '{}', 0, 2 ** 53],
  ];
  test.each(cases)('%s', async (_name, text, dataBytes, claimed) => {
    await expect(openSafetensors(await fileWith(text, dataBytes, claimed))).rejects.toThrow(UserError);
  });

  test.each(['hostile_safetensors_header', 'hostile_safetensors_offsets'])('%s', async (name) => {
    await expect(openSafetensors(referencePath('checkpoints', `${name}.safetensors`))).rejects.toThrow(UserError);
  });

  test('every truncation of a good file', async () => {
    const path = await newPath();
    await writeSafetensors(path, [{ name: 'a', dtype: 'F32', shape: [3], data: new Float32Array(3) }], { note: 'x' });
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      await expect(openSafetensors(path)).rejects.toThrow(UserError);
    }
  });
});
