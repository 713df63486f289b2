import { expect, test } from 'vitest';
import { Generator } from '../../../../src-main/embedding/generator';
import { ActivationMaps } from '../../../../src-main/embedding/quality/activation-maps';
import { samplesInMemory, type LoadedSample } from '../../../../src-main/embedding/samples';
import { onnxruntimeEngine } from '../../../../src-main/engines/onnxruntime';

const [voxels, fbns] = [7, 3];
const generator = Generator.fromSeed(5);

/** A run whose voxels are z-scored over time, as run files have them. */
function run(time: number): { sample: LoadedSample; activations: Float32Array } {
  const values = Float32Array.from({ length: time * voxels }, () => generator.nextSymmetric());
  for (let v = 0; v < voxels; v++) {
    const series = Array.from({ length: time }, (_, t) => values[t * voxels + v]!);
    const mean = series.reduce((sum, value) => sum + value, 0) / time;
    const deviation = Math.sqrt(series.reduce((sum, value) => sum + (value - mean) ** 2, 0) / time);
    series.forEach((value, t) => (values[t * voxels + v] = (value - mean) / deviation));
  }
  const activations = Float32Array.from({ length: fbns * time }, () => 3 + generator.nextSymmetric());
  activations.fill(2, 2 * time);
  return { sample: { source: samplesInMemory('run', time, voxels, values), values }, activations };
}

function pearson(x: number[], y: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const sum = (f: (i: number) => number) => x.reduce((total, _, i) => total + f(i), 0);
  return sum((i) => (x[i]! - mx) * (y[i]! - my)) / Math.sqrt(sum((i) => (x[i]! - mx) ** 2) * sum((i) => (y[i]! - my) ** 2));
}

test('a map is the mean over runs of the r of an activation with every voxel; 0 for a constant one', async () => {
  const runs = [run(30), run(44)];
  const maps = new ActivationMaps(onnxruntimeEngine, fbns, voxels);
  for (const { sample, activations } of runs)
    await maps.add(sample, { rows: fbns, columns: sample.source.time, data: activations });
  const { data } = maps.means();
  await maps.release();
  for (let fbn = 0; fbn < 2; fbn++)
    for (let v = 0; v < voxels; v++) {
      const expected = runs.map(({ sample: { source, values }, activations }) => {
        const times = Array.from({ length: source.time }, (_, t) => t);
        return pearson(
          times.map((t) => activations[fbn * source.time + t]!),
          times.map((t) => (values as Float32Array)[t * voxels + v]!),
        );
      });
      expect(data[fbn * voxels + v]).toBeCloseTo((expected[0]! + expected[1]!) / 2, 5);
    }
  expect([...data.subarray(2 * voxels)]).toEqual(Array(voxels).fill(0));
});
