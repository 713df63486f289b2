import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { writeNifti } from '../../../src-main/fmri/nifti/write';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Grid } from '../../../src-preload/shared/domain/grid';
import type { WorkContext } from '../../../src-preload/shared/domain/work';

/** A folder of its own for a test file, removed when its tests are done. */
export async function exampleFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fmri-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A small grid of 2 mm with axes along the world's, its first voxel at `first` mm. */
export function exampleGrid(shape: Grid['shape'] = [6, 5, 4], first = [0, 0, 0], size = 2): Grid {
  const [x, y, z] = first as [number, number, number];
  return { shape, affine: [size, 0, 0, x, 0, size, 0, y, 0, 0, size, z, 0, 0, 0, 1] };
}

/** Writes an image whose value at (voxel, volume) is a function's. */
export async function writeExample(
  path: string,
  value: (voxel: number, t: number) => number,
  { grid = exampleGrid(), count = 1, trSeconds = 1.5 }: { grid?: Grid; count?: number; trSeconds?: number } = {},
): Promise<string> {
  const voxels = grid.shape[0] * grid.shape[1] * grid.shape[2];
  const volumes = Array.from({ length: count }, (_, t) => Float32Array.from({ length: voxels }, (_, voxel) => value(voxel, t)));
  await writeNifti(path, { grid, volumes, count, trSeconds, dataType: 'float32', spaceCode: 4 });
  return path;
}

/** Noise that is the same every time, uniform in [−0.5, 0.5). */
export function noise(a: number, b = 0): number {
  let state = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32 - 0.5;
}

/** A context that keeps what it is told, and can be cancelled. */
export function recordingContext(): WorkContext & { warnings: string[]; done: number[]; cancel(): void } {
  const controller = new AbortController();
  const warnings: string[] = [];
  const done: number[] = [];
  return {
    signal: controller.signal,
    warnings,
    done,
    cancel: () => controller.abort(),
    progress: (progress) => void done.push(progress.done),
    warn: (message) => void warnings.push(message),
  };
}

/** The message of the UserError that work ends with; fails for anything else. */
export async function userErrorOf(work: Promise<unknown>): Promise<string> {
  const caught: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(caught instanceof UserError)) throw new Error('not a UserError', { cause: caught });
  return caught.message;
}
