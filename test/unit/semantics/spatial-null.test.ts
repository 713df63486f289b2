import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { correlationPValue } from '../../../src-main/coupling/significance';
import { Generator } from '../../../src-main/embedding/generator';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { createMask } from '../../../src-main/fmri/mask';
import { decodeMaps } from '../../../src-main/semantics/decode';
import { openTermMaps, writeTermMaps, type TermMaps } from '../../../src-main/semantics/meta-analysis/term-map-file';
import { fieldVariograms } from '../../../src-main/semantics/spatial-null/fields';
import { spatialNull } from '../../../src-main/semantics/spatial-null/spatial-null';
import { chooseLags, matchVariogram, variogramOf } from '../../../src-main/semantics/spatial-null/variogram';
import type { Grid } from '../../../src-preload/shared/domain/grid';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { quietContext } from '../../../src-preload/shared/domain/work';

/** A ball of about 5,000 voxels. */
const grid: Grid = { shape: [24, 26, 22], affine: [4, 0, 0, -46, 0, 4, 0, -50, 0, 0, 4, -42, 0, 0, 0, 1] };
const mask = createMask(grid, (voxel) => {
  const [x, y, z] = [(voxel % 24) - 11.5, (Math.floor(voxel / 24) % 26) - 12.5, Math.floor(voxel / 624) - 10.5];
  return (x / 11) ** 2 + (y / 12) ** 2 + (z / 10) ** 2 <= 1;
});
const TERMS = 40;
const FBNS = 40;
const PERMUTATIONS = 199;
const PLANTED = 7;
const generator = Generator.fromSeed(5);
let folder: string;
let terms: TermMaps;
let fbns: Matrix;
let r: Matrix;

/** Noise averaged with its neighbours some times over, wrapped around the grid; made another way than what it is tested against. */
function smoothMap(times: number, noise: number): Float32Array {
  const [nx, ny, nz] = grid.shape;
  let volume = Float32Array.from({ length: nx * ny * nz }, () => generator.nextSymmetric());
  for (let i = 0; i < times; i++) {
    for (const [step, size] of [
      [1, nx],
      [nx, ny],
      [nx * ny, nz],
    ] as const) {
      const neighbour = (at: number, way: number) => {
        const place = Math.floor(at / step) % size;
        return at + (((place + way + size) % size) - place) * step;
      };
      volume = volume.map((value, at) => (volume[neighbour(at, -1)]! + value + volume[neighbour(at, 1)]!) / 3);
    }
  }
  const deviation = Math.sqrt(volume.reduce((sum, value) => sum + value * value, 0) / volume.length);
  return Float32Array.from(mask.voxels, (voxel) => volume[voxel]! / deviation + noise * generator.nextSymmetric());
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spatial-null-'));
  const maps = Array.from({ length: TERMS }, (_, term) => new Float16Array(smoothMap(3 + (term % 5), 0.2)));
  await writeTermMaps(join(folder, 'terms'), {
    ...{ terms: maps.map((_, term) => `term ${term}`), mask },
    association: (async function* () {
      for (const map of maps) yield new Uint16Array(map.buffer);
    })(),
  });
  terms = await openTermMaps(join(folder, 'terms'));
  fbns = createMatrix(FBNS + 2, mask.voxels.length);
  for (let fbn = 0; fbn < FBNS; fbn++) matrixRow(fbns, fbn).set(smoothMap(2 + (fbn % 6), fbn % 3));
  // One more is like a term, the last one constant.
  const own = smoothMap(4, 0);
  matrixRow(fbns, FBNS).set(own.map((value, n) => value + maps[PLANTED]![n]!));
  matrixRow(fbns, FBNS + 1).fill(2);
  r = await decodeMaps(fbns, mask, terms, onnxruntimeEngine, quietContext());
}, 60_000);
afterAll(async () => {
  await terms.close();
  await rm(folder, { recursive: true, force: true });
});

const request = (permutations = PERMUTATIONS) => ({ maps: fbns, mask, terms, r, permutations, seed: 1 });
const share = (values: readonly number[]) => values.filter((p) => p <= 0.05).length / values.length;

test('maps that are alike by chance are significant as often as they should be, by plain r far more often', async () => {
  const { p, familyP } = await spatialNull(request(), onnxruntimeEngine, quietContext());
  const chance = [...p.data.subarray(0, FBNS * TERMS)];
  const plain = [...r.data.subarray(0, FBNS * TERMS)].map((value) => correlationPValue(value, mask.voxels.length - 2));
  expect(share(plain)).toBeGreaterThan(0.4);
  expect(share(chance)).toBeGreaterThan(0.02);
  expect(share(chance)).toBeLessThan(0.085);
  expect(chance.reduce((sum, value) => sum + value, 0) / chance.length).toBeCloseTo(0.5, 1);
  const best = Array.from({ length: FBNS }, (_, fbn) => Math.min(...matrixRow(familyP, fbn)));
  expect(share(best)).toBeLessThan(0.18);

  // The planted term is found, and no p is smaller than the maps allow.
  const planted = FBNS * TERMS + PLANTED;
  expect(p.data[planted]).toBeCloseTo(1 / (PERMUTATIONS + 1), 7);
  expect(familyP.data[planted]).toBeCloseTo(1 / (PERMUTATIONS + 1), 7);
  expect(Math.min(...chance)).toBeGreaterThanOrEqual(Math.fround(1 / (PERMUTATIONS + 1)));
  for (let i = 0; i < planted; i++) expect(familyP.data[i]).toBeGreaterThanOrEqual(p.data[i]!);
  expect(matrixRow(p, FBNS + 1).every(Number.isNaN)).toBe(true);
});

test('fields in the shares that match a variogram have that variogram', () => {
  const lags = chooseLags(mask);
  const models = fieldVariograms(mask, lags.steps);
  const wanted = variogramOf(matrixRow(fbns, 5), lags);
  const shares = matchVariogram(wanted, models);
  expect(shares.every((one) => one >= 0)).toBe(true);
  const sum = wanted.map((_, lag) => models.reduce((total, model, scale) => total + shares[scale]! * model[lag]!, 0));
  const near = [...wanted.keys()].filter((lag) => Math.hypot(...lags.steps.subarray(3 * lag, 3 * lag + 3)) < 4);
  for (const lag of near) expect(Math.abs(sum[lag]! - wanted[lag]!)).toBeLessThan(0.12);
  // White noise is neither more nor less than the nugget.
  const white = Float32Array.from(mask.voxels, () => generator.nextSymmetric());
  const [nugget, ...rest] = matchVariogram(variogramOf(white, lags), models);
  expect(nugget).toBeGreaterThan(0.9);
  expect(rest.reduce((total, one) => total + one, 0)).toBeLessThan(0.1);
});

test('it can be cancelled, and tells how far it is', async () => {
  const stop = new AbortController();
  const stages: string[] = [];
  const context = {
    ...quietContext(),
    signal: stop.signal,
    progress: ({ stage }: { stage: string }) => {
      stages.push(stage);
      if (stage.startsWith('comparing random maps')) stop.abort();
    },
  };
  await expect(spatialNull(request(), onnxruntimeEngine, context)).rejects.toThrow();
  expect(stages).toContain('measuring how smooth the FBNs are');
});
