import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { matrixRow } from '../../src-preload/shared/domain/matrix';
import { readMask } from '../../src-main/fmri/mask';
import { readNiftiHeader, readVolumes } from '../../src-main/fmri/nifti/read';
import { readPlanted } from '../../src-main/phantom/planted-file';
import { copyOfPhantom, makePhantom } from './browser/phantom';
import { killGroup, runJson, startCli } from './cli';

interface Decomposed {
  embedding: number;
  maps: string;
  held: number;
  zeros: number | null;
  testSubjects: string[];
  alreadyThere: boolean;
}

/** |r| of every planted map with the map most like it. */
async function likeness(file: string): Promise<number[]> {
  const { folder } = await makePhantom();
  const mask = await readMask(join(folder, 'data/brain-mask.nii.gz'));
  const { maps } = await readPlanted(join(folder, 'data/planted.json'), mask);
  const found: Float64Array[] = [];
  for await (const volume of readVolumes(file, await readNiftiHeader(file)))
    found.push(unit(Float64Array.from(mask.voxels, (voxel) => volume[voxel]!)));
  return rowsOf(maps).map((map) => Math.max(...found.map((one) => Math.abs(one.reduce((sum, x, v) => sum + x * map[v]!, 0)))));
}

function rowsOf(maps: Matrix): Float64Array[] {
  return Array.from({ length: maps.rows }, (_, i) => unit(Float64Array.from(matrixRow(maps, i))));
}

function unit(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return values.map((value) => (value - mean) / length);
}

test('group ICA and dictionary learning find the planted networks by their maps', { timeout: 400_000 }, async () => {
  const project = await copyOfPhantom();
  const ica = await runJson<Decomposed>('decompose', project, '--method', 'group-ica', '--fbns', '20');
  const found = await likeness(ica.maps);
  expect(found.filter((r) => r > 0.6).length / found.length).toBeGreaterThanOrEqual(0.9);
  expect(ica.testSubjects.length).toBeGreaterThan(0);
  const dictionary = await runJson<Decomposed>('decompose', project, '--method', 'dictionary', '--fbns', '20');
  const sparse = await likeness(dictionary.maps);
  expect(sparse.filter((r) => r > 0.7).length / sparse.length).toBeGreaterThanOrEqual(0.9);
  expect(dictionary.zeros).toBeGreaterThan(0.5);
  expect(await runJson<Decomposed>('decompose', project, '--method', 'group-ica', '--fbns', '20')).toMatchObject({
    ...{ embedding: ica.embedding, alreadyThere: true },
  });
  const quality = await runJson<{ embeddings: { means: Record<string, number | null> }[] }>('quality', project, '--embedding', `${ica.embedding}`, '--split-half'); // prettier-ignore
  expect(quality.embeddings[0]!.means.splitHalf).toBeGreaterThan(0.2);
  const { couplings } = await runJson<{ couplings: unknown[] }>('couple', project, '--embedding', `${ica.embedding}`);
  expect(couplings.length).toBeGreaterThan(0);
  const { stale } = await runJson<{ stale: { what: string }[] }>('info', project);
  expect(stale).toEqual([]);
});

test('a decomposition that was killed leaves nothing behind, and the same command makes it', { timeout: 300_000 }, async () => {
  const project = await copyOfPhantom();
  const args = ['decompose', project, '--method', 'group-ica', '--fbns', '8'];
  const { child, result } = startCli(args);
  const isUnderWay = new Promise<void>((resolve) =>
    child.stderr!.on('data', (chunk: Buffer) => /pass \d/.test(chunk.toString()) && resolve()),
  );
  await Promise.race([isUnderWay, result]);
  killGroup(child);
  await result;
  const { embeddings } = await runJson<{ embeddings: unknown[] }>('info', project);
  expect(embeddings).toHaveLength(1);
  expect(readdirSync(join(project, 'checkpoints')).length).toBe(2);
  expect((await runJson<Decomposed>(...(args as [string]))).alreadyThere).toBe(false);
});
