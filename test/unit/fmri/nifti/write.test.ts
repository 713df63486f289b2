import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNiftiHeader } from '../../../../src-main/fmri/nifti/header';
import { readNiftiHeader, readNiftiInfo, readVolumes } from '../../../../src-main/fmri/nifti/read';
import { writeNifti } from '../../../../src-main/fmri/nifti/write';
import { exampleFolder, exampleGrid, noise } from '../example';

const folder = await exampleFolder();

test('what is written is read back: values, grid, TR, in plain and packed files of every type', async () => {
  const property = fc.asyncProperty(
    fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 8 }))) as fc.Arbitrary<[number, number, number]>,
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom('float32', 'int16', 'uint8'),
    fc.constantFrom('.nii', '.nii.gz'),
    async (shape, count, dataType, ending) => {
      const path = join(folder, `round${ending}`);
      const grid = exampleGrid(shape, [-90, -126, -72], 3);
      const slope = 0.25;
      const length = shape[0] * shape[1] * shape[2];
      const volumes = Array.from({ length: count }, (_, t) =>
        Float32Array.from({ length }, (_, v) => Math.round(100 + 100 * noise(v, t)) * slope),
      );
      await writeNifti(path, { grid, volumes, count, trSeconds: 0.72, dataType, slope, spaceCode: 4, description: 'FBN maps' });
      const header = await readNiftiHeader(path);
      expect(header).toMatchObject({ grid, volumes: count, sformCode: 4, qformCode: 4 });
      expect(await Array.fromAsync(readVolumes(path, header))).toEqual(volumes);
      const info = await readNiftiInfo(path, { verifyData: true });
      expect(info).toMatchObject({ dtype: dataType, units: ['mm', 'sec'], trSeconds: count > 1 ? 0.72 : null, warnings: [] });
    },
  );
  await fc.assert(property, { numRuns: 40 });
});

test('sform and qform say the same for rotated and mirrored grids; a sheared one has no qform', async () => {
  const path = join(folder, 'oblique.nii');
  const [sine, cosine] = [Math.sin(0.3), Math.cos(0.3)];
  const affine = [-2 * cosine, 3 * sine, 0, 40, 2 * sine, 3 * cosine, 0, -50, 0, 0, 4, -60, 0, 0, 0, 1];
  const content = { volumes: [new Float32Array(8)], count: 1, dataType: 'float32', spaceCode: 2 } as const;
  await writeNifti(path, { ...content, grid: { shape: [2, 2, 2], affine } });
  const bytes = await readFile(path);
  bytes.writeInt16LE(0, 254);
  const header = parseNiftiHeader(bytes, path);
  expect(header.qformCode).toBe(2);
  header.grid.affine.forEach((entry, i) => expect(entry).toBeCloseTo(affine[i]!, 5));
  await writeNifti(path, { ...content, grid: { shape: [2, 2, 2], affine: [2, 1, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] } });
  expect(await readNiftiHeader(path)).toMatchObject({ qformCode: 0, sformCode: 2 });
});

test('values that do not fit, and volumes other than announced, leave nothing behind', async () => {
  const before = await readdir(folder);
  const grid = exampleGrid([2, 1, 1]);
  const content = { grid, count: 1, dataType: 'uint8', spaceCode: 4 } as const;
  for (const ending of ['.nii', '.nii.gz']) {
    const path = join(folder, `never${ending}`);
    await expect(writeNifti(path, { ...content, volumes: [Float32Array.of(1, 256)] })).rejects.toThrow('256 does not fit uint8');
    await expect(writeNifti(path, { ...content, volumes: [Float32Array.of(1, NaN)] })).rejects.toThrow('NaN does not fit uint8');
    await expect(writeNifti(path, { ...content, volumes: [Float32Array.of(1)] })).rejects.toThrow('1 values for 2 voxels');
    await expect(writeNifti(path, { ...content, count: 2, volumes: [new Float32Array(2)] })).rejects.toThrow(
      '1 volumes, 2 announced',
    );
  }
  expect(await readdir(folder)).toEqual(before);
});
