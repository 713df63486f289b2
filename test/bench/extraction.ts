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
const FRAMES = 64;
const BATCH = 8;
const REPETITIONS = 7;

/**
 * The whole extraction (frames as uint8 in, five taps out) against the same network run bare on float32 input that is ready.
 * The extraction's time is without making its session, as is the bare run's.
 */
export async function run(): Promise<BenchmarkResult> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  try {
    const file = join(folder, 'resnet18.onnx');
    const bytes = buildResNet18();
    writeFileSync(file, bytes);
    const model = await readModel(file);
    const bare = await onnxruntimeEngine.createSession(bytes);
    const pixels = Uint8Array.from({ length: FRAMES * HEIGHT * WIDTH * 3 }, (_, i) => (i * 2654435761) >>> 24);
    const ready = Float32Array.from({ length: BATCH * HEIGHT * WIDTH * 3 }, (_, i) => (((i * 2654435761) >>> 24) - 127) / 64);
    await runBare(bare, ready, 1);
    const rates: { extraction: number; bare: number }[] = [];
    let layers: readonly string[] = [];
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      const bareMilliseconds = await milliseconds(() => runBare(bare, ready, FRAMES / BATCH));
      const extraction = await extract(model, pixels);
      layers = extraction.layers;
      rates.push({ extraction: extraction.framesPerSecond, bare: FRAMES / (bareMilliseconds / 1000) });
    }
    await bare.release();
    return {
      name: 'extraction',
      ratio: 'frames/s of ResNet-18 with five taps from uint8 frames ÷ frames/s of the bare network on ready float32 input',
      value: median(rates.map((rate) => rate.extraction / rate.bare)),
      bound: { atLeast: 0.9 },
      details: {
        extractionFramesPerSecond: median(rates.map((rate) => rate.extraction)),
        bareFramesPerSecond: median(rates.map((rate) => rate.bare)),
        taps: layers.join(', '),
        frames: `${FRAMES} of ${WIDTH}×${HEIGHT}, ${BATCH} per run`,
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runBare(session: EngineSession, input: Float32Array, batches: number): Promise<void> {
  for (let batch = 0; batch < batches; batch++) {
    await session.run({ x: { type: 'float32', dims: [BATCH, 3, HEIGHT, WIDTH], data: input } });
  }
}

async function extract(model: LoadedModel, pixels: Uint8Array): Promise<{ framesPerSecond: number; layers: string[] }> {
  const layers = selectLayers(describeModel(model), 'blocks');
  const request = {
    ...{ engine: onnxruntimeEngine, model, layers, reducer: 'max' as const, batchSize: BATCH },
    frames: framesInMemory(pixels, { width: WIDTH, height: HEIGHT }),
    onBatch: () => {},
  };
  const { framesPerSecond } = await extractActivations(request, quietContext());
  return { framesPerSecond: framesPerSecond ?? NaN, layers: layers.map(({ name }) => name) };
}
