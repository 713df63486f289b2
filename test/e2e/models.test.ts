import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { readNpz } from '../../src-main/files/npz';
import { runCli, runJson, temporaryFolder } from './cli';
import { makeSmallData, type SmallData } from './small-data';

let folder: string;
let data: SmallData;
let project: string;
const pictureSize = ['--width', '32', '--height', '24'];

beforeAll(async () => {
  folder = temporaryFolder();
  data = await makeSmallData(folder, 1);
  project = join(folder, 'models.syncact');
  await runJson('init', project);
  await runJson('import-movie', project, '--run', 'run-1', '--frames', data.frames, '--tr', '1', ...pictureSize);
  await runJson('import-model', project, data.model, '--name', 'small');
}, 60_000);

type Extracted = { activations: { computedFrames: number }[] };
const computed = async (model: string) =>
  (await runJson<Extracted>('extract', project, '--model', model)).activations.map(({ computedFrames }) => computedFrames);

test('another normalisation asks for other activations; changed back, the first count again', async () => {
  const [frames] = await computed('small');
  expect(frames).toBeGreaterThan(0);
  const card = await runJson(
    'model-card',
    project,
    'small',
    '--normalisation',
    'none',
    '--mean',
    '104,117,123',
    '--licence',
    'MIT',
  );
  const preprocessing = { normalisation: 'none', channelOrder: 'RGB', mean: [104, 117, 123] };
  expect(card).toMatchObject({ name: 'small', preprocessing, card: { licence: 'MIT' } });
  expect(await runJson('model-card', project, 'small')).toEqual(card);
  expect(await computed('small')).toEqual([frames]);
  const back = await runJson('model-card', project, 'small', '--normalisation', 'imagenet', '--licence', '');
  expect(back).toMatchObject({
    preprocessing: { normalisation: 'imagenet', channelOrder: 'RGB' },
    card: { licence: null },
  });
  expect(back).not.toHaveProperty('preprocessing.mean');
  expect(await computed('small')).toEqual([0]);
  const wrong = await runCli('model-card', project, 'small', '--deviation', '1,0,1');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/preprocessing deviation/);
}, 60_000);

test('a random-weight network is a model like others, and moves with the project', async () => {
  const made = await runJson('random-model', project, '--arch', 'ShuffleNet V2', '--seed', '3');
  expect(made).toMatchObject({ model: 'shufflenet_v2_x1_0-random-3', seed: 3, classes: null });
  const twin = await runJson('random-model', project, '--like', 'shufflenet_v2_x1_0-random-3', '--name', 'twin', '--seed', '3');
  expect(twin).toMatchObject({ model: 'twin', architecture: made.architecture });
  await runJson('random-model', project, '--arch', 'shufflenet_v2_x1_0', '--name', 'other');
  const { models } = await runJson<{ models: { name: string; trainedOn: string; file: string; source: string }[] }>(
    'models',
    project,
  );
  const named = (name: string) => models.find((model) => model.name === name)!;
  expect(named('twin')).toMatchObject({ trainedOn: 'random weights', file: named('shufflenet_v2_x1_0-random-3').file });
  expect(named('other').file).not.toBe(named('twin').file);
  const moved = join(folder, 'moved.syncact');
  renameSync(project, moved);
  project = moved;
  expect((await runCli('check', project, '--sources')).code).toBe(0);
  expect(await computed('twin')).toHaveLength(1);
  // Pictures of its filters are made with the file in the project, as the source is none.
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures);
  for (const red of [0, 200])
    await sharp({ create: { width: 40, height: 40, channels: 3, background: { r: red, g: 90, b: 40 } } }).toFile(
      join(pictures, `${red}.png`),
    );
  const options = ['--model', 'twin', '--layer', 'stage2', '--size', '64', '--count', '1'];
  expect(await runJson('images', project, pictures, ...options)).toMatchObject({ pictures: 2 });
  const { code, stderr } = await runCli('random-model', project, '--like', 'small');
  expect(code).toBe(2);
  expect(stderr).toMatch(/only the bundled networks/);
}, 60_000);

test('activations before the activation come out, below 0 too', async () => {
  const read = async (...options: string[]) => {
    const out = join(folder, `${options.length}.npz`);
    await runJson('activations', data.model, data.frames, out, ...pictureSize, ...options);
    return [...(await readNpz(out)).values()][0]!.data as Float32Array;
  };
  const [after, before] = [await read(), await read('--before-activation')];
  expect(Math.min(...before)).toBeLessThan(0);
  after.forEach((value, i) => expect(value).toBeCloseTo(Math.max(0, before[i]!), 4));
}, 60_000);
