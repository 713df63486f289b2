import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { createMask } from '../../src-main/fmri/mask';
import { decodeMaps } from '../../src-main/semantics/decode';
import { computeTermMaps } from '../../src-main/semantics/meta-analysis/compute-term-maps';
import type { MetaAnalyticDatabase } from '../../src-main/semantics/meta-analysis/read-database';
import { spatialNull } from '../../src-main/semantics/spatial-null/spatial-null';
import { openTermMaps, writeTermMaps } from '../../src-main/semantics/meta-analysis/term-map-file';
import { collectTermStudies } from '../../src-main/semantics/meta-analysis/term-studies';
import { createMatrix } from '../../src-preload/shared/domain/matrix';
import { MNI_4MM } from '../../src-preload/shared/domain/grid';
import { quietContext } from '../../src-preload/shared/domain/work';
import { median, milliseconds, type BenchmarkResult } from './benchmark';

/** As large as Neurosynth 7: 507,891 peaks of 14,371 studies; 50 topics, each used by 10 % of the studies; 3,228 terms. */
const STUDIES = 14_371;
const PEAKS = 507_891;
const TOPICS = 50;
const TERMS = 3228;
const FBNS = 512;
const REPETITIONS = 3;
/** Random maps of the null; 999 take five times as long. */
const NULL_MAPS = 200;

/** A ball of about 28,500 voxels stands for the brain. */
const mask = createMask(MNI_4MM, (voxel) => {
  const [nx, ny] = MNI_4MM.shape;
  const [x, y, z] = [(voxel % nx) - 22, (Math.floor(voxel / nx) % ny) - 27, Math.floor(voxel / (nx * ny)) - 22];
  return (x / 18.5) ** 2 + (y / 22.5) ** 2 + (z / 16.5) ** 2 <= 1;
});

function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function madeUpDatabase(): MetaAnalyticDatabase {
  const random = generator(1);
  const peaks = Float32Array.from({ length: PEAKS * 3 }, (_, i) => [-70, -100, -50][i % 3]! + [140, 170, 120][i % 3]! * random());
  const starts = Int32Array.from({ length: STUDIES + 1 }, (_, study) => Math.floor((study * PEAKS) / STUDIES));
  const entries = Array.from({ length: STUDIES * 5 }, (_, i) => [i % STUDIES, Math.floor(random() * TOPICS), 1] as const);
  const counts = { transformedPeaks: 0, unknownPeaks: 0, unreadablePeaks: 0, unknownTakenAsMni: true };
  return {
    studies: {
      ...{ ids: Array.from({ length: STUDIES }, (_, study) => String(study)), peaks, starts },
      summary: { studies: STUDIES, peaks: PEAKS, spaces: { MNI: STUDIES }, ...counts },
    },
    terms: Array.from({ length: TOPICS }, (_, topic) => `topic ${topic}`),
    topicWords: null,
    termStudies: collectTermStudies(entries, TOPICS, 0.5),
  };
}

/**
 * Seconds for the maps of a 50-topic vocabulary at full scale, their memory; seconds for decoding 512 FBNs by 3,228 terms, and for a
 * spatial null beside.
 */
export async function run(): Promise<BenchmarkResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-semantics-'));
  try {
    return [await mapTopics(folder), await decodeFbns(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function mapTopics(folder: string): Promise<BenchmarkResult> {
  const database = madeUpDatabase();
  let most = 0;
  const context = { ...quietContext(), progress: () => (most = Math.max(most, process.memoryUsage.rss())) };
  const paths = { output: join(folder, 'topics'), pieces: join(folder, 'pieces') };
  const taken = await milliseconds(() => computeTermMaps({ database, mask, ...paths }, context));
  return {
    name: 'term maps',
    ratio: 'seconds for 50 topics of 14,371 studies',
    value: taken / 1000,
    bound: { atMost: 120 },
    details: { voxels: mask.voxels.length, peakMemoryMiB: most / 2 ** 20, wantedMemoryMiB: 2048 },
  };
}

async function decodeFbns(folder: string): Promise<BenchmarkResult> {
  const random = generator(2);
  const noise = new Float16Array(Float32Array.from({ length: mask.voxels.length + TERMS }, () => 8 * random() - 4));
  const path = join(folder, 'terms');
  await writeTermMaps(path, {
    ...{ terms: Array.from({ length: TERMS }, (_, term) => `term ${term}`), mask },
    // Each term's map is the noise from another place on.
    association: (async function* () {
      for (let term = 0; term < TERMS; term++) yield new Uint16Array(noise.slice(term, term + mask.voxels.length).buffer);
    })(),
  });
  const maps = createMatrix(FBNS, mask.voxels.length);
  for (let i = 0; i < maps.data.length; i++) maps.data[i] = random() - 0.5;
  const terms = await openTermMaps(path);
  const times: number[] = [];
  // The first one reads the file into the system's cache.
  for (let repetition = 0; repetition <= REPETITIONS; repetition++)
    times.push(await milliseconds(() => decodeMaps(maps, mask, terms, onnxruntimeEngine, quietContext())));
  const r = await decodeMaps(maps, mask, terms, onnxruntimeEngine, quietContext());
  let most = 0;
  const context = { ...quietContext(), progress: () => (most = Math.max(most, process.memoryUsage.rss())) };
  const request = { maps, mask, terms, r, permutations: NULL_MAPS, seed: 0 };
  const nullMs = await milliseconds(() => spatialNull(request, onnxruntimeEngine, context));
  await terms.close();
  return {
    name: 'decoding',
    ratio: 'seconds for 512 FBNs × 3,228 terms at 4 mm, files warm',
    value: median(times.slice(1)) / 1000,
    bound: { atMost: 1 },
    details: {
      ...{ voxels: mask.voxels.length, firstMs: times[0]!, readFileMiB: (2 * TERMS * mask.voxels.length) / 2 ** 20 },
      ...{ nullMaps: NULL_MAPS, nullSeconds: nullMs / 1000, nullPeakMemoryMiB: most / 2 ** 20 },
    },
  };
}
