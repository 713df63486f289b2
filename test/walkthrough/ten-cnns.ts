import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { architectures } from '../../src-main/cnn/architectures';
import { writeNifti } from '../../src-main/fmri/nifti/write';
import { locateFfmpeg } from '../../src-main/stimulus/ffmpeg';
import type { Grid } from '../../src-preload/shared/domain/grid';
import { killGroup, runJson, startCli } from '../e2e/cli';
import { mulberry32 } from '../e2e/small-data';
import { writeRandomModel } from '../fixtures/random-model';

/** How large the walk-through is. */
export interface TenCnnsSize {
  /** TRs of the whole movie, in as many equal runs. */
  frames: number;
  movieRuns: number;
  width: number;
  height: number;
  subjects: number;
  fbns: number;
  /** torchvision's names. */
  models: readonly string[];
}

export const FULL_SIZE: TenCnnsSize = {
  ...{ frames: 3600, movieRuns: 4, width: 256, height: 180, subjects: 6, fbns: 8 },
  models: architectures.map(({ name }) => name),
};

export interface TenCnnsReport {
  size: TenCnnsSize;
  /** Per model, with how many frames were there when it was killed, where it was. */
  extractions: { model: string; seconds: number; framesPerSecond: number | null; layers: number; afterKill: number | null }[];
  /** Rows of the report's tables. */
  tables: Record<'1' | '3', Record<string, unknown>[]>;
  megabytes: number;
  seconds: number;
}

/**
 * A generated movie through CNNs with random weights, with generated scans, by the command line as a user gives it: every block,
 * the first extraction killed and resumed, then trained, coupled and reported.
 */
export async function walkThroughTenCnns(
  size: TenCnnsSize,
  folder = mkdtempSync(join(tmpdir(), 'syncact-ten-cnns-')),
  tell: (line: string) => void = () => {},
): Promise<TenCnnsReport> {
  const started = performance.now();
  const project = join(folder, 'ten-cnns.syncact');
  await runJson('init', project);
  tell('making the movie and the scans');
  const bids = await makeScans(join(folder, 'bids'), size);
  await runJson('import-fmri', project, '--bids', bids, '--mask', join(folder, 'bids', 'mask.nii.gz'));
  for (let run = 1; run <= size.movieRuns; run++) {
    const video = makeMovie(join(folder, `run-${run}.mp4`), run, size);
    const picture = ['--width', String(size.width), '--height', String(size.height)];
    await runJson('import-movie', project, '--run', `task-movie_run-${run}`, '--video', video, '--tr', '1', ...picture);
  }
  await runJson('train', project, '--fbns', String(size.fbns), '--epochs', '3', '--batch', '4');
  const extractions: TenCnnsReport['extractions'] = [];
  for (const name of size.models) {
    const extraction = await extract(project, folder, name, extractions.length === 0, size);
    extractions.push(extraction);
    tell(`${name}: ${extraction.layers} layers in ${extraction.seconds.toFixed(1)} s`);
  }
  await runJson('couple', project);
  const rowsOf = async (table: string) =>
    (await runJson<{ rows: Record<string, unknown>[] }>('report', project, '--table', table)).rows;
  const tables = { 1: await rowsOf('1'), 3: await rowsOf('3') };
  const megabytes = statSync(join(project, 'activations.sqlite')).size / 1e6;
  return { size, extractions, tables, megabytes, seconds: (performance.now() - started) / 1000 };
}

async function extract(
  project: string,
  folder: string,
  name: string,
  isKilled: boolean,
  { frames }: TenCnnsSize,
): Promise<TenCnnsReport['extractions'][number]> {
  const file = join(folder, `${name}.onnx`);
  await writeRandomModel(file, name);
  const { title } = architectures.find((one) => one.name === name)!;
  await runJson('import-model', project, file, '--name', name, '--arch', title, '--trained-on', 'ImageNet');
  const args = ['extract', project, '--model', name, '--layers', 'blocks'];
  if (isKilled) await killWhenBegun(args, join(project, 'unfinished', 'activations.partial'));
  const started = performance.now();
  type Extracted = { activations: { layer: string; computedFrames: number }[]; framesPerSecond: number | null };
  const { activations, framesPerSecond } = await runJson<Extracted>(...args);
  // The last convolution of the paper's Table 1 is the end of the last block in most networks, and there already.
  await runJson('extract', project, '--model', name, '--layers', 'last');
  const layers = new Set(activations.map(({ layer }) => layer)).size;
  const computed = activations.reduce((sum, { computedFrames }) => sum + computedFrames, 0) / layers;
  rmSync(file);
  return {
    ...{ model: name, seconds: (performance.now() - started) / 1000, framesPerSecond, layers },
    afterKill: isKilled ? frames - computed : null,
  };
}

/** Starts a command, and kills it and its compute process when a few batches are stored. */
async function killWhenBegun(args: readonly string[], partial: string): Promise<void> {
  const { child, result } = startCli([...args, '--batch', '1']);
  const ended = result.then(() => true);
  for (;;) {
    const begun = existsSync(partial) && statSync(partial).size > 100_000;
    if (begun || (await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve(false), 20))]))) break;
  }
  killGroup(child);
  await ended;
}

/** A test picture that changes in time, another in every run, with noise. */
function makeMovie(path: string, run: number, { frames, movieRuns }: TenCnnsSize): string {
  const seconds = frames / movieRuns;
  const source = `testsrc2=size=320x240:rate=2:duration=${seconds},hue=H=2*PI*t/${20 + 7 * run}:s=1+sin(t/${5 + run}),noise=alls=30:allf=t`;
  const parameters = ['-y', '-loglevel', 'error', '-f', 'lavfi', '-i', source, '-c:v', 'libx264', '-preset', 'veryfast'];
  const { status, stderr } = spawnSync(locateFfmpeg(), [...parameters, '-pix_fmt', 'yuv420p', path]);
  if (status !== 0) throw new Error(`FFmpeg failed: ${stderr.toString()}`);
  return path;
}

const grid: Grid = { shape: [10, 11, 9], affine: [8, 0, 0, -40, 0, 8, 0, -44, 0, 0, 8, -36, 0, 0, 0, 1] };

/** Scans of noise around a few shared slow courses. */
async function makeScans(folder: string, { subjects, movieRuns, frames }: TenCnnsSize): Promise<string> {
  const random = mulberry32(11);
  const voxels = grid.shape.reduce((product, size) => product * size, 1);
  mkdirSync(folder, { recursive: true });
  const mask = Float32Array.from({ length: voxels }, (_, voxel) => (voxel % 3 === 0 ? 0 : 1));
  await writeNifti(join(folder, 'mask.nii.gz'), { grid, volumes: [mask], count: 1, dataType: 'uint8', spaceCode: 4 });
  const count = frames / movieRuns;
  for (let subject = 1; subject <= subjects; subject++) {
    const name = `sub-${String(subject).padStart(2, '0')}`;
    const func = join(folder, name, 'func');
    mkdirSync(func, { recursive: true });
    for (let run = 1; run <= movieRuns; run++) {
      const volumes = Array.from({ length: count }, (_, time) =>
        mask.map((inside, voxel) => inside * (1000 + 20 * Math.sin(time / (4 + (voxel % 8)) + run) + 40 * (random() - 0.5))),
      );
      const content = { grid, volumes, count, trSeconds: 1, dataType: 'float32', spaceCode: 4 } as const;
      await writeNifti(join(func, `${name}_task-movie_run-${run}_bold.nii.gz`), content);
    }
  }
  return folder;
}
