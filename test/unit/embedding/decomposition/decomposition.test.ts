import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EigenvalueDecomposition, Matrix as DenseMatrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { CancelledError } from '../../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../../src-preload/shared/domain/matrix';
import { quietContext } from '../../../../src-preload/shared/domain/work';
import { decompose, type DecompositionRequest } from '../../../../src-main/embedding/decomposition/decompose';
import { independentMaps } from '../../../../src-main/embedding/decomposition/independent';
import { principalMaps } from '../../../../src-main/embedding/decomposition/principal';
import { sparseMaps } from '../../../../src-main/embedding/decomposition/sparse';
import { encodeRuns, fbnMaps, type EncodedRun } from '../../../../src-main/embedding/encode';
import { Generator } from '../../../../src-main/embedding/generator';
import { Algebra } from '../../../../src-main/embedding/maps/algebra';
import { samplesInMemory, type SampleSource } from '../../../../src-main/embedding/samples';
import { onnxruntimeEngine } from '../../../../src-main/engines/onnxruntime';
import { newFolder } from '../problem';

const quiet = quietContext();
const engine = onnxruntimeEngine;
const place = { engine, threads: 1 };
const algebra = new Algebra(engine, { threads: 1 });

/** Uniform in ±√3: variance 1. */
function uniform(generator: Generator): number {
  return Math.sqrt(3) * generator.nextSymmetric();
}

/** Independent of each other, super- and sub-gaussian ones among them: [4, voxels]. */
function sources(voxels: number): Matrix {
  const generator = Generator.fromSeed(11);
  const maps = createMatrix(4, voxels);
  for (let v = 0; v < voxels; v++) {
    const u = uniform(generator);
    maps.data[v] = Math.sign(u) * u * u;
    maps.data[voxels + v] = uniform(generator) > 1.4 ? 3 : 0;
    maps.data[2 * voxels + v] = uniform(generator);
    maps.data[3 * voxels + v] = uniform(generator) ** 3;
  }
  return maps;
}

/** |r| of each map with the one most like it, by Pearson. */
function bestMatches(wanted: Matrix, found: Matrix): number[] {
  const unit = (row: Float32Array) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const length = Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    return row.map((value) => (value - mean) / length);
  };
  return Array.from({ length: wanted.rows }, (_, i) => {
    const a = unit(matrixRow(wanted, i));
    const all = Array.from({ length: found.rows }, (_, j) => Math.abs(unit(matrixRow(found, j)).reduce((sum, value, v) => sum + value * a[v]!, 0))); // prettier-ignore
    return Math.max(...all);
  });
}

/** Runs that are mixtures of maps and noise. */
function runsOf(maps: Matrix, times: readonly number[], noise: number, type: 'float16' | 'float32' = 'float32'): SampleSource[] {
  const generator = Generator.fromSeed(5);
  return times.map((time, b) => {
    const values = new Float32Array(time * maps.columns);
    for (let t = 0; t < time; t++)
      for (let i = 0; i < maps.rows; i++) {
        const amplitude = uniform(generator) * (1 + i / 2);
        const row = values.subarray(t * maps.columns, (t + 1) * maps.columns);
        for (let v = 0; v < row.length; v++) row[v]! += amplitude * maps.data[i * maps.columns + v]! + (i === 0 ? noise * uniform(generator) : 0); // prettier-ignore
      }
    return samplesInMemory(`sub-${b + 1}`, time, maps.columns, type === 'float32' ? values : new Uint16Array(new Float16Array(values).buffer)); // prettier-ignore
  });
}

test('principal components of runs in pieces are those of the whole matrix', async () => {
  const samples = runsOf(sources(90), [30, 20, 25], 0.5);
  const request = { ...place, samples, voxels: 90, excludedVoxels: Uint32Array.of(3, 50), count: 6, seed: 1, keepBytes: 0 };
  const { maps, squares, held, converged } = await principalMaps(request, algebra, quiet, undefined, async () => {});
  const covariance = DenseMatrix.zeros(90, 90);
  let total = 0;
  for (const sample of samples) {
    const S = new Float32Array(sample.time * 90);
    await sample.load(S);
    for (let t = 0; t < sample.time; t++) for (const v of [3, 50]) S[t * 90 + v] = 0;
    const whole = new DenseMatrix(Array.from({ length: sample.time }, (_, t) => [...S.subarray(t * 90, (t + 1) * 90)]));
    covariance.add(whole.transpose().mmul(whole));
    total += S.reduce((sum, value) => sum + value * value, 0);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  expect(converged).toBe(true);
  for (let k = 0; k < 4; k++) {
    expect(squares[k]! / realEigenvalues[order[k]!]!).toBeCloseTo(1, 4);
    const cosine = matrixRow(maps, k).reduce((sum, value, v) => sum + value * eigenvectorMatrix.get(v, order[k]!), 0);
    expect(Math.abs(cosine)).toBeCloseTo(1, 4);
    expect([maps.data[k * 90 + 3], maps.data[k * 90 + 50]]).toEqual([0, 0]);
  }
  const wanted = order.slice(0, 6).reduce((sum, i) => sum + realEigenvalues[i]!, 0);
  expect(held).toBeCloseTo(wanted / total, 3);
});

test('ICA unmixes what was mixed by a known matrix, whatever its order and signs', async () => {
  const truth = sources(4000);
  const mixing = [1, 0.5, -0.3, 0.2, 0.4, 1, 0.6, -0.5, -0.2, 0.3, 1, 0.7, 0.6, -0.4, 0.1, 1];
  const mixed = createMatrix(4, 4000);
  for (let k = 0; k < 4; k++)
    for (let i = 0; i < 4; i++)
      for (let v = 0; v < 4000; v++) mixed.data[k * 4000 + v]! += mixing[k * 4 + i]! * truth.data[i * 4000 + v]!;
  const squares = Float64Array.of(1, 1, 1, 1);
  const { maps, weights, converged } = await independentMaps({ ...place, mixed, squares, seed: 2 }, algebra, quiet);
  expect(converged).toBe(true);
  for (const r of bestMatches(truth, maps)) expect(r).toBeGreaterThan(0.99);
  // Mixed maps are far from the truth: the test would notice if nothing were unmixed.
  expect(Math.min(...bestMatches(truth, mixed))).toBeLessThan(0.9);
  // Together the components hold what the mixed maps held, each in the units of its own variance.
  const variance = (row: Float32Array) => row.reduce((sum, value) => sum + value * value, 0) / row.length - (row.reduce((sum, value) => sum + value, 0) / row.length) ** 2; // prettier-ignore
  const held = [0, 1, 2, 3].reduce((sum, k) => sum + variance(matrixRow(mixed, k)), 0);
  expect(weights.reduce((sum, weight) => sum + weight, 0) / held).toBeCloseTo(1, 3);
  expect([...weights]).toEqual([...weights].sort((a, b) => b - a));
  for (let i = 0; i < 4; i++) {
    expect(variance(matrixRow(maps, i))).toBeCloseTo(1, 3);
    expect(matrixRow(maps, i).reduce((sum, value) => sum + value ** 3, 0)).toBeGreaterThanOrEqual(0);
  }
  const again = await independentMaps({ ...place, mixed, squares, seed: 9 }, algebra, quiet);
  for (const r of bestMatches(maps, again.maps)) expect(r).toBeGreaterThan(0.999);
});

test('dictionary learning finds sparse overlapping maps that rotated atoms hide', async () => {
  const generator = Generator.fromSeed(4);
  const [voxels, features, count] = [3000, 12, 5];
  const atoms = createMatrix(count, features);
  for (let i = 0; i < atoms.data.length; i++) atoms.data[i] = uniform(generator) / Math.sqrt(features);
  const truth = createMatrix(count, voxels);
  for (let i = 0; i < truth.data.length; i++)
    if (generator.nextSymmetric() > 0.6) truth.data[i] = 1 + generator.nextSymmetric() / 3;
  const signals = createMatrix(voxels, features);
  for (let v = 0; v < voxels; v++)
    for (let f = 0; f < features; f++) {
      let value = 0.05 * uniform(generator);
      for (let j = 0; j < count; j++) value += truth.data[j * voxels + v]! * atoms.data[j * features + f]!;
      signals.data[v * features + f] = value;
    }
  const first = createMatrix(count, features);
  for (let j = 0; j < count; j++)
    for (let f = 0; f < features; f++)
      for (let k = 0; k < count; k++) first.data[j * features + f]! += (j === k ? 1 : 0.5) * atoms.data[k * features + f]!;
  const { maps, costs, zeros } = await sparseMaps({ signals, atoms: first, penalty: 0.1, seed: 0 }, quiet);
  for (const r of bestMatches(truth, maps)) expect(r).toBeGreaterThan(0.95);
  expect(zeros).toBeGreaterThan(0.5);
  expect(zeros).toBeLessThan(0.95);
  for (let i = 1; i < costs.length; i++) expect(costs[i]!).toBeLessThan(costs[i - 1]! * 1.001);
});

async function request(changes: Partial<DecompositionRequest> = {}): Promise<DecompositionRequest> {
  const samples = runsOf(sources(400), [40, 40, 30], 0.3, 'float16');
  return {
    ...{
      ...place,
      method: 'group-ica',
      fbns: 4,
      seed: 0,
      sparsity: 1.2,
      samples,
      voxels: 400,
      excludedVoxels: Uint32Array.of(7),
    },
    ...{ keepBytes: 0, folder: await newFolder(), key: 'a', ...changes },
  };
}

test.each(['group-ica', 'dictionary'] as const)(
  '%s of runs finds the maps they were made of, and encodes runs by them',
  async (method) => {
    const asked = await request({ method });
    const { best, held } = await decompose(asked, quiet);
    expect(held).toBeGreaterThan(0.9);
    const maps = await fbnMaps(best);
    expect([maps.data[7], maps.data[407]]).toEqual([NaN, NaN]);
    maps.data.forEach((value, i) => Number.isNaN(value) && (maps.data[i] = 0));
    for (const r of bestMatches(sources(400), maps)) expect(r).toBeGreaterThan(method === 'group-ica' ? 0.95 : 0.8);
    const runs: EncodedRun[] = [];
    await encodeRuns(
      { ...place, device: 'cpu', checkpoint: best, samples: asked.samples },
      quiet,
      (_, run) => void runs.push(run),
    );
    for (const { explainedVariance } of runs) expect(explainedVariance).toBeGreaterThan(0.8);
  },
);

test('cancelled between two runs it goes on to the same maps, bit for bit; with other runs it begins anew', async () => {
  const whole = await decompose(await request(), quiet);
  const asked = await request();
  const stop = new AbortController();
  let reports = 0;
  const progress = () => ++reports === 5 && stop.abort();
  await expect(decompose(asked, { ...quiet, signal: stop.signal, progress })).rejects.toThrow(CancelledError);
  expect(existsSync(join(asked.folder, 'principal.safetensors'))).toBe(true);
  const resumed = await decompose(asked, quiet);
  expect((await fbnMaps(resumed.best)).data).toEqual((await fbnMaps(whole.best)).data);
  expect(resumed.passes).toBe(whole.passes);
  expect(existsSync(join(asked.folder, 'principal.safetensors'))).toBe(false);
});

test('more FBNs than the runs have components are refused with how many there are', async () => {
  await expect(decompose(await request({ fbns: 111 }), quiet)).rejects.toThrow(
    /at most 110 FBNs, for 110 volumes of 399 voxels, found 111/,
  );
});
