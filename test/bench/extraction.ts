import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeModel } from '../../src-main/cnn/describe-model';
import { Extraction } from '../../src-main/cnn/extraction';
import { readModel } from '../../src-main/cnn/read-model';
import { selectLayers } from '../../src-main/cnn/select-layers';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { encodeModel } from '../../src-main/onnx/model';
import { openFrameSeries } from '../../src-main/stimulus/frame-series';
import { locateFfmpeg } from '../../src-main/stimulus/ffmpeg';
import { quietContext } from '../../src-preload/shared/domain/work';
import { writeRandomModel } from '../fixtures/random-model';
import { median, type BenchmarkResult } from './benchmark';

const WIDTH = 256;
const HEIGHT = 180;
const BATCH = 8;
/** Runs of a network in one measurement, and measurements of either side, taken in turns. */
const RUNS = 16;
const ROUNDS = 5;
/** Runs before the clock is started: the decoder has run ahead by then as far as it may, which is once in a movie. */
const RUNS_BEFORE = 8;
/** `SYNCACT_BENCH_NETWORKS=mobilenet_v2 npm run bench extraction` for some of them. */
const NETWORKS = (process.env.SYNCACT_BENCH_NETWORKS ?? 'resnet18,resnet50,mobilenet_v2').split(',');
/** The movie at the size that the CNN sees, and at that of the HCP's films, which costs more to decode. */
const SOURCES = ['256x180', '1024x720'];

/**
 * The whole extraction from a video file (decoded, resized, normalised, five taps out) against the same network run bare on float32
 * input that is ready, in the engine's own settings. Stretches of either are timed in turns, so that whatever else the machine does
 * meets both alike; the decoder starts anew for each stretch, so that it gains nothing while the bare network runs.
 */
export async function run(): Promise<BenchmarkResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  try {
    const videos = SOURCES.map((size) => makeMovie(join(folder, `${size}.mp4`), { size }));
    const results: BenchmarkResult[] = [];
    for (const name of NETWORKS) {
      const file = join(folder, `${name}.onnx`);
      await writeRandomModel(file, name, 1000);
      results.push(await compare(name, file, videos));
      rmSync(file);
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(name: string, file: string, [video, film]: string[]): Promise<BenchmarkResult> {
  const model = await readModel(file);
  const layers = selectLayers(describeModel(model), 'blocks');
  const bare = await onnxruntimeEngine.createSession(encodeModel(model.model));
  const settings = { engine: onnxruntimeEngine, model, layers, reducers: ['max'] as const, batchSize: BATCH };
  const extraction = await Extraction.open(settings, { width: WIDTH, height: HEIGHT }, quietContext());
  const ready = Float32Array.from({ length: BATCH * HEIGHT * WIDTH * 3 }, (_, i) => (((i * 2654435761) >>> 24) - 127) / 64);
  const input = { [bare.inputNames[0]!]: { type: 'float32', dims: [BATCH, 3, HEIGHT, WIDTH], data: ready } } as const;
  const runBare = async () => {
    await bare.run(input);
    const started = performance.now();
    for (let i = 0; i < RUNS; i++) await bare.run(input);
    return (performance.now() - started) / RUNS;
  };
  const times: { extracted: number; fromFilm: number; bare: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const extracted = await timeExtraction(extraction, video!);
    const bareTime = await runBare();
    const time = { extracted, fromFilm: await timeExtraction(extraction, film!), bare: bareTime };
    // The first round allocates memory.
    if (round > 0) times.push(time);
  }
  await extraction.release();
  await bare.release();
  return {
    name: `extraction ${name}`,
    ratio: `frames/s of ${name} with five taps from a video file ÷ frames/s of the bare network on ready float32 input`,
    value: median(times.map(({ extracted, bare: time }) => time / extracted)),
    bound: { atLeast: 0.9 },
    details: {
      extractionFramesPerSecond: (1000 * BATCH) / median(times.map(({ extracted }) => extracted)),
      bareFramesPerSecond: (1000 * BATCH) / median(times.map(({ bare: time }) => time)),
      [`ratioFromVideoOf${SOURCES[1]}`]: median(times.map(({ fromFilm, bare: time }) => time / fromFilm)),
      taps: layers.map((layer) => layer.name).join(', '),
      frames: `${ROUNDS} × ${RUNS} runs of ${BATCH} frames of ${WIDTH}×${HEIGHT}, from H.264 of ${SOURCES[0]}`,
    },
  };
}

/** Milliseconds per run, of RUNS runs after RUNS_BEFORE. */
async function timeExtraction(extraction: Extraction, video: string): Promise<number> {
  const frames = await openFrameSeries(video, { width: WIDTH, height: HEIGHT }, quietContext());
  let [started, runs, ended] = [NaN, 0, NaN];
  await extraction.run(
    {
      ...frames,
      next: (most) => (runs >= RUNS_BEFORE + RUNS ? Promise.resolve({ count: 0, pixels: new Uint8Array() }) : frames.next(most)),
    },
    ({ count }) => {
      if (count < BATCH || runs >= RUNS_BEFORE + RUNS) return;
      ended = performance.now();
      if (++runs === RUNS_BEFORE) started = ended;
    },
    quietContext(),
  );
  await frames.close();
  return (ended - started) / (runs - RUNS_BEFORE);
}

/** Something that moves, with as much detail as a film. */
export function makeMovie(path: string, { seconds = 8, size = SOURCES[0]! } = {}): string {
  const source = `mandelbrot=size=${size}:rate=25,noise=alls=6:allf=t`;
  const parameters = ['-y', '-loglevel', 'error', '-f', 'lavfi', '-i', source, '-t', String(seconds)];
  const { status, stderr } = spawnSync(locateFfmpeg(), [
    ...parameters,
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-pix_fmt',
    'yuv420p',
    path,
  ]);
  if (status !== 0) throw new Error(`FFmpeg failed: ${stderr.toString()}`);
  return path;
}
