import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { qformOfAffine } from '../../../../src-main/fmri/nifti/orientation';
import { headerTrSeconds, parseNiftiHeader } from '../../../../src-main/fmri/nifti/header';
import { readNiftiHeader, readNiftiInfo, readVolumes } from '../../../../src-main/fmri/nifti/read';
import { exampleFolder, userErrorOf } from '../example';

const folder = await exampleFolder();

interface Fields {
  shape: number[];
  type?: [code: number, bits: number];
  pixdim?: number[];
  slope?: number;
  intercept?: number;
  units?: number;
  offset?: number;
  magic?: string;
  sform?: number[];
  qform?: { code: number; quaternion: number[] };
}

/** A NIfTI-1 header written field by field, independently of the program's writer. */
function headerOf(fields: Fields, littleEndian = true): Buffer {
  const { shape, type = [16, 32], pixdim = [1, 2, 3, 4, 1.5], slope = 0, intercept = 0, units = 10, offset = 352 } = fields;
  const bytes = Buffer.alloc(352);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const int16 = (value: number, at: number) => view.setInt16(at, value, littleEndian);
  const float = (value: number, at: number) => view.setFloat32(at, value, littleEndian);
  view.setInt32(0, 348, littleEndian);
  [shape.length, ...shape].forEach((size, i) => int16(size, 40 + 2 * i));
  int16(type[0], 70);
  int16(type[1], 72);
  pixdim.forEach((step, i) => float(step, 76 + 4 * i));
  [offset, slope, intercept].forEach((value, i) => float(value, 108 + 4 * i));
  bytes[123] = units;
  int16(fields.qform?.code ?? 0, 252);
  int16(fields.sform ? 4 : 0, 254);
  fields.qform?.quaternion.forEach((value, i) => float(value, 256 + 4 * i));
  fields.sform?.forEach((value, i) => float(value, 280 + 4 * i));
  bytes.write(fields.magic ?? 'n+1\0', 344, 'latin1');
  return bytes;
}

const parse = (fields: Fields, littleEndian = true) => parseNiftiHeader(headerOf(fields, littleEndian), 'test.nii');

test('any header comes back field by field, in both byte orders', () => {
  const float = fc.float({ min: -500, max: 500, noNaN: true });
  const sizes = fc.float({ min: 0.5, max: 8, noNaN: true });
  const property = fc.property(
    fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 7 }),
    fc.array(sizes, { minLength: 7, maxLength: 7 }),
    fc.array(float, { minLength: 3, maxLength: 3 }),
    fc.float({ min: Math.fround(0.01), max: 10, noNaN: true }),
    fc.boolean(),
    (shape, steps, offsets, slope, littleEndian) => {
      const sform = [steps[0]!, 0, 0, offsets[0]!, 0, steps[1]!, 0, offsets[1]!, 0, 0, steps[2]!, offsets[2]!];
      const header = parse({ shape, pixdim: [1, ...steps], slope, intercept: 3, sform }, littleEndian);
      expect(header).toMatchObject({ shape, littleEndian, slope, intercept: 3, dataOffset: 352, sformCode: 4, qformCode: 0 });
      expect(header.zooms).toEqual(steps.slice(0, shape.length));
      expect(header.grid.affine).toEqual([...sform, 0, 0, 0, 1]);
      expect(header.grid.shape).toEqual([shape[0], shape[1] ?? 1, shape[2] ?? 1]);
      expect(header.volumes).toBe(shape.slice(3).reduce((product, size) => product * size, 1));
    },
  );
  fc.assert(property, { numRuns: 200 });
});

test('a qform says the same as the rotation it was made from', () => {
  const angle = fc.float({ min: Math.fround(-3.2), max: Math.fround(3.2), noNaN: true });
  const property = fc.property(angle, angle, angle, fc.boolean(), (a, b, c, mirrored) => {
    const affine = rotation(a, b, c).map((entry, i) => entry * [2, 3, 4 * (mirrored ? -1 : 1)][i % 3]!);
    const rows = [...affine.slice(0, 3), 10, ...affine.slice(3, 6), -20, ...affine.slice(6), 30];
    const { quaternion, handedness } = qformOfAffine([...rows, 0, 0, 0, 1])!;
    const qform = { code: 1, quaternion: [...quaternion, 10, -20, 30] };
    const header = parse({ shape: [5, 5, 5], pixdim: [handedness, 2, 3, 4], qform });
    rows.forEach((entry, i) => expect(header.grid.affine[i]).toBeCloseTo(entry, 2));
  });
  fc.assert(property, { numRuns: 200 });
});

test('half turns, where the quaternion has no real part, are exact', () => {
  const affine = [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, -2, 72, 0, 0, 0, 1];
  const { quaternion, handedness } = qformOfAffine(affine)!;
  const header = parse({
    shape: [5, 5, 5],
    pixdim: [handedness, 2, 2, 2],
    qform: { code: 1, quaternion: [...quaternion, 90, -126, 72] },
  });
  header.grid.affine.forEach((entry, i) => expect(entry).toBeCloseTo(affine[i]!, 12));
  expect(qformOfAffine([2, 1, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1])).toBeUndefined();
});

test('without sform and qform the voxel sizes count, x flipped, centred', () => {
  expect(parse({ shape: [5, 7, 9] }).grid.affine).toEqual([-2, 0, 0, 4, 0, 3, 0, -9, 0, 0, 4, -16, 0, 0, 0, 1]);
});

test('a slope of zero or none at all means unscaled', () => {
  for (const slope of [0, NaN, Infinity])
    expect(parse({ shape: [2, 2, 2], slope, intercept: 5 })).toMatchObject({ slope: 1, intercept: 0 });
  expect(() => parse({ shape: [2, 2, 2], slope: 1, intercept: NaN })).toThrow('finite intercept');
});

test.each([
  [10, 1.5, 1.5],
  [18, 720, 0.72],
  [26, 800_000, 0.8],
  [2, 0.7200000286102295, 0.72],
  [34, 1.5, null],
  [10, 0, null],
  [10, -2, null],
  [10, NaN, null],
])('units %i and a step of %f are a TR of %s seconds', (units, step, seconds) => {
  expect(headerTrSeconds(parse({ shape: [2, 2, 2, 3], pixdim: [1, 2, 2, 2, step], units }))).toBe(seconds);
});

test.each([
  [1536, 'float128'],
  [32, 'complex64'],
  [128, 'RGB24'],
  [77, 'unknown code 77'],
])('data type %i is refused as %s', (code, name) => {
  expect(() => parse({ shape: [2, 2, 2], type: [code, 32] })).toThrow(name);
});

test('every number type is read with its sign and scale', async () => {
  const types = {
    uint8: [2, Uint8Array],
    int16: [4, Int16Array],
    int32: [8, Int32Array],
    float32: [16, Float32Array],
    float64: [64, Float64Array],
    int8: [256, Int8Array],
    uint16: [512, Uint16Array],
    uint32: [768, Uint32Array],
    int64: [1024, BigInt64Array],
    uint64: [1280, BigUint64Array],
  } as const;
  for (const [name, [code, array]] of Object.entries(types)) {
    const signed = !name.startsWith('u');
    const numbers = [0, 1, signed ? -100 : 100, 127];
    const wide = array === BigInt64Array || array === BigUint64Array;
    const data = wide ? array.from(numbers.map(BigInt)) : (array as typeof Float64Array).from(numbers);
    for (const littleEndian of [true, false]) {
      const bytes = Buffer.from(data.buffer.slice(0));
      if (!littleEndian && data.BYTES_PER_ELEMENT > 1) {
        ({ 2: () => bytes.swap16(), 4: () => bytes.swap32(), 8: () => bytes.swap64() })[data.BYTES_PER_ELEMENT as 2 | 4 | 8]();
      }
      const path = join(folder, `${name}-${littleEndian}.nii`);
      const header = headerOf(
        { shape: [4, 1, 1], type: [code, data.BYTES_PER_ELEMENT * 8], slope: 0.5, intercept: 2 },
        littleEndian,
      );
      await writeFile(path, Buffer.concat([header, bytes]));
      const volumes = await Array.fromAsync(readVolumes(path, await readNiftiHeader(path)));
      expect(volumes, name).toEqual([Float32Array.from(numbers, (value) => value * 0.5 + 2)]);
      const { dtype } = await readNiftiInfo(path, { verifyData: true });
      const short = `>${name[0]}${data.BYTES_PER_ELEMENT}`;
      expect(dtype).toBe(littleEndian || data.BYTES_PER_ELEMENT === 1 ? name : short);
    }
  }
});

test('a .hdr/.img pair is read by either name, compressed or not', async () => {
  const values = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const header = headerOf({ shape: [2, 2, 2], magic: 'ni1\0', offset: 0 }).subarray(0, 348);
  await writeFile(join(folder, 'pair.hdr'), header);
  await writeFile(join(folder, 'pair.img'), new Uint8Array(values.buffer));
  await writeFile(join(folder, 'packed.hdr.gz'), gzipSync(header));
  await writeFile(join(folder, 'packed.img.gz'), gzipSync(new Uint8Array(values.buffer)));
  for (const name of ['pair.hdr', 'pair.img', 'packed.img.gz']) {
    const path = join(folder, name);
    expect(await Array.fromAsync(readVolumes(path, await readNiftiHeader(path)))).toEqual([values]);
  }
});

test('what a header claims is held against the size of the file before anything is read', async () => {
  const path = join(folder, 'claims.nii');
  await writeFile(path, Buffer.concat([headerOf({ shape: [10, 10, 10, 5] }), Buffer.alloc(19_999)]));
  expect(await userErrorOf(readNiftiHeader(path))).toContain('20351 of 20352 bytes');
  await writeFile(`${path}.gz`, gzipSync(headerOf({ shape: [500, 500, 500, 30000], type: [2, 8] })));
  expect(await userErrorOf(readNiftiHeader(`${path}.gz`))).toContain('cannot hold');
});

test('an Analyze header and files of other kinds are named for what they are', async () => {
  expect(() => parse({ shape: [2, 2, 2], magic: '\0\0\0\0' })).toThrow('Analyze');
  const path = join(folder, 'table.nii');
  await writeFile(path, 'onset\tduration\n');
  expect(await userErrorOf(readNiftiHeader(path))).toContain('text: "onset');
  await writeFile(`${path}.gz`, headerOf({ shape: [1, 1, 1] }));
  expect(await userErrorOf(readNiftiHeader(`${path}.gz`))).toContain('rename it to end in .nii');
  await writeFile(path, headerOf({ shape: [1, 1, 1] }).subarray(0, 200));
  expect(await userErrorOf(readNiftiHeader(path))).toContain('200 bytes');
});

/** Rows of a rotation about z, y and x. */
function rotation(a: number, b: number, c: number): number[] {
  const [sa, ca, sb, cb, sc, cc] = [a, b, c].flatMap((angle) => [Math.sin(angle), Math.cos(angle)]) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return [
    ca * cb,
    ca * sb * sc - sa * cc,
    ca * sb * cc + sa * sc,
    sa * cb,
    sa * sb * sc + ca * cc,
    sa * sb * cc - ca * sc,
    -sb,
    cb * sc,
    cb * cc,
  ];
}
