import { expect, test } from 'vitest';
import { createMatrix } from '../../../src-preload/shared/domain/matrix';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { readEmbedding, readMap } from '../../../src-main/embedding/checkpoint';
import { averageOverSubjects, encodeRuns, fbnMaps, type EncodedRun } from '../../../src-main/embedding/encode';
import { trainEmbedding } from '../../../src-main/embedding/train';
import { makeSamples, smallTraining } from './problem';

const quiet = quietContext();

test('activations are the product of the run and the maps', async () => {
  const request = await smallTraining({ settings: { fbns: 3, epochs: 40, batchSize: 2 } });
  const { checkpoints, epochs, bestEpoch } = await trainEmbedding(request, quiet);
  const samples = makeSamples([12, 9], 20, 'float16');
  const runs: EncodedRun[] = [];
  await encodeRuns({ ...request, checkpoint: checkpoints.best, samples }, quiet, (index, run) => {
    expect(index).toBe(runs.length);
    runs.push(run);
  });
  expect(runs.map(({ activations }) => [activations.rows, activations.columns])).toEqual([
    [3, 12],
    [3, 9],
  ]);
  const maps = await fbnMaps(checkpoints.best);
  const bits = new Uint16Array(9 * 20);
  await samples[1]!.load(bits);
  const S = new Float16Array(bits.buffer);
  for (let i = 0; i < 3; i++)
    for (let t = 0; t < 9; t++) {
      let sum = 0;
      for (let v = 0; v < 20; v++) sum += S[t * 20 + v]! * maps.data[i * 20 + v]!;
      expect(runs[1]!.activations.data[i * 9 + t]).toBeCloseTo(sum, 4);
    }
  // Two series planted in each run, three FBNs: most of the variance is found again.
  for (const { explainedVariance } of runs) expect(explainedVariance).toBeGreaterThan(0.8);
  expect(epochs[bestEpoch - 1]!.validationLoss).toBeLessThan(0.3);
});

test('explained variance agrees with the validation loss', async () => {
  const request = await smallTraining({ excludedVoxels: Uint32Array.of(2) });
  const { checkpoints, epochs } = await trainEmbedding(request, quiet);
  let unexplained = 0;
  await encodeRuns({ ...request, checkpoint: checkpoints.last, samples: request.validation }, quiet, async (index, run) => {
    const source = request.validation[index]!;
    const S = new Float32Array(source.time * 20);
    await source.load(S);
    const variance = S.reduce((sum, value, i) => (i % 20 === 2 ? sum : sum + value * value), 0);
    unexplained += (1 - run.explainedVariance) * variance;
  });
  const values = request.validation.reduce((sum, { time }) => sum + time * 19, 0);
  expect(unexplained / values).toBeCloseTo(epochs.at(-1)!.validationLoss!, 5);
});

test('maps are rows of the encoder, without a value where a voxel took no part', async () => {
  const request = await smallTraining({ excludedVoxels: Uint32Array.of(0, 19) });
  const { checkpoints } = await trainEmbedding(request, quiet);
  const { rows, columns, data } = await fbnMaps(checkpoints.best);
  const { theta } = await readEmbedding(checkpoints.best);
  expect([rows, columns]).toEqual([3, 20]);
  for (let i = 0; i < data.length; i++) {
    if (i % 20 === 0 || i % 20 === 19) expect(data[i]).toBeNaN();
    else expect(data[i]).toBe(theta[i]);
  }
  for (const fbn of [0, 2]) expect(await readMap(checkpoints.best, fbn)).toEqual(data.subarray(fbn * 20, fbn * 20 + 20));
  await expect(readMap(checkpoints.best, 6)).rejects.toThrow(/rows 6 to 7/);
});

test('runs of another mask and foreign checkpoints are refused', async () => {
  const request = await smallTraining();
  const { checkpoints } = await trainEmbedding(request, quiet);
  const encode = (checkpoint: string, voxels: number) =>
    encodeRuns({ ...request, checkpoint, samples: makeSamples([4], voxels) }, quiet, () => {});
  await expect(encode(checkpoints.best, 21)).rejects.toThrow(/sub-1 \(expected 20 voxels, found 21\)/);
  await expect(encode(`${checkpoints.best}.gone`, 20)).rejects.toThrow(/ENOENT/);
});

test('the mean over subjects', () => {
  const matrix = (values: number[]) => ({ ...createMatrix(2, 2), data: Float32Array.from(values) });
  expect(averageOverSubjects([matrix([1, 2, 3, 4]), matrix([3, 2, 1, 0])])).toEqual(matrix([2, 2, 2, 2]));
  expect(() => averageOverSubjects([createMatrix(2, 2), createMatrix(2, 3)])).toThrow(
    /expected 2 FBNs × 2 time points, found 2 × 3/,
  );
  expect(() => averageOverSubjects([])).toThrow(/no subject/);
});
