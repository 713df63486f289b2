import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeNpy, parseNpy, readNpy, writeNpy, type NpyData } from '../../../src-main/files/npy';
import { UserError } from '../../../src-preload/shared/domain/errors';

const folder = () => mkdtemp(join(tmpdir(), 'syncact-npy-'));

/** A .npy file with any header text, for what NumPy writes and this program does not. */
function npyFile(header: string, values: Uint8Array, version = 1): Uint8Array<ArrayBuffer> {
  const preamble = version === 1 ? 10 : 12;
  const file = new Uint8Array(preamble + header.length + values.byteLength);
  file.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(file.buffer);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  file.set(Buffer.from(header, 'latin1'), preamble);
  file.set(values, preamble + header.length);
  return file;
}

const bytesOf = (data: NpyData | Float16Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const dictionary = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

describe('what NumPy writes', () => {
  test.each([
    ['<f2', Float16Array.of(1.5, -2, 65504, 0), [1.5, -2, 65504, 0], 'float16'],
    ['<f4', Float32Array.of(0.25, NaN, -Infinity, 3), [0.25, NaN, -Infinity, 3], 'float32'],
    ['<f8', Float64Array.of(0.1, 1e300, -0, 3), [0.1, 1e300, -0, 3], 'float64'],
    ['|i1', Int8Array.of(-128, 127, 0, 1), [-128, 127, 0, 1], 'int8'],
    ['<u2', Uint16Array.of(65535, 0, 1, 2), [65535, 0, 1, 2], 'uint16'],
    ['<i4', Int32Array.of(-5, 6, 7, 8), [-5, 6, 7, 8], 'int32'],
    ['<i8', BigInt64Array.of(-1n, 2n ** 60n, 0n, 1n), [-1n, 2n ** 60n, 0n, 1n], 'int64'],
    ['|b1', Uint8Array.of(0, 1, 2, 0), [0, 1, 1, 0], 'bool'],
  ])('%s', (descr, values, expected, dtype) => {
    const array = parseNpy(npyFile(dictionary(descr, '(2, 2)'), bytesOf(values as NpyData)), 'a.npy');
    expect([...array.data]).toEqual(expected);
    expect(array).toMatchObject({ shape: [2, 2], dtype });
  });

  test('big-endian values', () => {
    const values = new Uint8Array(16);
    new DataView(values.buffer).setFloat64(0, 0.1);
    new DataView(values.buffer).setFloat64(8, -7);
    expect([...parseNpy(npyFile(dictionary('>f8', '(2,)'), values), 'a.npy').data]).toEqual([0.1, -7]);
  });

  test('Fortran order in three dimensions', () => {
    const shape = [2, 3, 4];
    const source = new Float32Array(24);
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) source[i + 2 * (j + 3 * k)] = 100 * i + 10 * j + k;
    const { data } = parseNpy(npyFile(dictionary('<f4', '(2, 3, 4)', 'True'), bytesOf(source)), 'a.npy');
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++)
        for (let k = 0; k < 4; k++) expect(data[(i * shape[1]! + j) * shape[2]! + k]).toBe(100 * i + 10 * j + k);
  });

  test.each([
    [2, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"],
    [3, "{'shape': (1,), 'fortran_order': False, 'descr': '<f4'}   \n"],
    [1, '{"descr": "<f4", "fortran_order": False, "shape": (1L,), }'],
  ])('header version %i, members in any order', (version, header) => {
    const array = parseNpy(npyFile(header, bytesOf(Float32Array.of(7)), version), 'a.npy');
    expect(array).toEqual({ shape: [1], data: Float32Array.of(7), dtype: 'float32' });
  });

  test('a scalar and an array without values', () => {
    expect(parseNpy(npyFile(dictionary('<f4', '()'), bytesOf(Float32Array.of(7))), 'a.npy')).toMatchObject({ shape: [] });
    expect(parseNpy(npyFile(dictionary('<f4', '(0, 5)'), new Uint8Array()), 'a.npy').data).toHaveLength(0);
  });
});

describe('what is refused, in one line that names the file', () => {
  const one = bytesOf(Float32Array.of(1));
  test.each([
    ['an empty file', new Uint8Array(), /an empty file/],
    ['another format', Uint8Array.from(Buffer.from('PK\u0003\u0004 and so on')), /starting with/],
    ['a version from the future', npyFile(dictionary('<f4', '(1,)'), one, 9), /version 9/],
    ['a header longer than the file', npyFile(dictionary('<f4', '(1,)'), one).slice(0, 30), /end of the file/],
    ['a preamble that ends early', npyFile('', new Uint8Array(), 2).slice(0, 10), /end of the file/],
    ['Python objects', npyFile(dictionary('|O', '(1,)'), Buffer.from('\x80\x04.')), /never unpickled/],
    ['a record type', npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", one), /one element type/],
    ['complex numbers', npyFile(dictionary('<c8', '(1,)'), new Uint8Array(8)), /'<c8'/],
    ['text', npyFile(dictionary('<U3', '(1,)'), new Uint8Array(12)), /'<U3'/],
    ['a negative extent', npyFile(dictionary('<f4', '(-1,)'), one), /one element type/],
    ['a shape whose product overflows', npyFile(dictionary('<f4', '(4294967296, 4294967296)'), one), /fits in memory/],
    ['a shape that wraps around to a small size', npyFile(dictionary('<f4', '(9223372036854775808, 2)'), one), /fits in memory/],
    ['forty dimensions', npyFile(dictionary('<f4', `(${'1, '.repeat(40)})`), one), /32 dimensions/],
    ['code in the header', npyFile("__import__('os').system('true')", one), /one element type/],
    ['too few values', npyFile(dictionary('<f4', '(2,)'), one), /expected 8 bytes.*found 4 bytes/],
    ['values after the end', npyFile(dictionary('<f4', '(1,)'), new Uint8Array(8)), /expected 4 bytes.*found 8 bytes/],
  ])('%s', async (_, content, message) => {
    const path = join(await folder(), 'hostile.npy');
    await writeFile(path, content);
    const failure = await readNpy(path).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as UserError).message).toMatch(message);
    expect((failure as UserError).message).toContain('hostile.npy');
    expect((failure as UserError).message).not.toContain('\n');
  });

  test('a header of 4 GiB is refused by its length, not read', () => {
    const content = npyFile(dictionary('<f4', '(1,)'), one, 2);
    new DataView(content.buffer).setUint32(8, 0xffffffff, true);
    expect(() => parseNpy(content, 'a.npy')).toThrow(/at most 65536 bytes/);
  });

  test('any change of any byte is read or explained, never a fault', () => {
    const original = npyFile(dictionary('<f4', '(2, 1)'), new Uint8Array(8));
    fc.assert(
      fc.property(fc.nat(original.length - 1), fc.nat(255), (position, value) => {
        const changed = original.slice();
        changed[position] = value;
        try {
          parseNpy(changed, 'a.npy');
        } catch (caught) {
          expect(caught).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('writing', () => {
  test('round trip of any array', async () => {
    const dir = await folder();
    const data = fc.oneof(
      fc.float64Array({ maxLength: 24 }),
      fc.float32Array({ maxLength: 24 }),
      fc.int32Array({ maxLength: 24 }),
      fc.bigInt64Array({ maxLength: 24 }),
      fc.uint8Array({ maxLength: 24 }),
    );
    await fc.assert(
      fc.asyncProperty(data, fc.boolean(), async (values, asMatrix) => {
        const shape = asMatrix ? [1, values.length] : [values.length];
        await writeNpy(join(dir, 'a.npy'), { shape, data: values });
        const back = await readNpy(join(dir, 'a.npy'));
        expect(back.shape).toEqual(shape);
        expect(back.data).toEqual(values);
      }),
      { numRuns: 60 },
    );
  });

  test('the layout is that of NumPy: 64-byte alignment, a header that ends in a line break', async () => {
    const dir = await folder();
    await writeNpy(join(dir, 'a.npy'), { shape: [2, 1], data: Float32Array.of(1, 2) });
    const content = await readFile(join(dir, 'a.npy'));
    expect(content.length).toBe(128 + 8);
    expect(content.subarray(10, 128).toString('latin1').trimEnd()).toBe(dictionary('<f4', '(2, 1)'));
    expect(content[127]).toBe(0x0a);
    expect(await readdir(dir)).toEqual(['a.npy']);
  });

  test('a shape that does not hold the values is a fault of the caller', () => {
    expect(() => encodeNpy({ shape: [3], data: Float32Array.of(1, 2) })).toThrow(/does not hold/);
  });
});
