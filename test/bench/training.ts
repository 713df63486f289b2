import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Generator } from '../../src-main/embedding/generator';
import type { EmbeddingSettings } from '../../src-main/embedding/settings';
import { writeRunFile } from '../../src-main/files/run-file';
import type { BenchmarkResult } from './benchmark';
import type { ChildRequest, ChildResult } from './children/training';

/*
 * Whole trainings at the size of the HCP data: peak memory, what reading costs where runs do not fit in memory, the same steps in
 * PyTorch, and with --paper-scale an epoch over 440 run files. `npm run bench training [-- --paper-scale] [-- --runs=N]`.
 */
const [time, voxels, fbns, batch, heads] = [900, 28_549, 64, 16, 8];
const GIB = 2 ** 30;
const BYTES_PER_RUN = time * voxels * 2;
const isPaperScale = process.argv.includes('--paper-scale');
const runsAsked = Number(process.argv.find((argument) => argument.startsWith('--runs='))?.slice('--runs='.length) ?? 440);

const forms: readonly { name: string; key: 'lt' | 'lt-msa' | 'lt-lstm'; settings: Partial<EmbeddingSettings> }[] = [
  { name: 'LT', key: 'lt', settings: { variant: 'lt' } },
  { name: `LT+MSA, ${heads} heads`, key: 'lt-msa', settings: { variant: 'lt-msa', heads } },
  { name: 'LT+LSTM', key: 'lt-lstm', settings: { variant: 'lt-lstm' } },
];

/** How many times the samples per second of PyTorch are wanted. */
const wantedOfPyTorch = { lt: 7, 'lt-msa': 6 } as const;

export async function run(): Promise<BenchmarkResult[]> {
  const runs = isPaperScale ? runsAsked : 2 * batch;
  const { bavail, bsize } = statfsSync(tmpdir());
  const needed = runs * BYTES_PER_RUN + GIB;
  if (bavail * bsize < needed)
    throw new Error(`${Math.ceil(needed / GIB)} GiB are needed in ${tmpdir()} (another place: TMPDIR=…)`);
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-runs-'));
  try {
    const files = await writeRuns(folder, runs);
    const pytorch = stepsOfPyTorch();
    const results: BenchmarkResult[] = [];
    for (const form of forms) {
      const inMemory = await train({
        folder,
        files: files.slice(0, batch),
        settings: { ...form.settings, epochs: 6 },
        keepBytes: 2 * GIB,
        cold: false,
      });
      const perSample = inMemory.secondsPerEpoch / batch;
      // What does not fit is not kept in float32 either: reading is set against runs kept as they are stored.
      const asStored = await train({
        folder,
        files: files.slice(0, batch),
        settings: { ...form.settings, epochs: 4 },
        keepBytes: 1.5 * batch * BYTES_PER_RUN,
        cold: false,
      });
      const perStored = asStored.secondsPerEpoch / batch;
      const few = files.slice(0, 2 * batch);
      const read = await train({ folder, files: few, settings: { ...form.settings, epochs: 4 }, keepBytes: 0, cold: true });
      results.push(memory(form.name, read), reading(form.name, perStored, read.secondsPerEpoch / few.length, read.cold));
      if (form.key !== 'lt-lstm') results.push(besidePyTorch(form.name, perSample, pytorch, form.key));
      if (isPaperScale)
        results.push(
          paperScale(
            form.name,
            perStored,
            files.length,
            await train({
              folder,
              files,
              settings: { ...form.settings, epochs: 1 },
              keepBytes: Math.floor(process.availableMemory() / 2),
              cold: true,
            }),
          ),
        );
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One run file of noise, copied: what a training takes does not depend on the numbers. */
async function writeRuns(folder: string, count: number): Promise<string[]> {
  const generator = Generator.fromSeed(1);
  const row = () => Float32Array.from({ length: voxels }, () => Math.sqrt(3) * generator.nextSymmetric());
  const files = Array.from({ length: count }, (_, i) => `run-${String(i).padStart(3, '0')}.run`);
  const grid = { shape: [45, 54, 45] as const, affine: [4, 0, 0, -90, 0, 4, 0, -126, 0, 0, 4, -72, 0, 0, 0, 1] };
  const hash = '0'.repeat(64);
  await writeRunFile(
    join(folder, files[0]!),
    {
      time,
      voxels,
      dataType: 'float16',
      trSeconds: 1,
      grid,
      maskHash: hash,
      sourceHash: hash,
      invalidVoxels: [],
      parameters: {},
    },
    (function* () {
      for (let t = 0; t < time; t++) yield row();
    })(),
  );
  for (const [i, file] of files.slice(1).entries()) {
    if (i % 40 === 0 && count > 100) console.error(`  writing run files: ${i} of ${count}`);
    copyFileSync(join(folder, files[0]!), join(folder, file));
  }
  return files;
}

async function train(request: ChildRequest): Promise<ChildResult> {
  const settings = { fbns, batchSize: batch, learningRate: 1e-4, ...request.settings };
  const child = join(import.meta.dirname, 'children/training.ts');
  const viteNode = join(import.meta.dirname, '../../node_modules/vite-node/dist/cli.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [viteNode, child, JSON.stringify({ ...request, settings })], {
    maxBuffer: GIB,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as ChildResult;
}

interface PyTorchSteps {
  version: string;
  threads: number;
  lt: number;
  'lt-msa': number;
}

/** Seconds of a step in PyTorch; undefined where no Python with it is found (Debian: python3-torch with libopenblas0-pthread). */
function stepsOfPyTorch(): PyTorchSteps | undefined {
  const script = join(import.meta.dirname, 'children/pytorch-step.py');
  for (const python of [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter((name) => name !== undefined)) {
    try {
      execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
    } catch {
      continue;
    }
    console.error(`  running PyTorch (${python})`);
    const sizes = [time, voxels, fbns, batch, heads].map(String);
    return JSON.parse(execFileSync(python, [script, ...sizes], { encoding: 'utf8' })) as PyTorchSteps;
  }
  return undefined;
}

function memory(name: string, { peakBytes }: ChildResult): BenchmarkResult {
  return {
    name: `peak memory of a training, ${name}`,
    ratio: 'GiB resident at most, in a process of its own that keeps no run',
    value: peakBytes / GIB,
    bound: { atMost: 2.5 },
    details: { problem: `T ${time}, N ${voxels}, m ${fbns}, batch ${batch}` },
  };
}

function reading(name: string, perSample: number, perSampleRead: number, cold: boolean): BenchmarkResult {
  return {
    name: `reading, ${name}`,
    ratio: 'time per run with all runs in memory ÷ with every run read each time: the share in which the engine is busy',
    value: perSample / perSampleRead,
    bound: { atLeast: 0.85 },
    details: {
      inMemoryMs: 1000 * perSample,
      readMs: 1000 * perSampleRead,
      files: cold ? 'from the disk' : 'perhaps from the system’s memory',
    },
  };
}

function besidePyTorch(
  name: string,
  perSample: number,
  pytorch: PyTorchSteps | undefined,
  key: 'lt' | 'lt-msa',
): BenchmarkResult {
  const result = {
    name: `PyTorch beside it, ${name}`,
    ratio: 'samples per second here ÷ in PyTorch',
    bound: { atLeast: wantedOfPyTorch[key] },
  };
  if (!pytorch) return { ...result, value: NaN, notRun: 'no Python with torch is there', details: {} };
  const { version, threads } = pytorch;
  const theirs = pytorch[key] / batch;
  return {
    ...{ ...result, value: theirs / perSample },
    details: {
      samplesPerSecond: 1 / perSample,
      pytorchSamplesPerSecond: 1 / theirs,
      pytorch: version,
      threads,
      cores: availableParallelism(),
    },
  };
}

function paperScale(name: string, perSample: number, runs: number, { secondsPerEpoch }: ChildResult): BenchmarkResult {
  return {
    name: `an epoch of ${runs} runs, ${name}`,
    ratio: 'measured epoch ÷ its runs at the pace of runs in memory',
    value: secondsPerEpoch / (runs * perSample),
    bound: { atMost: 1 / 0.85 },
    details: { secondsPerEpoch, hoursOf100Epochs: secondsPerEpoch / 36 },
  };
}
