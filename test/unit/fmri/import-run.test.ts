import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRunFile } from '../../../src-main/files/run-file';
import { hashFile } from '../../../src-main/files/hash';
import { importRun, type ImportRunOptions } from '../../../src-main/fmri/import-run';
import { createMask } from '../../../src-main/fmri/mask';
import { CancelledError, toErrorReport } from '../../../src-preload/shared/domain/errors';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { exampleFolder, exampleGrid, noise, recordingContext, userErrorOf, writeExample } from './example';

const folder = await exampleFolder();
const grid = exampleGrid([8, 7, 6]);
const time = 40;
const mask = createMask(grid, (voxel) => voxel % 3 === 0);
const signal = (voxel: number, t: number) => 100 + voxel + 3 * noise(voxel, t) + 0.01 * t;
const source = await writeExample(join(folder, 'bold.nii.gz'), signal, { grid, count: time });

/** Imports and reads back [time][voxel]. */
async function importAndRead(name: string, options: Partial<ImportRunOptions> = {}, context = quietContext()) {
  const output = join(folder, name);
  const summary = await importRun(
    { source, output, mask, trSeconds: 1.5, detrend: false, dataType: 'float32', ...options },
    context,
  );
  const run = await openRunFile(output);
  const values = await run.readFloat32();
  await run.close();
  return { summary, series: (n: number) => Array.from({ length: time }, (_, t) => values[t * mask.voxels.length + n]!) };
}

/** (s − mean) / population standard deviation, computed plainly. */
function zScore(series: readonly number[]): number[] {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  const deviation = Math.sqrt(series.reduce((sum, value) => sum + (value - mean) ** 2, 0) / series.length);
  return series.map((value) => (value - mean) / deviation);
}

const seriesOf = (voxel: number, value = signal) => Array.from({ length: time }, (_, t) => value(voxel, t));

function expectClose(found: readonly number[], expected: readonly number[], digits = 4): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, t) => expect(found[t]).toBeCloseTo(value, digits));
}

test('every voxel of the mask is z-scored, and the header tells where it is from', async () => {
  const context = recordingContext();
  const { summary, series } = await importAndRead('plain.run', {}, context);
  mask.voxels.forEach((voxel, n) => expectClose(series(n), zScore(seriesOf(voxel))));
  const { header, meanMap } = summary;
  expect(header).toMatchObject({
    time,
    voxels: mask.voxels.length,
    grid,
    maskHash: mask.hash,
    invalidVoxels: [],
    trSeconds: 1.5,
  });
  expect(header.sourceHash).toBe(await hashFile(source));
  expect(header.sumOfSquares).toBeCloseTo(time * mask.voxels.length, 1);
  expect(meanMap[5]).toBeCloseTo(seriesOf(mask.voxels[5]!).reduce((sum, value) => sum + value, 0) / time, 3);
  expect(context.done).toEqual(Array.from({ length: time }, (_, t) => t + 1));
  expect(context.warnings).toEqual([]);
});

test('float16 rounds z-scores by at most one part in 2048', async () => {
  const exact = await importAndRead('wide.run');
  const rounded = await importAndRead('narrow.run', { dataType: 'float16' });
  for (const n of mask.voxels.keys()) {
    exact
      .series(n)
      .forEach((value, t) => expect(Math.abs(rounded.series(n)[t]! - value)).toBeLessThanOrEqual(Math.abs(value) / 2048 + 1e-7));
  }
});

test('trends and confounds are removed before z-scoring', async () => {
  const wave = Array.from({ length: time }, (_, t) => Math.sin(t / 3));
  const disturbed = (voxel: number, t: number) => signal(voxel, t) + 5 * t + 20 * wave[t]!;
  const noisy = await writeExample(join(folder, 'disturbed.nii.gz'), disturbed, { grid, count: time });
  const confounds = join(folder, 'confounds.tsv');
  await writeFile(confounds, ['wave\tother', ...wave.map((value) => `${value}\t1`)].join('\n'));
  const options = { detrend: true, confounds: { file: confounds, columns: ['wave'] } };
  const clean = await importAndRead('clean.run', options);
  const dirty = await importAndRead('dirty.run', { ...options, source: noisy });
  for (const n of mask.voxels.keys()) expectClose(dirty.series(n), clean.series(n), 3);
  expect(dirty.summary.header.parameters).toEqual({ detrend: true, confounds: ['wave'], smoothing: 'none' });
});

test('constant, non-finite and outlying voxels are counted, listed and 0', async () => {
  const value = (voxel: number, t: number) => (voxel === 0 ? 42 : voxel === 3 && t === 7 ? NaN : signal(voxel, t));
  const holes = await writeExample(join(folder, 'holes.nii.gz'), value, { grid, count: time });
  const { summary, series } = await importAndRead('holes.run', { source: holes });
  expect(summary).toMatchObject({ constantVoxels: 1, nonFiniteVoxels: 1, outsideVoxels: 0 });
  expect(summary.header.invalidVoxels).toEqual([0, 1]);
  for (const n of [0, 1]) expect(series(n).every((z) => z === 0)).toBe(true);
  expectClose(series(2), zScore(seriesOf(mask.voxels[2]!, value)));
});

test('a mask that reaches outside the run warns; one beside it is refused', async () => {
  const context = recordingContext();
  const shifted = createMask(exampleGrid([8, 7, 6], [4, 0, 0]), () => true);
  const options = { source, output: join(folder, 'shifted.run'), trSeconds: 1.5, detrend: false };
  const { outsideVoxels } = await importRun({ ...options, mask: shifted }, context);
  expect(outsideVoxels).toBe(2 * 7 * 6);
  expect(context.warnings.join()).toContain(`${outsideVoxels} lie outside`);
  const beside = createMask(exampleGrid([8, 7, 6], [100, 0, 0]), () => true);
  expect(await userErrorOf(importRun({ ...options, output: join(folder, 'beside.run'), mask: beside }, context))).toContain(
    'overlap',
  );
});

test('images that are no runs and runs without signal are refused', async () => {
  const options = { output: join(folder, 'none.run'), mask, trSeconds: 1.5, detrend: true };
  const single = await writeExample(join(folder, 'single.nii'), signal, { grid });
  expect(await userErrorOf(importRun({ ...options, source: single }, quietContext()))).toContain('not an fMRI run');
  const short = await writeExample(join(folder, 'short.nii'), signal, { grid, count: 2 });
  expect(await userErrorOf(importRun({ ...options, source: short }, quietContext()))).toContain('too few volumes');
  const still = await writeExample(join(folder, 'still.nii'), (voxel) => voxel, { grid, count: 10 });
  expect(await userErrorOf(importRun({ ...options, source: still }, quietContext()))).toContain('no voxel');
  expect(await readdir(folder)).not.toContain('none.run');
});

test('cancelling leaves nothing behind', async () => {
  const before = await readdir(folder);
  const context = recordingContext();
  const cancelling = { ...context, progress: ({ done }: { done: number }) => void (done === 5 && context.cancel()) };
  const work = importRun({ source, output: join(folder, 'cancelled.run'), mask, trSeconds: 1.5, detrend: true }, cancelling);
  await expect(work).rejects.toThrow(CancelledError);
  expect(await readdir(folder)).toEqual(before);
});

test('a full disk is reported as such and keeps nothing, in either pass', async ({ skip }) => {
  const disk = join(folder, 'small-disk');
  if (!(await mountSmallDisk(disk))) skip();
  try {
    const large = exampleGrid([40, 40, 40]);
    const everywhere = createMask(large, () => true);
    // 12 volumes fill the disk with the scratch file, 3 leave room for it but not for the run beside it.
    for (const count of [12, 3]) {
      const run = await writeExample(join(folder, `large${count}.nii.gz`), noise, { grid: large, count });
      const options = {
        source: run,
        output: join(disk, 'large.run'),
        mask: everywhere,
        trSeconds: 1,
        detrend: true,
        dataType: 'float32',
      } as const;
      const report = toErrorReport(await importRun(options, quietContext()).catch((error: unknown) => error));
      expect(report).toMatchObject({ kind: 'user', details: { what: 'the disk is full', file: options.output } });
      expect(await readdir(disk)).toEqual([]);
    }
  } finally {
    execFileSync('umount', [disk]);
  }
});

/** A disk of 1 MiB; only root can make one. */
async function mountSmallDisk(path: string): Promise<boolean> {
  await mkdir(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
