import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeActivation } from '../../src-main/compute/store-activation';
import { ActivationCache } from '../../src-main/project/activation-cache';
import { createMatrix } from '../../src-preload/shared/domain/matrix';
import { median, milliseconds, type BenchmarkResult } from './benchmark';

const [FILTERS, FRAMES, MOVIE_RUNS] = [2208, 900, 4];

/** Reading stored activations: one filter for its trace, and whole layers for coupling. */
export async function run(): Promise<BenchmarkResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  try {
    const file = join(folder, 'activations.sqlite');
    const raw = fill(file);
    const one: number[] = [];
    for (let i = 0; i < 400; i++) {
      // As a window asks for it: the cache is opened for each question.
      const time = await milliseconds(() => {
        const cache = ActivationCache.openReadOnly(file);
        cache.readFilterSeries(`run-${i % MOVIE_RUNS}`, (i * 997) % FILTERS);
        cache.close();
      });
      one.push(time);
    }
    // As coupling does: by a process that also writes.
    const cache = ActivationCache.open(file);
    const layer: number[] = [];
    for (let i = 0; i < 5 * MOVIE_RUNS; i++)
      layer.push(await milliseconds(() => cache.readFilterActivation(`run-${i % MOVIE_RUNS}`)));
    cache.close();
    const layerBytes = FILTERS * FRAMES * 4;
    return [
      {
        name: 'reading a trace',
        ratio: `milliseconds to read one filter's activation out of ${FILTERS} × ${FRAMES}, median`,
        value: median(one),
        bound: { atMost: 2 },
        details: { percentile99Ms: one.toSorted((a, b) => a - b)[Math.floor(0.99 * one.length)]! },
      },
      {
        name: 'reading a layer',
        ratio: 'MB/s of reading a whole layer for coupling',
        value: layerBytes / 1e6 / (median(layer) / 1000),
        bound: { atLeast: 500 },
        details: { medianMs: median(layer), megabytes: layerBytes / 1e6 },
      },
      {
        name: 'activations on disk',
        ratio: 'bytes of the database ÷ bytes of the float32 numbers in it',
        value: statSync(file).size / raw,
        bound: { atMost: 1.2 },
        details: { databaseMegabytes: statSync(file).size / 1e6 },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fill(file: string): number {
  const cache = ActivationCache.open(file);
  const matrix = createMatrix(FILTERS, FRAMES);
  for (let run = 0; run < MOVIE_RUNS; run++) {
    for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = ((i * 2654435761 + run) >>> 8) / 2 ** 24;
    storeActivation(cache, `run-${run}`, matrix, {});
  }
  cache.close();
  return MOVIE_RUNS * matrix.data.byteLength;
}
