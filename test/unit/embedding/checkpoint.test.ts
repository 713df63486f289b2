import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { checkpointPaths, readEmbedding, readTrainingState } from '../../../src-main/embedding/checkpoint';
import { CheckpointWriter } from '../../../src-main/embedding/checkpoint-writer';
import { completeSettings } from '../../../src-main/embedding/settings';
import { trainEmbedding } from '../../../src-main/embedding/train';
import { describeTraining } from '../../../src-main/embedding/training-data';
import { beginEpoch, finishEpoch, initialState } from '../../../src-main/embedding/training-state';
import { writeSafetensors, type SafetensorsTensor } from '../../../src-main/files/safetensors';
import { makeSamples, newFolder, smallTraining } from './problem';

const quiet = quietContext();
const none = new Uint32Array();

/** A state after one step of its second epoch, and a writer for it. */
async function makeState(folder: string, voxels = 20) {
  const request = { ...(await smallTraining()), train: makeSamples([3, 3, 3], voxels), voxels };
  const settings = completeSettings(request.settings!);
  const state = initialState(settings, voxels, none);
  Object.assign(beginEpoch(state, 'none', Array(3).fill(1), null), { position: 3, lossSum: 0.1 + 0.2, steps: 2, seconds: 0.25 });
  finishEpoch(state, 0.7);
  Object.assign(beginEpoch(state, 'none', Array(3).fill(1), null), { position: 2, lossSum: 1 / 3, steps: 1 });
  state.weights.step = 3;
  return { state, writer: new CheckpointWriter(folder, describeTraining(request, settings), none) };
}

test('a state comes back to the last bit', async () => {
  const folder = await newFolder();
  const { state, writer } = await makeState(folder);
  state.weights.theta.values[0] = Math.fround(1e-42);
  await writer.write(state);
  const { last, best } = checkpointPaths(folder);
  expect((await readTrainingState(last)).state).toEqual(state);
  expect((await readEmbedding(last)).theta).toEqual(state.weights.theta.values);
  expect((await readEmbedding(best)).theta).toEqual(state.best!.weights.theta);
  expect((await readEmbedding(best)).description.epoch).toBe(1);
});

test('writing takes less than a twentieth of the time', async () => {
  const folder = await newFolder();
  const { state, writer } = await makeState(folder);
  const times = [100, 102, 141, 143, 144];
  const now = vi.spyOn(performance, 'now').mockImplementation(() => times.shift()!);
  const stepsOnDisk: number[] = [];
  // Written from 100 to 102; not due at 141; due at 143, written until 144.
  for (const step of [3, 4, 5]) {
    state.weights.step = step;
    if (step === 5) times.unshift(143);
    await writer.writeIfDue(state);
    stepsOnDisk.push((await readTrainingState(checkpointPaths(folder).last)).state.weights.step);
  }
  now.mockRestore();
  expect(stepsOnDisk).toEqual([3, 3, 5]);
});

test('weights that are not finite are not written', async () => {
  const folder = await newFolder();
  const { state, writer } = await makeState(folder);
  state.weights.theta.values[5] = NaN;
  await expect(writer.write(state)).rejects.toThrow(/diverged/);
  expect(await readdir(folder)).toEqual([]);
});

describe('files that are no checkpoint', () => {
  const state: SafetensorsTensor = { name: 'theta', dtype: 'F32', shape: [6, 20], data: new Float32Array(120) };

  test('a foreign safetensors file', async () => {
    const path = join(await newFolder(), 'foreign.safetensors');
    await writeSafetensors(path, [state], { format: 'pt' });
    await expect(readEmbedding(path)).rejects.toThrow(/expected format "syncact-embedding-1", found "pt"/);
    await writeSafetensors(path, [state]);
    await expect(readTrainingState(path)).rejects.toThrow(/found none/);
  });

  test('a cut, a changed and an empty checkpoint', async () => {
    const request = await smallTraining();
    const { checkpoints } = await trainEmbedding(request, quiet);
    const whole = await readFile(checkpoints.last);
    const resume = () => trainEmbedding({ ...request, resumeFrom: checkpoints.last }, quiet);
    for (const length of [0, 7, 100, 2000, whole.length - 1]) {
      await writeFile(checkpoints.last, whole.subarray(0, length));
      await expect(resume()).rejects.toThrow(UserError);
    }
    const text = whole.toString('latin1');
    for (const [from, to] of [
      ['\\"fbns\\":3', '\\"fbns\\":4'],
      ['\\"generator\\":[', '\\"generatox\\":['],
      ['\\"epoch\\":2', '\\"epoch\\":5'],
      ['"state":"{', '"state":"['],
    ] as const) {
      expect(text).toContain(from);
      await writeFile(checkpoints.last, Buffer.from(text.replace(from, to), 'latin1'));
      await expect(resume()).rejects.toThrow(UserError);
    }
  });
});

/** A file system of 1 MB, where this user may mount one. */
function mountSmallDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const diskFolder = await newFolder();
const mounted = mountSmallDisk(diskFolder);

test.skipIf(!mounted)('on a full disk the old checkpoints stay and nothing is left half written', async () => {
  try {
    const { state, writer } = await makeState(diskFolder);
    await writer.write(state);
    const before = await readFile(checkpointPaths(diskFolder).last);
    const large = await makeState(diskFolder, 60_000);
    await expect(large.writer.write(large.state)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect((await readdir(diskFolder)).sort()).toEqual(['best.safetensors', 'last.safetensors']);
    expect(await readFile(checkpointPaths(diskFolder).last)).toEqual(before);
    expect((await readTrainingState(checkpointPaths(diskFolder).last)).state).toEqual(state);
  } finally {
    execFileSync('umount', [diskFolder]);
  }
});
