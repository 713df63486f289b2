import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMask } from '../../../src-main/fmri/mask';
import { writeNifti } from '../../../src-main/fmri/nifti/write';
import { openAtlas } from '../../../src-main/semantics/atlas';
import { peaksAsTsv } from '../../../src-renderer/features/fbns/peaks-table';
import { findClusters } from '../../../src-main/semantics/peaks';
import { MNI_4MM } from '../../../src-preload/shared/domain/grid';

const mask = createMask(MNI_4MM, () => true);
const voxelAt = (x: number, y: number, z: number) => (x + 90) / 4 + 45 * ((y + 126) / 4 + 54 * ((z + 72) / 4));

test('clusters: peak in mm, size, side and sign, strongest first; small ones are left out', () => {
  const map = new Float32Array(mask.voxels.length).map((_, i) => Math.sin(i) * 0.01);
  const put = (x: number, y: number, z: number, value: number) => (map[voxelAt(x, y, z)] = value);
  for (const dx of [0, 4, 8]) put(-50 + dx, -22, 8, 3 + dx / 10);
  put(-38, -18, 12, 2);
  put(42, -66, 0, -5);
  put(46, -66, 0, -6);
  put(2, 10, 20, 4);
  const found = findClusters(map, mask.voxels, MNI_4MM, { threshold: 3, smallest: 2 });
  expect(found.map(({ peak, voxels, side, volume }) => ({ peak, voxels, side, volume }))).toEqual([
    { peak: [46, -66, 0], voxels: 2, side: 'right', volume: 128 },
    { peak: [-42, -22, 8], voxels: 4, side: 'left', volume: 256 },
  ]);
  expect(found[0]!.z).toBeLessThan(0);
  expect(found[1]!.z).toBeGreaterThan(3);
  expect(findClusters(map, mask.voxels, MNI_4MM, { threshold: 3, smallest: 1 })[1]).toMatchObject({
    peak: [2, 10, 20],
    side: 'middle',
  });
});

test('an atlas names places by its label numbers; one of probabilities is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-'));
  const volume = new Float32Array(mask.voxels.length);
  volume[voxelAt(-42, -22, 8)] = 7;
  volume[voxelAt(46, -66, 0)] = 9;
  const write = (name: string) =>
    writeNifti(join(folder, name), { grid: MNI_4MM, volumes: [volume], count: 1, dataType: 'float32', spaceCode: 4 });
  await write('labels.nii.gz');
  await writeFile(join(folder, 'names.txt'), '# No. Label\n7 Heschl_L 1 2 3\n8\tOther\t0\n');
  const atlas = await openAtlas(join(folder, 'labels.nii.gz'), join(folder, 'names.txt'));
  expect(atlas.labelAt([-42, -22, 8])).toBe('Heschl_L 1 2 3');
  expect(atlas.labelAt([-43, -21, 9])).toBe('Heschl_L 1 2 3');
  expect(atlas.labelAt([46, -66, 0])).toBe('label 9');
  expect(atlas.labelAt([0, 0, 0])).toBeNull();
  expect(atlas.labelAt([500, 0, 0])).toBeNull();
  volume[3] = 0.5;
  await write('probabilities.nii.gz');
  await expect(openAtlas(join(folder, 'probabilities.nii.gz'))).rejects.toThrow(/no volume of labels/);
});

test('the clusters of FBNs as a table, coordinates in mm, nothing where the atlas has no name', () => {
  const cluster = {
    peak: [-58, -20.04, 4] as [number, number, number],
    z: 3.14159,
    voxels: 12,
    volume: 768,
    side: 'left' as const,
  };
  const table = peaksAsTsv({
    embedding: 1,
    fbns: [
      { fbn: 3, clusters: [{ ...cluster, label: 'Heschl_L' }] },
      { fbn: 4, clusters: [] },
      { fbn: 5, clusters: [{ ...cluster, z: -2.5, label: null }] },
    ],
  });
  expect(table.split('\n')).toEqual([
    'FBN\tx (mm)\ty (mm)\tz (mm)\tpeak z\tvoxels\tmm3\tside\tlabel',
    '3\t-58\t-20\t4\t3.142\t12\t768\tleft\tHeschl_L',
    '5\t-58\t-20\t4\t-2.500\t12\t768\tleft\t',
    '',
  ]);
});
