import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeModel } from '../../src-main/cnn/describe-model';
import { Extraction } from '../../src-main/cnn/extraction';
import { readModel } from '../../src-main/cnn/read-model';
import { selectLayers } from '../../src-main/cnn/select-layers';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { openFrameSeries } from '../../src-main/stimulus/frame-series';
import { quietContext } from '../../src-preload/shared/domain/work';
import { writeRandomModel } from '../fixtures/random-model';
import { median, type BenchmarkResult } from './benchmark';
import { makeMovie } from './extraction';

const [WIDTH, HEIGHT, BATCH, RUNS] = [256, 180, 8, 8];
const TAPS = ['relu', 'layer1', 'layer2', 'layer3', 'layer4'];

/**
 * The extraction from a video file against torchvision on tensors that are ready, on the same machine and with the same taps.
 * Needs `python3` with torch and torchvision (Debian: python3-torch, python3-torchvision, libopenblas0-pthread).
 */
export async function run(): Promise<BenchmarkResult> {
  const name = 'extraction against torchvision';
  const ratio = 'frames/s of ResNet-18 with five taps from a video file ÷ frames/s of torchvision with hooks on ready tensors';
  const bound = { atLeast: 4 } as const;
  const python = findPython();
  if (!python) return { name, ratio, value: NaN, bound, details: {}, notRun: 'no python3 has torchvision here' };
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  try {
    const file = join(folder, 'resnet18.onnx');
    await writeRandomModel(file, 'resnet18', 1000);
    const theirs = torchvisionFramesPerSecond(python);
    const ours = await framesPerSecond(file, makeMovie(join(folder, 'movie.mp4')));
    return { name, ratio, value: ours / theirs, bound, details: { framesPerSecond: ours, torchvisionFramesPerSecond: theirs } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The one on the path, or the system's own, which Debian's packages belong to. */
function findPython(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((python) => spawnSync(python, ['-c', 'import torchvision']).status === 0);
}

function torchvisionFramesPerSecond(python: string): number {
  const parameters = [BATCH, HEIGHT, WIDTH, RUNS].map(String);
  const { status, stdout, stderr } = spawnSync(python, [
    join(import.meta.dirname, 'children/torchvision-taps.py'),
    ...parameters,
  ]);
  if (status !== 0) throw new Error(stderr.toString());
  return median(stdout.toString().trim().split('\n').map(Number));
}

async function framesPerSecond(file: string, video: string): Promise<number> {
  const model = await readModel(file);
  const layers = selectLayers(describeModel(model), TAPS);
  const settings = { engine: onnxruntimeEngine, model, layers, reducers: ['max'] as const, batchSize: BATCH };
  const extraction = await Extraction.open(settings, { width: WIDTH, height: HEIGHT }, quietContext());
  const frames = await openFrameSeries(video, { width: WIDTH, height: HEIGHT }, quietContext());
  const summary = await extraction.run(frames, () => {}, quietContext());
  await frames.close();
  await extraction.release();
  return summary.framesPerSecond!;
}
