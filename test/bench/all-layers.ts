import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFramesFile } from '../../src-main/files/frames-file';
import { describeModel } from '../../src-main/cnn/describe-model';
import { readModel } from '../../src-main/cnn/read-model';
import { selectLayers } from '../../src-main/cnn/select-layers';
import type { ExtractTask } from '../../src-preload/shared/contract/compute-tasks';
import { quietContext } from '../../src-preload/shared/domain/work';
import { runInComputeProcess } from '../../src-main/jobs/compute-process';
import { ActivationCache } from '../../src-main/project/activation-cache';
import { writeRandomModel } from '../fixtures/random-model';
import type { BenchmarkResult } from './benchmark';

/** `SYNCACT_BENCH_FRAMES=400 npm run bench all-layers` for a short one: memory and size hardly depend on it. */
const FRAMES = Number(process.env.SYNCACT_BENCH_FRAMES ?? 3600);
const SIZE = { width: 256, height: 180 };

/** Every convolution of ResNet-50 over 3,600 frames, in a compute process as a project would start it. */
export async function run(): Promise<BenchmarkResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  try {
    const file = join(folder, 'resnet50.onnx');
    await writeRandomModel(file, 'resnet50', 1000);
    const model = await readModel(file);
    const layers = selectLayers(describeModel(model), 'all');
    await writeFramesFile(join(folder, 'movie.frames'), header(), frames());
    ActivationCache.open(join(folder, 'activations.sqlite')).close();
    const task: ExtractTask = {
      ...{ project: folder, name: 'resnet50', model: file, contentHash: model.hash, reducers: ['max'], frameRule: 'last' },
      ...{ preprocessing: { normalisation: 'imagenet', channelOrder: 'RGB' }, device: 'cpu', batchSize: null, threads: null },
      ...{ unfinished: 'activations.partial', shard: null },
      movieRuns: [
        {
          ...{ movieRun: 'run-1', frames: FRAMES, file: 'movie.frames', start: 0, end: FRAMES },
          movie: { source: '', sourceHash: '', trSeconds: 1, offsetSeconds: 0, ...SIZE },
          layers: layers.map(({ name }) => ({ name, keys: { max: name } })),
        },
      ],
    };
    const started = performance.now();
    const result = (await runInComputeProcess('extract', task, quietContext())) as { peakMemoryBytes: number };
    const seconds = (performance.now() - started) / 1000;
    const raw = layers.reduce((sum, { filters }) => sum + filters! * FRAMES * 4, 0);
    const stored = statSync(join(folder, 'activations.sqlite')).size;
    return [
      {
        name: 'all layers of ResNet-50: memory',
        ratio: `GiB of the compute process at its peak, ${layers.length} layers over ${FRAMES} frames`,
        value: result.peakMemoryBytes / 2 ** 30,
        bound: { atMost: 2 },
        details: { framesPerSecond: FRAMES / seconds, seconds },
      },
      {
        name: 'all layers of ResNet-50: disk',
        ratio: 'bytes of the database ÷ bytes of the float32 numbers in it',
        value: stored / raw,
        bound: { atMost: 1.2 },
        details: { megabytes: stored / 1e6, rawMegabytes: raw / 1e6 },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function header() {
  const times = Array.from({ length: FRAMES }, (_, i) => i + 0.96);
  return { ...SIZE, trSeconds: 1, offsetSeconds: 0, times, sourceHash: '', rule: 'last-frame-of-tr' };
}

function* frames(): Generator<Uint8Array> {
  const pixels = new Uint8Array(SIZE.width * SIZE.height * 3);
  for (let frame = 0; frame < FRAMES; frame++) {
    for (let i = 0; i < pixels.length; i++) pixels[i] = ((i + 977 * frame) * 2654435761) >>> 24;
    yield pixels;
  }
}
