import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Matrix } from '../../../../src-preload/shared/domain/matrix';
import { quietContext } from '../../../../src-preload/shared/domain/work';
import { readMap } from '../../../../src-main/embedding/checkpoint';
import { encodeRuns, fbnMaps, type EncodedRun } from '../../../../src-main/embedding/encode';
import { Generator } from '../../../../src-main/embedding/generator';
import { Algebra } from '../../../../src-main/embedding/maps/algebra';
import { writeMapsFile } from '../../../../src-main/embedding/maps/maps-file';
import { regressOnMaps } from '../../../../src-main/embedding/maps/regression';
import { samplesInMemory } from '../../../../src-main/embedding/samples';
import { onnxruntimeEngine } from '../../../../src-main/engines/onnxruntime';
import { newFolder } from '../problem';

const [voxels, time] = [60, 25];
const generator = Generator.fromSeed(3);
const random = (length: number) => Float32Array.from({ length }, () => generator.nextSymmetric());
/** Maps with means, the second much smaller than the others and correlated with the first. */
function someMaps(): Matrix {
  const data = random(3 * voxels);
  for (let v = 0; v < voxels; v++) {
    data[v]! += 0.7;
    data[voxels + v] = 1e-3 * (data[v]! + data[voxels + v]!);
  }
  return { rows: 3, columns: voxels, data };
}

/** Runs through the stored maps. */
async function encode(maps: Matrix, S: Float32Array<ArrayBuffer>, excluded = new Uint32Array()) {
  const algebra = new Algebra(onnxruntimeEngine, { threads: 1 });
  const regressed = await regressOnMaps(maps, excluded, algebra);
  await algebra.release();
  const checkpoint = join(await newFolder(), 'best.safetensors');
  await writeMapsFile(checkpoint, regressed, excluded, 'a test');
  const runs: EncodedRun[] = [];
  const place = { engine: onnxruntimeEngine, device: 'cpu' as const, threads: 1 };
  const samples = [samplesInMemory('sub-1', time, maps.columns, S)];
  await encodeRuns({ ...place, checkpoint, samples }, quietContext(), (_, run) => void runs.push(run));
  return { checkpoint, constant: regressed.constant, ...runs[0]! };
}

test('runs made of maps give back the series they were made with, whatever is added to a whole volume', async () => {
  const maps = someMaps();
  const L = random(time * 3);
  const S = new Float32Array(time * voxels);
  for (let t = 0; t < time; t++)
    for (let v = 0; v < voxels; v++)
      for (let i = 0; i < 3; i++) S[t * voxels + v]! += L[t * 3 + i]! * maps.data[i * voxels + v]! * (i === 1 ? 1000 : 1) + t / 9;
  const { activations } = await encode(maps, S);
  for (let i = 0; i < 3; i++)
    for (let t = 0; t < time; t++) expect(activations.data[i * time + t]! / (i === 1 ? 1000 : 1)).toBeCloseTo(L[t * 3 + i]!, 4);
});

test('the residual of the regression is orthogonal to every map', async () => {
  const maps = someMaps();
  const S = random(time * voxels);
  const { activations, explainedVariance } = await encode(maps, S);
  expect(explainedVariance).toBeGreaterThan(0);
  expect(explainedVariance).toBeLessThan(0.5);
  for (let t = 0; t < time; t++) {
    const residual = Float64Array.from(S.subarray(t * voxels, (t + 1) * voxels));
    for (let i = 0; i < 3; i++)
      for (let v = 0; v < voxels; v++) residual[v]! -= activations.data[i * time + t]! * maps.data[i * voxels + v]!;
    const mean = residual.reduce((sum, value) => sum + value, 0) / voxels;
    for (let i = 0; i < 3; i++) {
      let product = 0;
      for (let v = 0; v < voxels; v++) product += (residual[v]! - mean) * maps.data[i * voxels + v]!;
      expect(Math.abs(product)).toBeLessThan(1e-3 * (i === 1 ? 1e-3 : 1));
    }
  }
});

test('maps come back as they were, without a value where a voxel took no part', async () => {
  const maps = someMaps();
  const { checkpoint } = await encode(maps, random(time * voxels), Uint32Array.of(4, 59));
  const { data } = await fbnMaps(checkpoint);
  for (let n = 0; n < data.length; n++) {
    if (n % voxels === 4 || n % voxels === 59) expect(data[n]).toBeNaN();
    else expect(data[n]).toBeCloseTo(maps.data[n]!, 5);
  }
  for (const fbn of [0, 2]) expect(await readMap(checkpoint, fbn)).toEqual(data.subarray(fbn * voxels, (fbn + 1) * voxels));
});

test('a constant map has no activation, and two equal maps share theirs', async () => {
  const maps = someMaps();
  maps.data.fill(0.25, 0, voxels);
  maps.data.copyWithin(2 * voxels, voxels, 2 * voxels);
  const S = random(time * voxels);
  const { activations, constant } = await encode(maps, S);
  expect(constant).toEqual([0]);
  expect(activations.data.subarray(0, time)).toEqual(new Float32Array(time));
  const alone = await encode({ rows: 1, columns: voxels, data: maps.data.slice(voxels, 2 * voxels) }, S);
  for (let t = 0; t < time; t++) {
    expect(activations.data[time + t]! / alone.activations.data[t]!).toBeCloseTo(0.5, 3);
    expect(activations.data[2 * time + t]! / alone.activations.data[t]!).toBeCloseTo(0.5, 3);
  }
});
