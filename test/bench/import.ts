import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Writable } from 'node:stream';
import { createGunzip, type ZlibOptions } from 'node:zlib';
import { importRun } from '../../src-main/fmri/import-run';
import { createMask, type Mask } from '../../src-main/fmri/mask';
import { writeNifti } from '../../src-main/fmri/nifti/write';
import { MNI_4MM, type Grid } from '../../src-preload/shared/domain/grid';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { median, milliseconds, type BenchmarkResult } from './benchmark';

/** A 7T movie run has this grid at 1.6 mm. */
const source: Grid = { shape: [113, 136, 113], affine: [1.6, 0, 0, -90, 0, 1.6, 0, -126, 0, 0, 1.6, -72, 0, 0, 0, 1] };
const VOLUMES = 120;
const FEW_VOLUMES = 30;
/** Made once and repeated: further apart than deflate looks back. */
const DIFFERENT_VOLUMES = 8;
const REPETITIONS = 5;

/** Speed of a whole import against that of inflating the same file: what reading costs at least. */
export async function run(): Promise<BenchmarkResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-import-'));
  try {
    const file = await makeRun(folder, VOLUMES);
    const mask = createMask(MNI_4MM, (voxel) => brain(MNI_4MM, voxel) < 1);
    // As many bytes through short runs as through a long one: what differs is how long a run is.
    const short = await makeRun(folder, FEW_VOLUMES);
    let few = 0;
    for (let i = 0; i < REPETITIONS * (VOLUMES / FEW_VOLUMES); i++) few = Math.max(few, await importOnce(short, folder, mask));
    let peak = 0;
    const inflating: number[] = [];
    const importing: number[] = [];
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      inflating.push(await milliseconds(() => inflateToNothing(file)));
      importing.push(await milliseconds(async () => (peak = Math.max(peak, await importOnce(file, folder, mask)))));
    }
    const ratios = inflating.map((inflate, repetition) => inflate / importing[repetition]!);
    return {
      name: 'import',
      ratio: "import speed of a .nii.gz run ÷ speed of Node's zlib inflating the same file to nothing",
      value: median(ratios),
      bound: { atLeast: 0.7 },
      details: {
        importMs: Math.round(median(importing)),
        inflateMs: Math.round(median(inflating)),
        volumes: VOLUMES,
        maskVoxels: mask.voxels.length,
        inflatedMiB: Math.round((VOLUMES * 2 * source.shape.reduce((a, b) => a * b)) / 2 ** 20),
        compressedMiB: Math.round((await stat(file)).size / 2 ** 20),
        [`peakMiBAt${FEW_VOLUMES}Volumes`]: few,
        [`peakMiBAt${VOLUMES}Volumes`]: peak,
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the largest resident memory seen, MiB */
async function importOnce(file: string, folder: string, mask: Mask): Promise<number> {
  let peak = 0;
  const context: WorkContext = {
    signal: new AbortController().signal,
    progress: ({ done }) => {
      if (done % 10 === 0) peak = Math.max(peak, process.memoryUsage.rss());
    },
    warn: () => {},
  };
  await importRun({ source: file, output: join(folder, 'run.syncrun'), mask, trSeconds: 1, detrend: true }, context);
  return Math.round(peak / 2 ** 20);
}

function inflateToNothing(file: string): Promise<void> {
  const inflate = createGunzip({ chunkSize: 1 << 22 } as ZlibOptions);
  const nothing = new Writable({ write: (_piece, _encoding, done) => done() });
  return new Promise((resolve, reject) => {
    pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), inflate, nothing, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

/** An ellipsoid of smooth signal with noise, empty around it, as int16. */
async function makeRun(folder: string, count: number): Promise<string> {
  const path = join(folder, `run-${count}.nii.gz`);
  const voxels = source.shape[0] * source.shape[1] * source.shape[2];
  const distances = Float32Array.from({ length: voxels }, (_, voxel) => brain(source, voxel));
  const different = Array.from({ length: DIFFERENT_VOLUMES }, (_, t) => makeVolume(distances, t));
  const volumes = Array.from({ length: count }, (_, t) => different[t % different.length]!);
  await writeNifti(path, { grid: source, volumes, count, trSeconds: 1, dataType: 'int16', spaceCode: 4 });
  return path;
}

function makeVolume(distances: Float32Array, t: number): Float32Array {
  let state = t + 1;
  return distances.map((distance, voxel) => {
    if (distance >= 1) return 0;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const noise = ((state >>> 24) + ((state >>> 16) & 255) + ((state >>> 8) & 255) - 382) / 5;
    return 8000 + 3000 * Math.cos(3 * distance) + 100 * Math.sin(t + voxel / 5000) + noise;
  });
}

/** Distance from the centre of the head relative to the surface of a brain-sized ellipsoid; inside is below 1. */
function brain({ shape, affine }: Grid, voxel: number): number {
  const index = [voxel % shape[0], Math.floor(voxel / shape[0]) % shape[1], Math.floor(voxel / (shape[0] * shape[1]))];
  const centre = [0, -18, 14];
  const radii = [70, 88, 66];
  return Math.hypot(...index.map((i, axis) => (affine[5 * axis]! * i + affine[4 * axis + 3]! - centre[axis]!) / radii[axis]!));
}
