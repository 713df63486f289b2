import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';
import { MNI_4MM } from '../../../src-preload/shared/domain/grid';
import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { hashFile } from '../../../src-main/files/hash';
import { discoverBids } from '../../../src-main/fmri/bids';
import { readMask, type Mask } from '../../../src-main/fmri/mask';
import { readNiftiHeader, readVolumes } from '../../../src-main/fmri/nifti/read';
import {
  DISTRACTOR_NETWORKS,
  generatePhantom,
  PLANTED_NETWORKS,
  type PhantomRequest,
  type PhantomSummary,
} from '../../../src-main/phantom/generate';
import { movieActivations } from '../../../src-main/phantom/movie-activations';
import { readPlanted, type Planted } from '../../../src-main/phantom/planted-file';
import { BASELINE, NOISE_UNITS } from '../../../src-main/phantom/scans';
import { OWN_AMPLITUDE, SHARED_AMPLITUDE, zScored } from '../../../src-main/phantom/signals';

const trs = 80;
const subjects = 3;
const small: Omit<PhantomRequest, 'folder'> = {
  subjects,
  runs: 1,
  trsPerRun: trs,
  seed: 11,
  engine: onnxruntimeEngine,
  version: '1',
};
let root: string;
let summary: PhantomSummary;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'phantom-'));
  summary = await generatePhantom({ ...small, folder: join(root, 'first') }, quietContext());
}, 120_000);
afterAll(() => rm(root, { recursive: true }));

describe('the data', () => {
  let mask: Mask;
  let planted: Planted;
  let maps: Matrix;
  /** z-scored series of the brain's voxels, [time][voxels], of each subject. */
  const scans: Float32Array[][] = [];

  beforeAll(async () => {
    mask = await readMask(summary.mask);
    ({ planted, maps } = await readPlanted(summary.plantedFile, mask));
    for (const { bold } of (await discoverBids(summary.bidsFolder)).runs) {
      const volumes: Float32Array[] = [];
      for await (const volume of readVolumes(bold, await readNiftiHeader(bold))) volumes.push(volume.slice());
      scans.push(volumes);
    }
  });

  const voxelSeries = (scan: Float32Array[], n: number) => Float64Array.from(scan, (volume) => volume[mask.voxels[n]!]!);

  test('are found as a BIDS dataset with masks and repetition times', async () => {
    const { runs, problems } = await discoverBids(summary.bidsFolder);
    expect(problems).toEqual([]);
    expect(runs.map(({ subject, movieRun, volumes }) => [subject, movieRun, volumes])).toEqual(
      [1, 2, 3].map((subject) => [`sub-0${subject}`, summary.movies[0]!.movieRun, trs]),
    );
    for (const run of runs) {
      expect([run.sidecarTrSeconds, run.headerTrSeconds, run.space]).toEqual([1, 1, 'MNI']);
      expect((await readMask(run.mask!)).hash).toBe(mask.hash);
      expect((await readNiftiHeader(run.bold)).grid).toEqual(MNI_4MM);
    }
  });

  test('are 0 outside the brain, and about 1000 with the stated noise inside', () => {
    const inside = new Set(mask.voxels);
    expect(scans[0]!.every((volume) => volume.every((value, voxel) => value === 0 || inside.has(voxel)))).toBe(true);
    const far = [...maps.data.subarray(0, maps.columns).keys()].filter((n) => every(maps, (map) => map[n]! < 0.01));
    const series = far.slice(0, 800).map((n) => voxelSeries(scans[0]!, n));
    const means = series.map((one) => mean(one));
    expect(Math.min(...means)).toBeGreaterThan(0.7 * BASELINE);
    expect(Math.max(...means)).toBeLessThan(1.3 * BASELINE);
    expect(Math.sqrt(mean(series.map(variance)))).toBeGreaterThan(0.9 * NOISE_UNITS);
    expect(Math.sqrt(mean(series.map(variance)))).toBeLessThan(1.1 * NOISE_UNITS);
  });

  test('hold networks that follow their filters as strongly as stated, and distractors that follow none', async () => {
    const session = await onnxruntimeEngine.createSession(await readFile(summary.model));
    const activations = await movieActivations(session, summary.movies[0]!.video, trs, 1, quietContext());
    await session.release();
    const shares = planted.networks.map(({ filter }, k) => {
      const index = filter?.index ?? planted.networks[0]!.filter!.index;
      const series = zScored(matrixRow(activations, index));
      // Close to a centre: a subject's network is displaced by a few millimetres.
      const core = [...matrixRow(maps, k).keys()].filter((n) => matrixRow(maps, k)[n]! > 0.8);
      const r = scans.flatMap((scan) => core.map((n) => correlation(voxelSeries(scan, n), series)));
      return Math.sign(mean(r)) * mean(r) ** 2;
    });
    const expected = SHARED_AMPLITUDE ** 2 / (1 + SHARED_AMPLITUDE ** 2 * (1 + OWN_AMPLITUDE ** 2));
    const following = shares.filter((_, k) => planted.networks[k]!.filter);
    expect(mean(following)).toBeGreaterThan(0.4 * expected);
    expect(mean(following)).toBeLessThan(1.1 * expected);
    const others = shares.filter((_, k) => !planted.networks[k]!.filter);
    expect(Math.abs(mean(others))).toBeLessThan(0.25 * expected);
  });
});

test('the truth names networks, filters and distractors', () => {
  const { networks } = summary.planted;
  expect(networks.filter(({ filter }) => filter)).toHaveLength(PLANTED_NETWORKS);
  expect(networks.filter(({ filter }) => !filter)).toHaveLength(DISTRACTOR_NETWORKS);
  const filters = networks.flatMap(({ filter }) => (filter ? [filter.index] : []));
  expect(new Set(filters).size).toBe(PLANTED_NETWORKS);
  expect(summary.noiseDescription).toMatch(
    /^tSNR 67 outside networks; inside a network its filter explains on average (9|10)\.\d % /,
  );
});

test('the same seed gives the same bytes', async () => {
  const folders = ['a', 'b'].map((name) => join(root, name));
  for (const folder of folders) await generatePhantom({ ...small, subjects: 1, trsPerRun: 50, folder }, quietContext());
  const scan = 'bids/sub-01/func/sub-01_task-phantom_run-1_space-MNI_desc-preproc_bold.nii.gz';
  for (const file of ['movies/run-1.mp4', 'planted.json', 'planted-maps.nii.gz', scan])
    expect(await hashFile(join(folders[0]!, file)), file).toBe(await hashFile(join(folders[1]!, file)));
}, 60_000);

test('cancelling stops between volumes and leaves no unfinished file', async () => {
  const stop = new AbortController();
  const progress = ({ unit }: { unit: string }) => unit === 'volumes' && stop.abort();
  const folder = join(root, 'cancelled');
  await expect(
    generatePhantom({ ...small, trsPerRun: 50, folder }, { ...quietContext(), signal: stop.signal, progress }),
  ).rejects.toThrow(CancelledError);
  const files = await readdir(folder, { recursive: true });
  expect(files.filter((name) => /unfinished|bold|planted/.test(name))).toEqual([]);
}, 60_000);

test.each([{ subjects: 0 }, { runs: 1.5 }, { trsPerRun: 3 }, { trSeconds: 0 }, { noise: -1 }, { noise: NaN }, { seed: 0.5 }])(
  '%o is refused',
  async (wrong) => {
    await expect(generatePhantom({ ...small, ...wrong, folder: join(root, 'never') }, quietContext())).rejects.toThrow(UserError);
  },
);

test('a file that is no truth of a phantom is explained', async () => {
  const mask = await readMask(summary.mask);
  await expect(readPlanted(join(summary.bidsFolder, 'dataset_description.json'), mask)).rejects.toThrow(
    /not the truth of a phantom/,
  );
  await expect(readPlanted(join(summary.bidsFolder, 'participants.tsv'), mask)).rejects.toThrow(/no JSON/);
});

function every({ rows, columns, data }: Matrix, holds: (map: Float32Array) => boolean): boolean {
  return Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns)).every(holds);
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: ArrayLike<number>): number {
  return mean(Array.from(values, (value) => value * value)) - mean(values) ** 2;
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const product = mean(Array.from(a, (value, t) => value * b[t]!)) - mean(a) * mean(b);
  return product / Math.sqrt(variance(a) * variance(b));
}
