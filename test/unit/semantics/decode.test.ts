import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { createMask, unmask, writeMask } from '../../../src-main/fmri/mask';
import { writeNifti } from '../../../src-main/fmri/nifti/write';
import { decodeMaps } from '../../../src-main/semantics/decode';
import { openTermMaps, writeTermMaps } from '../../../src-main/semantics/meta-analysis/term-map-file';
import { findReadyMaps, writeReadyMaps } from '../../../src-main/semantics/ready-maps';
import { createMatrix, matrixRow } from '../../../src-preload/shared/domain/matrix';
import { quietContext } from '../../../src-preload/shared/domain/work';
import type { Grid } from '../../../src-preload/shared/domain/grid';

const grid: Grid = { shape: [8, 9, 7], affine: [4, 0, 0, -16, 0, 4, 0, -16, 0, 0, 4, -12, 0, 0, 0, 1] };
const mask = createMask(grid, (voxel) => voxel % 3 !== 0);
const TERMS = 300;
const FBNS = 5;
let folder: string;

/** Uneven numbers, the same every time. */
function made(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

const terms = Array.from({ length: TERMS }, (_, term) => new Float16Array(made(mask.voxels.length, term + 1)));
terms[7]!.fill(3);
const fbns = createMatrix(FBNS, mask.voxels.length);
for (let fbn = 0; fbn < FBNS; fbn++) matrixRow(fbns, fbn).set(made(mask.voxels.length, 900 + fbn));
matrixRow(fbns, 3).set(terms[20]!);
matrixRow(fbns, 4).fill(1);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decode-'));
  await writeTermMaps(join(folder, 'terms'), {
    terms: terms.map((_, term) => `term ${term}`),
    mask,
    association: (async function* () {
      for (const term of terms) yield new Uint16Array(term.buffer);
    })(),
  });
});

describe('decoding', () => {
  test('is Pearson r of every map with every term; NaN for a constant one', async () => {
    const maps = await openTermMaps(join(folder, 'terms'));
    const r = await decodeMaps(fbns, mask, maps, onnxruntimeEngine, quietContext());
    for (let fbn = 0; fbn < 4; fbn++) {
      for (let term = 0; term < TERMS; term++) {
        const value = r.data[fbn * TERMS + term]!;
        if (term === 7) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(pearson(matrixRow(fbns, fbn), terms[term]!), 5);
      }
    }
    expect(r.data[3 * TERMS + 20]).toBeCloseTo(1, 5);
    expect(matrixRow(r, 4).every(Number.isNaN)).toBe(true);
    await maps.close();
  });

  test('voxels that took no part in the embedding are left out on both sides', async () => {
    const partial = { ...fbns, data: fbns.data.slice() };
    const left = [2, 50, 51];
    for (let fbn = 0; fbn < FBNS; fbn++) for (const voxel of left) partial.data[fbn * partial.columns + voxel] = NaN;
    const kept = (values: ArrayLike<number>) => Array.from(values).filter((_, voxel) => !left.includes(voxel));
    const maps = await openTermMaps(join(folder, 'terms'));
    const r = await decodeMaps(partial, mask, maps, onnxruntimeEngine, quietContext());
    expect(r.data[TERMS + 299]).toBeCloseTo(pearson(kept(matrixRow(fbns, 1)), kept(terms[299]!)), 5);
    await maps.close();
  });

  test('another mask on the same grid: the voxels that both have', async () => {
    const smaller = createMask(grid, (voxel) => voxel % 3 !== 0 && voxel % 5 !== 0);
    const places = [...smaller.voxels].map((voxel) => mask.voxels.indexOf(voxel));
    const cut = createMatrix(FBNS, smaller.voxels.length);
    for (let fbn = 0; fbn < FBNS; fbn++) matrixRow(cut, fbn).set(places.map((place) => matrixRow(fbns, fbn)[place]!));
    const maps = await openTermMaps(join(folder, 'terms'));
    const r = await decodeMaps(cut, smaller, maps, onnxruntimeEngine, quietContext());
    const wanted = pearson(
      matrixRow(cut, 2),
      places.map((place) => terms[33]![place]!),
    );
    expect(r.data[2 * TERMS + 33]).toBeCloseTo(wanted, 5);
    await maps.close();
  });

  test('maps elsewhere in the brain are refused', async () => {
    const far = createMask({ ...grid, affine: grid.affine.map((entry, i) => (i === 3 ? 500 : entry)) }, () => true);
    const maps = await openTermMaps(join(folder, 'terms'));
    await expect(decodeMaps(createMatrix(1, far.voxels.length), far, maps, onnxruntimeEngine, quietContext())).rejects.toThrow(
      /share no voxels/,
    );
    await maps.close();
  });
});

test('ready maps are named by their files and brought to the mask', async () => {
  const write = (name: string, values: Float32Array) =>
    writeNifti(join(folder, name), { grid, volumes: [unmask(values, mask)], count: 1, dataType: 'float32', spaceCode: 4 });
  await write('working_memory_association-test_z_FDR_0.01.nii.gz', made(mask.voxels.length, 5));
  await write('face.nii.gz', made(mask.voxels.length, 6));
  await writeMask(join(folder, 'mask.nii'), mask, 4);
  const maps = findReadyMaps(folder).filter(({ term }) => term !== 'mask');
  expect(maps.map(({ term }) => term)).toEqual(['face', 'working memory']);
  await writeReadyMaps(maps, mask, join(folder, 'ready'), quietContext());
  const ready = await openTermMaps(join(folder, 'ready'));
  expect(ready.hasUniformity).toBe(false);
  expect(pearson(await ready.map('association', 1), made(mask.voxels.length, 5))).toBeCloseTo(1, 5);
  await write('face_uniformity-test_z.nii.gz', made(mask.voxels.length, 7));
  expect(() => findReadyMaps(folder)).toThrow(/two maps are of the term "face"/);
  await ready.close();
});
