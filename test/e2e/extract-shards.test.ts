import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ActivationCache } from '../../src-main/project/activation-cache';
import { makeVideo } from '../unit/stimulus/make-video';
import { killGroup, runCli, runJson, startCli, temporaryFolder } from './cli';
import { makeSmallData } from './small-data';

let folder: string;
/** A project with two movie runs and a model, nothing extracted. */
let bare: string;

beforeAll(async () => {
  folder = temporaryFolder();
  const data = await makeSmallData(folder, 1);
  bare = join(folder, 'bare.syncact');
  await runJson('init', bare);
  const video = makeVideo(join(folder, 'clip.mp4'), 100, 4);
  await runJson('import-movie', bare, '--run', 'run-1', '--frames', data.frames, '--tr', '1', '--width', '32', '--height', '24');
  await runJson('import-movie', bare, '--run', 'run-2', '--video', video, '--tr', '1', '--width', '32', '--height', '24');
  await runJson('import-model', bare, data.model);
}, 60_000);

function newProject(name: string): string {
  const project = join(mkdtempSync(join(folder, `${name}-`)), 'p.syncact');
  cpSync(bare, project, { recursive: true });
  return project;
}

/** Everything extracted, by layer and movie run as the reports list them. */
function everything(project: string): Record<string, number[]> {
  const cache = ActivationCache.open(join(project, 'activations.sqlite'));
  const keys = cache.listFilterActivations();
  const found = Object.fromEntries(keys.map((key) => [key, [...cache.readFilterActivation(key)!.data]]));
  cache.close();
  return found;
}

const extract = (project: string, ...more: string[]) => ['extract', project, '--model', 'small', '--layers', 'all', ...more];

function expectClose(found: Record<string, number[]>, expected: Record<string, number[]>): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [key, values] of Object.entries(expected))
    found[key]!.forEach((value, i) => expect(Math.abs(value - values[i]!), key).toBeLessThan(1e-5));
}

test('shards, one of them killed, merge into what one extraction gives; the project may be open meanwhile', async () => {
  const whole = newProject('whole');
  const direct = await runJson<{ activations: { reducer: string; computedFrames: number }[] }>(
    ...extract(whole, '--reducer', 'max,norm2'),
  );
  expect(direct.activations).toHaveLength(2 * 2 * 2);
  const project = newProject('sharded');
  const shard = (i: number) => extract(project, '--reducer', 'max,norm2', '--batch', '1', '--shard', `${i}/3`);
  await runJson(...shard(1));
  // A workstation that has the project open does not stand in the way.
  const open = startCli(['web', project, '--port', '0']);
  await runJson(...shard(3));
  killGroup(open.child);
  await open.result;
  const incomplete = await runCli('extract-merge', project);
  expect(incomplete.code).toBe(2);
  expect(incomplete.stderr).toMatch(
    /shards 2\/3 not run, missing run-1 TRs 28–56|shards 2\/3 not run, missing run-1 TRs \d+–\d+/,
  );
  expect(everything(project)).toEqual({});
  const { child, result } = startCli(shard(2));
  setTimeout(() => killGroup(child), 450);
  await result;
  await runJson(...shard(2));
  const merged = await runJson<{ merged: unknown[]; shards: number; removed: number }>('extract-merge', project);
  expect(merged).toMatchObject({ shards: 3, removed: 0, alreadyThere: 0 });
  expectClose(everything(project), everything(whole));
  const again = await runJson('extract-merge', project, '--remove');
  expect(again).toMatchObject({ merged: [], alreadyThere: 8, removed: 3 });
  expect(readdirSync(join(project, 'shards'))).toEqual([]);
  expect((await runCli('extract-merge', project)).stderr).toMatch(/there are no shards/);
  expect((await runCli('check', project)).code).toBe(0);
}, 90_000);

test('all frames of a TR: their activations averaged, resumed and in shards, kept apart from the last frames', async () => {
  const whole = newProject('mean');
  await runJson(...extract(whole, '--runs', 'run-2'));
  await runJson(...extract(whole, '--runs', 'run-2', '--frames-of-tr', 'mean'));
  const all = everything(whole);
  expect(Object.keys(all)).toHaveLength(4);
  const project = newProject('mean-shards');
  for (const i of [1, 2]) await runJson(...extract(project, '--runs', 'run-2', '--frames-of-tr', 'mean', '--shard', `${i}/2`));
  await runJson('extract-merge', project);
  const sharded = everything(project);
  expectClose(sharded, Object.fromEntries(Object.keys(sharded).map((key) => [key, all[key]!])));
  // The definition, from every frame of the video: four frames make a TR.
  const out = join(folder, 'every.npz');
  const size = ['--width', '32', '--height', '24'];
  const tool = await runJson<{ frames: number }>(
    'activations',
    join(folder, 'small.onnx'),
    join(folder, 'clip.mp4'),
    out,
    ...size,
  );
  expect(tool.frames).toBe(100);
  const { readNpz } = await import('../../src-main/files/npz');
  const every = (await readNpz(out)).get('relu2')!.data as Float32Array;
  const expected = Array.from({ length: 9 * 25 }, (_, i) => {
    const [filter, tr] = [Math.floor(i / 25), i % 25];
    return [0, 1, 2, 3].reduce((sum, frame) => sum + every[(4 * tr + frame) * 9 + filter]!, 0) / 4;
  });
  const deepest = Object.values(sharded).find((values) => values.length === expected.length)!;
  deepest.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4));
  const images = await runCli(...extract(project, '--runs', 'run-1', '--frames-of-tr', 'mean'));
  expect(images.code).toBe(2);
  expect(images.stderr).toMatch(/images, not a video/);
  rmSync(out);
}, 90_000);

test('wrong shards are refused', async () => {
  for (const shard of ['0/3', '4/3', 'x', '1/0']) {
    const { code, stderr } = await runCli(...extract(bare, '--shard', shard));
    expect(code).toBe(2);
    expect(stderr).toMatch(/expected i\/n/);
  }
});
