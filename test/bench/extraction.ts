import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeModel } from '../../src-main/cnn/describe-model';
import { extractActivations } from '../../src-main/cnn/extract-activations';
import { readModel, type LoadedModel } from '../../src-main/cnn/read-model';
import { selectLayers } from '../../src-main/cnn/select-layers';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import type { EngineSession } from '../../src-preload/shared/domain/engine';
import { framesInMemory } from '../../src-preload/shared/domain/frames';
import { quietContext } from '../../src-preload/shared/domain/work';
import { median, milliseconds, type BenchmarkResult } from './benchmark';
import { buildResNet18 } from './resnet18';

const WIDTH = 256;
const HEIGHT = 180;
const BATCH = 8;
const BATCHES = 24;

/**
 * The whole extraction (frames as uint8 in, five taps out) against the same network run bare on float32 input that is ready.
 * After every batch of the extraction one bare run is timed, so that whatever else the machine does meets both alike.
 */
export async function run(): Promise<BenchmarkResult> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  try {
    const file = join(folder, 'resnet18.onnx');
    const bytes = buildResNet18();
    writeFileSync(file, bytes);
    const bare = await onnxruntimeEngine.createSession(bytes);
    const { taps, extractionMilliseconds, bareMilliseconds } = await timeBatches(await readModel(file), bare);
    await bare.release();
    return {
      name: 'extraction',
      ratio: 'frames/s of ResNet-18 with five taps from uint8 frames ÷ frames/s of the bare network on ready float32 input',
      value: median(extractionMilliseconds.map((time, i) => bareMilliseconds[i]! / time)),
      bound: { atLeast: 0.9 },
      details: {
        extractionFramesPerSecond: (1000 * BATCH) / median(extractionMilliseconds),
        bareFramesPerSecond: (1000 * BATCH) / median(bareMilliseconds),
        taps: taps.join(', '),
        frames: `${BATCHES} runs of ${BATCH} frames of ${WIDTH}×${HEIGHT}`,
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function timeBatches(model: LoadedModel, bare: EngineSession) {
  const layers = selectLayers(describeModel(model), 'blocks');
  const pixels = Uint8Array.from({ length: (BATCHES + 1) * BATCH * HEIGHT * WIDTH * 3 }, (_, i) => (i * 2654435761) >>> 24);
  const ready = Float32Array.from({ length: BATCH * HEIGHT * WIDTH * 3 }, (_, i) => (((i * 2654435761) >>> 24) - 127) / 64);
  const input = { x: { type: 'float32', dims: [BATCH, 3, HEIGHT, WIDTH], data: ready } } as const;
  const extractionMilliseconds: number[] = [];
  const bareMilliseconds: number[] = [];
  let batchStarted = NaN;
  const request = {
    ...{ engine: onnxruntimeEngine, model, layers, reducer: 'max' as const, batchSize: BATCH },
    frames: framesInMemory(pixels, { width: WIDTH, height: HEIGHT }),
    onBatch: async (startFrame: number) => {
      const extraction = performance.now() - batchStarted;
      const time = await milliseconds(() => bare.run(input));
      // The first run of both allocates memory.
      if (startFrame > 0) {
        extractionMilliseconds.push(extraction);
        bareMilliseconds.push(time);
      }
      batchStarted = performance.now();
    },
  };
  await extractActivations(request, quietContext());
  return { taps: layers.map(({ name }) => name), extractionMilliseconds, bareMilliseconds };
}
