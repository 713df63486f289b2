import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readNpz } from '../../src-main/files/npz';
import { writeNifti } from '../../src-main/fmri/nifti/write';
import { readNiftiHeader } from '../../src-main/fmri/nifti/read';
import type { Grid } from '../../src-preload/shared/domain/grid';
import { runCli, runJson, temporaryFolder } from './cli';
import { makeSmallData, mulberry32, smallVolumes } from './small-data';

interface Info {
  stale: { what: string; why: string }[];
  embeddings: { id: number; variant: string; state: string }[];
}
interface Imported {
  embedding: number;
  method: string;
  fbns: number;
  activations: string;
  testSubjects: string[];
  maps: string;
  remarks: string[];
  alreadyImported: boolean;
}

let folder: string;
let project: string;
let maps: string;
const fbns = 4;

/** Maps at 3 mm, where the project is at 4. */
async function writeMaps(file: string): Promise<string> {
  const grid: Grid = { shape: [27, 30, 25], affine: [3, 0, 0, -40, 0, 3, 0, -44, 0, 0, 3, -36, 0, 0, 0, 1] };
  const volumes = Array.from({ length: fbns }, (_, i) =>
    new Float32Array(27 * 30 * 25).map((_, voxel) => Math.sin((voxel % 27) / (i + 2)) + Math.cos(voxel / 810 / (i + 1))),
  );
  await writeNifti(file, { grid, volumes, count: fbns, dataType: 'float32', spaceCode: 4 });
  return file;
}

function writeActivations(into: string): string {
  const random = mulberry32(3);
  mkdirSync(into, { recursive: true });
  for (let subject = 1; subject <= 6; subject++) {
    const rows = Array.from({ length: smallVolumes }, () => Array.from({ length: fbns }, () => random().toFixed(5)).join('\t'));
    writeFileSync(join(into, `sub-0${subject}_task-clip_timeseries.tsv`), rows.join('\n'));
  }
  return into;
}

beforeAll(async () => {
  folder = temporaryFolder();
  const data = await makeSmallData(folder);
  project = join(folder, 'm.syncact');
  maps = await writeMaps(join(folder, 'components.nii.gz'));
  await runJson('init', project);
  await runJson('import-fmri', project, '--bids', data.bids, '--mask', data.mask, '--like', data.mask);
  await runJson('import-movie', project, '--run', 'task-clip', '--frames', data.frames, '--tr', '1');
  await runJson('import-model', project, data.model);
  await runJson('extract', project, '--model', 'small');
});

test('without activations nothing is imported, and what to do is said', async () => {
  const refused = await runCli('import-embedding', project, '--maps', maps);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/no activations of the maps.*dual regression/);
  expect((await runJson<Info>('info', project)).embeddings).toEqual([]);
});

test('imported activations are coupled, measured and reported; a changed source is stale', async () => {
  const activations = writeActivations(join(folder, 'activations'));
  const args = ['import-embedding', project, '--maps', maps, '--activations', activations, '--name', 'from elsewhere'];
  const planned = await runJson<{ tables: { subject: string; timePoints: number }[]; remarks: string[] }>(...args, '--dry-run');
  expect(planned.tables.map(({ subject }) => subject)).toEqual([1, 2, 3, 4, 5, 6].map((i) => `sub-0${i}`));
  expect(planned.remarks.join()).toMatch(/resampled from 3 × 3 × 3 mm/);
  expect((await runJson<Info>('info', project)).embeddings).toEqual([]);

  const first = await runJson<Imported>(...args);
  expect(first).toMatchObject({ fbns, activations: 'imported', alreadyImported: false });
  expect(first.testSubjects).toHaveLength(6);
  expect([...(await readNiftiHeader(first.maps)).shape]).toEqual([20, 22, 18, fbns]);
  expect(await runJson<Imported>(...args)).toMatchObject({ embedding: first.embedding, alreadyImported: true });

  const { couplings } = await runJson<{ couplings: { fbns: number; pairs: number }[] }>('couple', project, '--embedding', `${first.embedding}`); // prettier-ignore
  expect(couplings).toHaveLength(2);
  expect(couplings.every((coupling) => coupling.fbns === fbns && coupling.pairs > 0)).toBe(true);
  const quality = await runJson<{ embeddings: { means: Record<string, number | null> }[] }>('quality', project);
  expect(quality.embeddings[0]!.means.interSubject).toBeLessThan(0.4);
  expect(quality.embeddings[0]!.means.explainedTogether).toBeGreaterThan(0);
  expect((await runCli('quality', project, '--split-half')).stderr).toMatch(/was made elsewhere/);
  const { rows } = await runJson<{ rows: unknown[] }>('report', project, '--table', '3');
  expect(rows.length).toBeGreaterThan(0);
  const checked = await runJson<{ problems: string[] }>('check', project);
  expect(checked.problems).toEqual([]);

  expect((await runJson<Info>('info', project)).stale).toEqual([]);
  writeFileSync(join(activations, 'sub-03_task-clip_timeseries.tsv'), '1 2');
  const { stale } = await runJson<Info>('info', project);
  expect(stale.map(({ what }) => what)).toContain(`embedding ${first.embedding}`);
});

test('activations are computed by dual regression where they are asked for; a mean over subjects is enough too', async () => {
  const computed = await runJson<Imported>('import-embedding', project, '--maps', maps, '--dual-regression');
  expect(computed).toMatchObject({ activations: 'dual-regression', alreadyImported: false });
  const mean = join(folder, 'mean.csv');
  writeFileSync(
    mean,
    Array.from({ length: smallVolumes }, (_, t) => [0, 1, 2, 3].map((i) => Math.sin(t / (i + 1))).join(',')).join('\n'),
  );
  const ofMean = await runJson<Imported>('import-embedding', project, '--maps', maps, '--activations', mean);
  expect(ofMean).toMatchObject({ activations: 'imported', testSubjects: [] });
  expect(new Set([1, computed.embedding, ofMean.embedding]).size).toBe(3);
  for (const { embedding } of [computed, ofMean]) {
    const { couplings } = await runJson<{ couplings: unknown[] }>('couple', project, '--embedding', `${embedding}`);
    expect(couplings).toHaveLength(2);
  }
  // What is in activations.sqlite can be had again from the sources.
  for (const file of ['activations.sqlite', 'activations.sqlite-wal', 'activations.sqlite-shm'])
    rmSync(join(project, file), { force: true });
  await runJson('extract', project, '--model', 'small');
  const again = await runJson<Imported>('import-embedding', project, '--maps', maps, '--activations', mean);
  expect(again).toMatchObject({ embedding: ofMean.embedding, alreadyImported: false });
  await runJson('couple', project, '--embedding', `${again.embedding}`);
});

test('maps that were exported come back with the same numbers at the same places', async () => {
  const arrays = async (name: string) => {
    const file = join(folder, `${name}.npz`);
    await runJson('export', project, '--npz', file, '--bids', join(folder, name), '--no-filters');
    return readNpz(file);
  };
  const before = await arrays('before');
  const exported = readdirSync(join(folder, 'before')).find((name) => name.endsWith('_components.nii.gz'))!;
  await runJson('import-embedding', project, '--maps', join(folder, 'before', exported), '--dual-regression', '--name', 'back');
  const after = await arrays('after');
  for (const name of ['affine', 'shape', 'voxels']) expect(after.get(name), name).toEqual(before.get(name));
  const [one, other] = [before, after].map((of) => of.get('maps')!.data as Float32Array);
  // Maps are kept as their mean and what is beyond it: the sum rounds.
  other!.forEach((value, i) => expect(Math.abs(value - one![i]!)).toBeLessThanOrEqual(2 ** -22));
  expect(other).toHaveLength(one!.length);
});
