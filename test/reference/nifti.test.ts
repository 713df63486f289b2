import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNiftiHeader, readNiftiInfo, readVolumes } from '../../src-main/fmri/nifti/read';
import { resolveTr } from '../../src-main/fmri/repetition-time';
import { createMask } from '../../src-main/fmri/mask';
import { importRun } from '../../src-main/fmri/import-run';
import { planResampling } from '../../src-main/fmri/resample';
import { toErrorReport, UserError } from '../../src-preload/shared/domain/errors';
import type { Grid } from '../../src-preload/shared/domain/grid';
import { quietContext } from '../../src-preload/shared/domain/work';
import { referenceJson, referencePath } from './reference-folder';

interface Expected {
  targetShape: [number, number, number];
  targetAffine: number[][];
  files: Record<string, Record<string, unknown> & { shape: number[]; zooms: number[]; resampledFirstTwo?: (number | null)[] }>;
}

const expected = referenceJson<Expected>('nifti', 'expected.json');
const target: Grid = { shape: expected.targetShape, affine: expected.targetAffine.flat() };
const RELATIVE = 1e-4;

/** Largest difference relative to the largest expected value; a difference in what is finite counts as infinite. */
function largestError(found: ArrayLike<number>, wanted: readonly (number | null)[]): number {
  const scale = Math.max(...wanted.map((value) => Math.abs(value ?? 0))) || 1;
  const errors = wanted.map((value, i) => {
    if (value === null) return Number.isFinite(found[i]) ? Infinity : 0;
    return Number.isFinite(found[i]) ? Math.abs(found[i]! - value) / scale : Infinity;
  });
  return found.length === wanted.length ? Math.max(...errors) : Infinity;
}

describe.each(Object.entries(expected.files))('%s', (name, wanted) => {
  const path = referencePath('nifti', name);

  test('header, affine, zooms, units, byte order and type are as NiBabel reads them', async () => {
    const info = await readNiftiInfo(path, { verifyData: true });
    for (const key of ['shape', 'units', 'endianness', 'dtype', 'qformCode', 'sformCode'] as const) {
      expect(info[key], key).toEqual(wanted[key]);
    }
    expect(largestError(info.affine.flat(), (wanted.affine as number[][]).flat())).toBeLessThan(1e-6);
    expect(largestError(info.zooms, wanted.zooms)).toBeLessThan(1e-6);
    const step = wanted.zooms[3]!;
    const factors: Record<string, number> = { msec: 1e-3, usec: 1e-6 };
    expect(info.trSeconds).toBeCloseTo(step * (factors[(wanted.units as string[])[1]!] ?? 1), 6);
  });

  const voxelKey = Object.keys(wanted).find((key) => key.startsWith('voxel_'))!;
  test(`${voxelKey} over time`, async () => {
    const header = await readNiftiHeader(path);
    const [i, j, k] = voxelKey.split('_').slice(1).map(Number) as [number, number, number];
    const [nx, ny] = header.grid.shape;
    const series: number[] = [];
    for await (const volume of readVolumes(path, header)) series.push(volume[i + nx * (j + ny * k)]!);
    expect(largestError(series, wanted[voxelKey] as number[])).toBeLessThan(RELATIVE);
  });

  const resampled = wanted.resampledFirstTwo;
  if (!resampled) return;
  test('the first two volumes on the 4 mm grid', async () => {
    const header = await readNiftiHeader(path);
    const plan = planResampling(header.grid, target);
    const found: number[] = [];
    for await (const volume of readVolumes(path, header)) {
      if (found.length < 2 * plan.length) found.push(...plan.apply(volume));
    }
    expect(largestError(found, resampled)).toBeLessThan(RELATIVE);
  });
});

describe('hostile files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Files with a documented reading: what is known of them, and why an import of them is refused, if it is. */
  const documented: Record<string, { tr: number | null; importFails?: RegExp }> = {
    'zero_slope.nii.gz': { tr: 1 },
    'tr_zero.nii.gz': { tr: null, importFails: /--tr/ },
    'three_dimensional.nii.gz': { tr: null, importFails: /volume/ },
  };

  async function importWhole(path: string): Promise<void> {
    const header = await readNiftiHeader(path);
    const mask = createMask(header.grid, (voxel) => voxel % 3 === 0);
    const trSeconds = header.volumes === 1 ? 1 : resolveTr({ header, file: path });
    await importRun({ source: path, output: join(folder, 'run'), mask, trSeconds, detrend: true }, quietContext());
  }

  test.each(readdirSync(referencePath('nifti', 'hostile')))('%s is explained', async (name) => {
    const path = referencePath('nifti', 'hostile', name);
    const before = process.memoryUsage().rss;
    const known = documented[name];
    const reading = readNiftiInfo(path, { verifyData: true });
    if (known) expect((await reading).trSeconds).toBe(known.tr);
    else await expectUserError(reading, path);
    const importing = importWhole(path);
    if (known && !known.importFails) await importing;
    else expect((await expectUserError(importing, path)).message).toMatch(known?.importFails ?? /./);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
    const left = await readdir(folder);
    expect(left).toEqual(known && !known.importFails ? ['run'] : []);
    await rm(join(folder, 'run'), { force: true });
  });

  test('a folder and a missing file are named', async () => {
    expect((await expectUserError(readNiftiInfo(folder, { verifyData: true }), folder)).message).toContain('a folder');
    const missing = await readNiftiInfo(join(folder, 'none.nii'), { verifyData: true }).catch(toErrorReport);
    expect(missing).toMatchObject({ kind: 'user' });
  });

  async function expectUserError(work: Promise<unknown>, path: string): Promise<UserError> {
    const caught: unknown = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(caught).toBeInstanceOf(UserError);
    const { message } = caught as UserError;
    expect(message).toContain(path);
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(400);
    return caught as UserError;
  }
});
