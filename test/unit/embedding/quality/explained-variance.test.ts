import { Matrix as DenseMatrix, solve } from 'ml-matrix';
import { afterAll, expect, test } from 'vitest';
import { Generator } from '../../../../src-main/embedding/generator';
import { ExplainedVariance } from '../../../../src-main/embedding/quality/explained-variance';
import { samplesInMemory, type LoadedSample } from '../../../../src-main/embedding/samples';
import { onnxruntimeEngine } from '../../../../src-main/engines/onnxruntime';

const [time, voxels, fbns] = [40, 25, 5];
const generator = Generator.fromSeed(3);
const random = (length: number) => Float32Array.from({ length }, () => generator.nextSymmetric());
const excluded = Uint32Array.of(4, 11);
const explained = new ExplainedVariance(onnxruntimeEngine, voxels, excluded);
afterAll(() => explained.release());

/** Values with mean 0 over time in every voxel, as run files have them. */
function centred(): Float32Array {
  const values = random(time * voxels);
  for (let v = 0; v < voxels; v++) {
    let mean = 0;
    for (let t = 0; t < time; t++) mean += values[t * voxels + v]! / time;
    for (let t = 0; t < time; t++) values[t * voxels + v]! -= mean;
  }
  return values;
}

function loaded(values: Float32Array | Uint16Array): LoadedSample {
  return { source: samplesInMemory('run', time, voxels, values as Float32Array<ArrayBuffer>), values: values as never };
}

function sumOfSquares(values: Float32Array): number {
  return values.reduce((sum, value, i) => sum + (excluded.includes(i % voxels) ? 0 : value * value), 0);
}

/** The same by a regression of every voxel, in float64. */
function byRegression(values: Float32Array, activations: Float32Array, rows: readonly number[]): number {
  const design = new DenseMatrix(time, rows.length + 1);
  const target = new DenseMatrix(time, voxels);
  for (let t = 0; t < time; t++) {
    design.set(t, 0, 1);
    for (const [column, row] of rows.entries()) design.set(t, column + 1, activations[row * time + t]!);
    for (let v = 0; v < voxels; v++) target.set(t, v, excluded.includes(v) ? 0 : values[t * voxels + v]!);
  }
  const residual = target.clone().sub(design.mmul(solve(design, target)));
  return target.norm() ** 2 - residual.norm() ** 2;
}

const all = Array.from({ length: fbns }, (_, i) => i);

test('what activations explain together, alone and uniquely is that of least squares', async () => {
  const values = centred();
  const activations = random(fbns * time).map((value, i) => value + Math.floor(i / time));
  const total = sumOfSquares(values);
  const found = await explained.of(loaded(values), { rows: fbns, columns: time, data: activations }, total);
  expect(found.total).toBe(total);
  expect(found.together).toBeCloseTo(byRegression(values, activations, all), 3);
  for (const i of all) {
    expect(found.alone[i]).toBeCloseTo(byRegression(values, activations, [i]), 3);
    const others = byRegression(
      values,
      activations,
      all.filter((j) => j !== i),
    );
    expect(found.unique[i]).toBeCloseTo(byRegression(values, activations, all) - others, 3);
  }
});

test('activations that are the same explain nothing beyond each other, a constant one nothing at all', async () => {
  const values = centred();
  const activations = random(fbns * time);
  activations.copyWithin(time, 0, time);
  activations.fill(1.7, 2 * time, 3 * time);
  const found = await explained.of(loaded(values), { rows: fbns, columns: time, data: activations }, 1);
  expect(found.together).toBeCloseTo(byRegression(values, activations, [0, 3, 4]), 2);
  expect(found.alone[0]).toBeCloseTo(found.alone[1]!, 3);
  expect(found.alone[0]).toBeGreaterThan(1);
  expect(Math.abs(found.unique[0]!)).toBeLessThan(1e-3);
  expect(Math.abs(found.unique[1]!)).toBeLessThan(1e-3);
  expect([found.alone[2], found.unique[2]]).toEqual([0, 0]);
});

test('float16 samples are taken as they are', async () => {
  const bits = new Uint16Array(new Float16Array(centred()).buffer);
  const widened = Float32Array.from(new Float16Array(bits.buffer));
  const activations = { rows: fbns, columns: time, data: random(fbns * time) };
  const [half, single] = [await explained.of(loaded(bits), activations, 1), await explained.of(loaded(widened), activations, 1)];
  expect(half).toEqual(single);
});
