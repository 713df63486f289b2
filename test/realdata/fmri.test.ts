import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRunFile } from '../../src-main/files/run-file';
import { discoverBids } from '../../src-main/fmri/bids';
import { computeMask } from '../../src-main/fmri/compute-mask';
import { importRun } from '../../src-main/fmri/import-run';
import { createMask, intersectMasks, readMask, type Mask } from '../../src-main/fmri/mask';
import { readNiftiHeader, readNiftiInfo, readSingleVolume, readVolumes } from '../../src-main/fmri/nifti/read';
import { planFiles } from '../../src-main/fmri/plan-files';
import { resolveTr } from '../../src-main/fmri/repetition-time';
import { mniGrid, resampleFile } from '../../src-main/fmri/resample-file';
import { MNI_4MM } from '../../src-preload/shared/domain/grid';
import { quietContext } from '../../src-preload/shared/domain/work';
import { realdataAvailable, realdataPath } from './realdata-folder';

describe.skipIf(!realdataAvailable)('real scans', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'real-fmri-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function importInto(name: string, source: string, mask: Mask, trSeconds: number, dataType: 'float16' | 'float32') {
    const output = join(folder, name);
    const summary = await importRun({ source, output, mask, trSeconds, detrend: true, dataType }, quietContext());
    const run = await openRunFile(output);
    const values = await run.readFloat32();
    await run.close();
    return { ...summary, values };
  }

  test('the television episode: six subjects, two runs, their masks and TR', async () => {
    const { runs, problems } = await discoverBids(realdataPath('sherlock-bids'));
    expect(problems).toEqual([]);
    expect(runs.length).toBe(12);
    expect(new Set(runs.map(({ movieRun, volumes }) => `${movieRun} ${volumes}`))).toEqual(
      new Set(['task-sherlock_run-1 946', 'task-sherlock_run-2 1030']),
    );
    for (const run of runs) {
      const header = await readNiftiHeader(run.bold);
      expect(resolveTr({ header, sidecarSeconds: run.sidecarTrSeconds, file: run.bold })).toBe(1.5);
    }
    const mask = intersectMasks(await Promise.all(runs.map((run) => readMask(run.mask!))));
    expect(mask.voxels.length).toBe(481);
    // These runs are z-scored already: a mask computed from them must find the same voxels.
    const computed = await computeMask([runs[0]!.bold], mask.grid, quietContext());
    expect(computed.voxels.length).toBeGreaterThan(470);
  });

  test('imported runs of two people who saw the same episode correlate, and float16 changes that in no visible digit', async () => {
    const { runs } = await discoverBids(realdataPath('sherlock-bids'));
    const [first, second] = runs.filter(({ movieRun }) => movieRun === 'task-sherlock_run-1');
    const mask = await readMask(first!.mask!);
    const a = await importInto('a32.run', first!.bold, mask, 1.5, 'float32');
    const b = await importInto('b32.run', second!.bold, mask, 1.5, 'float32');
    const a16 = await importInto('a16.run', first!.bold, mask, 1.5, 'float16');
    expect(a.header.invalidVoxels).toEqual([]);
    expect(a.header.sumOfSquares / a.values.length).toBeCloseTo(1, 4);
    const isc = meanCorrelation(a.values, b.values, 946, 481);
    expect(isc).toBeGreaterThan(0.1);
    expect(meanCorrelation(a16.values, b.values, 946, 481)).toBeCloseTo(isc, 5);
    // z-scores have deviation 1: this is the rounding relative to the signal.
    const rounding = Math.sqrt(a16.values.reduce((sum, value, i) => sum + (value - a.values[i]!) ** 2, 0) / a.values.length);
    expect(rounding).toBeLessThan(3e-4);
  });

  test('one slice over twelve runs, in a mask of its own', async () => {
    const source = realdataPath('haxby', 'bold.nii.gz');
    const mask = await readMask(realdataPath('haxby', 'mask.nii.gz'));
    expect(await readNiftiInfo(source, { verifyData: true })).toMatchObject({
      shape: [40, 20, 1, 1452],
      trSeconds: 2.5,
      warnings: [],
    });
    const { header } = await importInto('haxby.run', source, mask, 2.5, 'float16');
    expect(header).toMatchObject({ time: 1452, voxels: mask.voxels.length });
    expect(planFiles([source])).toEqual([{ subject: 'haxby', movieRun: 'bold', bold: source }]);
  });

  test('an oblique perfusion scan: resampled to the MNI grid it keeps its centre of mass, and shows a brain', async () => {
    const source = realdataPath('volumes', 'pcasl.nii.gz');
    const output = join(folder, 'pcasl.nii.gz');
    await resampleFile({ source, output, target: { voxelMm: 4 } }, quietContext());
    const [before, after] = await Promise.all([source, output].map(centreOfMass));
    before!.forEach((mm, axis) => expect(after![axis]).toBeCloseTo(mm, -0.5));
    const grid = mniGrid(4);
    const mask = await computeMask([source], grid, quietContext());
    const litres = (mask.voxels.length * 64) / 1e6;
    expect(litres).toBeGreaterThan(0.7);
    expect(litres).toBeLessThan(2);
  });

  test('the MNI brain on the 4 mm grid: mask files of 2 and 3 mm agree, and the brain fills them', async () => {
    const fine = await readMask(realdataPath('volumes', '2mm-MNI152-2009fsl-mask.nii.gz'), MNI_4MM);
    const coarse = await readMask(realdataPath('volumes', 'MNI152_T1_3mm_brain_mask.nii.gz'), MNI_4MM);
    const shared = intersectMasks([fine, coarse]).voxels.length;
    expect((2 * shared) / (fine.voxels.length + coarse.voxels.length)).toBeGreaterThan(0.9);
    const { header, values } = await readSingleVolume(realdataPath('volumes', 'MNI152_T1_3mm_brain.nii.gz'));
    const brain = createMask(header.grid, (voxel) => values[voxel]! > 0);
    expect((brain.voxels.length * 27) / (coarse.voxels.length * 64)).toBeCloseTo(1, 0);
  });

  test('a statistical map with a scale factor', async () => {
    const path = realdataPath('volumes', 'spmMotor.nii.gz');
    const { header, values } = await readSingleVolume(path);
    expect(header.slope).toBeCloseTo(0.000371, 6);
    const largest = values.reduce((most, value) => Math.max(most, value), 0);
    expect(largest).toBeCloseTo(32767 * header.slope, 3);
  });
});

/** Mean over voxels of the correlation over time of z-scores [time, voxels]. */
function meanCorrelation(a: Float32Array, b: Float32Array, time: number, voxels: number): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0) / (time * voxels);
}

/** Where the signal of an image's volumes lies, in mm. */
async function centreOfMass(path: string): Promise<number[]> {
  const header = await readNiftiHeader(path);
  const { shape, affine } = header.grid;
  const sums = [0, 0, 0, 0];
  for await (const volume of readVolumes(path, header)) {
    volume.forEach((value, voxel) => {
      const index = [voxel % shape[0], Math.floor(voxel / shape[0]) % shape[1], Math.floor(voxel / (shape[0] * shape[1])), 1];
      for (let row = 0; row < 4; row++)
        sums[row]! += value * index.reduce((sum, i, column) => sum + affine[row * 4 + column]! * i, 0);
    });
  }
  return sums.slice(0, 3).map((sum) => sum / sums[3]!);
}
