import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readTrainingState } from '../../src-main/embedding/checkpoint';
import { killGroup, printed, runCli, runJson, startCli, temporaryFolder } from './cli';
import { makeSmallData, type SmallData } from './small-data';

interface Step {
  name: string;
  /** The command, given a project; run again (with `resumeArgs`) it goes on. */
  args(project: string): string[];
  resumeArgs?: string[];
}

let data: SmallData;
let steps: Step[];
/** A project in which everything was done without a kill. */
let reference: string;
let folder: string;

beforeAll(async () => {
  folder = temporaryFolder();
  data = await makeSmallData(folder);
  // Attention with everything it can have: the form with the most weights of different kinds.
  const train = ['--variant', 'lt-msa', '--heads', '2', '--residual-norm', '--fbns', '8', '--epochs', '400', '--batch', '2'];
  steps = [
    { name: 'import-fmri', args: (project) => ['import-fmri', project, '--bids', data.bids, '--mask', data.mask] },
    {
      name: 'import-movie',
      args: (project) => ['import-movie', project, '--run', 'task-clip', '--frames', data.frames, '--tr', '1'],
    },
    { name: 'import-model', args: (project) => ['import-model', project, data.model] },
    { name: 'train', args: (project) => ['train', project, ...train], resumeArgs: ['--resume'] },
    { name: 'extract', args: (project) => ['extract', project, '--model', 'small', '--layers', 'all', '--batch', '1'] },
    { name: 'couple', args: (project) => ['couple', project] },
  ];
  reference = join(folder, 'reference.syncact');
  await runJson('init', reference);
  for (const step of steps) await runJson(...step.args(reference));
}, 120_000);

/** Runs a step, killing it after random times, until it comes to its end; the project must be sound after every kill. */
async function runWithKills(project: string, step: Step, wantedKills: number): Promise<number> {
  const started = performance.now();
  let kills = 0;
  for (let attempt = 0; attempt < 40; attempt++) {
    const args = [...step.args(project), ...(attempt > 0 ? (step.resumeArgs ?? []) : [])];
    const { child, result } = startCli(args);
    const timer = kills < wantedKills ? setTimeout(() => killGroup(child), 150 + Math.random() * 700) : undefined;
    const { code, signal, stderr } = await result;
    clearTimeout(timer);
    if (signal === 'SIGKILL') {
      kills++;
      const check = await runCli('check', project);
      expect(check.code, `check after killing ${step.name}: ${check.stdout}${check.stderr}`).toBe(0);
      continue;
    }
    expect(code, `${step.name}: ${stderr}`).toBe(0);
    return kills;
  }
  throw new Error(`${step.name} did not end in ${Math.round((performance.now() - started) / 1000)} s`);
}

/** Everything of a project that must not depend on how often it was killed. */
async function numbers(project: string) {
  const trained = await runJson<{ epochs: { epoch: number; trainLoss: number; validationLoss: number }[]; bestEpoch: number }>(
    ...steps.find((step) => step.name === 'train')!.args(project),
  );
  const tables = await Promise.all(['1', '8'].map((table) => runJson<{ rows: unknown }>('report', project, '--table', table)));
  const losses = trained.epochs.map(({ epoch, trainLoss, validationLoss }) => [epoch, trainLoss, validationLoss]);
  const [training] = readdirSync(join(project, 'checkpoints'));
  const { state } = await readTrainingState(join(project, 'checkpoints', training!, 'last.safetensors'));
  return { losses, bestEpoch: trained.bestEpoch, tables, weights: state.weights, best: state.best };
}

test('twenty kills at random moments leave a sound project and the same numbers', async () => {
  let kills = 0;
  const wanted: Record<string, number> = { 'import-fmri': 4, train: 5, extract: 4, couple: 1, 'import-movie': 1 };
  for (let round = 0; kills < 20 && round < 6; round++) {
    const project = join(folder, `killed-${round}.syncact`);
    await runJson('init', project);
    for (const step of steps) kills += await runWithKills(project, step, wanted[step.name] ?? 0);
    expect(await numbers(project)).toEqual(await numbers(reference));
    rmSync(project, { recursive: true });
  }
  expect(kills).toBeGreaterThanOrEqual(20);
}, 400_000);

/** What a training says when it is beyond its first epoch. */
const someEpochs = /training, epoch (?!1 )\d+ of/;

test('a killed compute process is a failed job with its reason; the host lives and the job can be run again', async () => {
  const project = join(folder, 'compute-killed.syncact');
  await runJson('init', project);
  for (const step of steps.slice(0, 3)) await runJson(...step.args(project));
  const { child, result } = startCli(['train', project, '--fbns', '8', '--epochs', '100000', '--batch', '2']);
  const training = printed(child, someEpochs);
  const compute = await findChild(child.pid!);
  await training;
  process.kill(compute, 'SIGKILL');
  const { code, stderr } = await result;
  expect(code).toBe(1);
  expect(stderr).toMatch(/compute process of "train" was killed \(SIGKILL\)/);
  expect((await runCli('check', project)).code).toBe(0);
  const info = await runJson<{ embeddings: { state: string }[] }>('info', project);
  expect(info.embeddings).toMatchObject([{ state: 'training' }]);
}, 120_000);

test('Ctrl-C stops with code 130 and --resume goes on', async () => {
  const project = join(folder, 'interrupted.syncact');
  await runJson('init', project);
  for (const step of steps.slice(0, 3)) await runJson(...step.args(project));
  const { child, result } = startCli(['train', project, '--fbns', '8', '--epochs', '1500', '--batch', '2', '--seed', '3']);
  await printed(child, someEpochs);
  process.kill(-child.pid!, 'SIGINT');
  const { code, stderr } = await result;
  expect(code, stderr).toBe(130);
  expect(stderr).toMatch(/--resume/);
  const resumed = await runJson<{ epochs: unknown[]; seed: number }>('train', project, '--resume');
  expect(resumed.seed).toBe(3);
  expect(resumed.epochs).toHaveLength(1500);
}, 120_000);

test('an interrupted training can be kept as a training of the epochs done', async () => {
  const project = join(folder, 'kept.syncact');
  await runJson('init', project);
  for (const step of steps.slice(0, 3)) await runJson(...step.args(project));
  const args = ['train', project, '--fbns', '8', '--batch', '2', '--seed', '3'];
  const { child, result } = startCli([...args, '--epochs', '100000']);
  await printed(child, someEpochs);
  process.kill(-child.pid!, 'SIGINT');
  expect((await result).code).toBe(130);
  type Trained = { embedding: number; epochs: { epoch: number }[]; alreadyTrained: boolean; testSubjects: string[] };
  const kept = await runJson<Trained>('train', project, '--keep');
  const epochs = kept.epochs.length;
  expect(epochs).toBeGreaterThan(0);
  expect(epochs).toBeLessThan(100_000);
  expect(kept.testSubjects.length).toBeGreaterThan(0);
  const again = await runJson<Trained>(...args, '--epochs', String(epochs));
  expect(again).toMatchObject({ embedding: kept.embedding, alreadyTrained: true });
  expect(readdirSync(join(project, 'checkpoints'))).toHaveLength(1);
  expect((await runCli('check', project)).code).toBe(0);
  expect(await runJson<{ embeddings: unknown[] }>('info', project)).toMatchObject({
    embeddings: [{ state: 'complete', epochs }],
  });
}, 120_000);

/** The process id of the compute process of a command. */
async function findChild(parent: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  for (let attempt = 0; attempt < 100; attempt++) {
    const children = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim();
    if (children) return Number(children.split(' ')[0]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no compute process was started');
}
