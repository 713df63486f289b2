import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { printed, runCli, runJson, startCli, temporaryFolder } from './cli';
import { makeSmallData } from './small-data';

interface Sweep {
  trainings: { variant: string; fbns: number; seed: number; embedding?: number; alreadyTrained?: boolean; error?: unknown }[];
  embeddings: { id: number; variant: string; fbns: number; epochs: number; bestValidationLoss: number; quality: object }[];
}

const sweep = ['--variants', 'lt,lt-lstm,lt-msa', '--fbns', '4,8', '--heads', '2', '--epochs', '3', '--batch', '2'];
let project: string;

beforeAll(async () => {
  const folder = temporaryFolder();
  const data = await makeSmallData(folder);
  project = join(folder, 's.syncact');
  await runJson('init', project);
  await runJson('import-fmri', project, '--bids', data.bids, '--mask', data.mask, '--like', data.mask);
}, 60_000);

test('a sweep trains every combination, and asked for again trains nothing', async () => {
  const first = await runJson<Sweep>('sweep', project, ...sweep);
  expect(first.trainings.map(({ variant, fbns }) => `${variant} ${fbns}`)).toEqual([
    ...['lt 4', 'lt-lstm 4', 'lt-msa 4', 'lt 8', 'lt-lstm 8', 'lt-msa 8'],
  ]);
  expect(new Set(first.trainings.map(({ embedding }) => embedding)).size).toBe(6);
  expect(first.trainings.every(({ alreadyTrained }) => alreadyTrained === false)).toBe(true);
  for (const one of first.embeddings) {
    expect(one.epochs).toBe(3);
    expect(one.bestValidationLoss).toBeGreaterThan(0);
    expect(one.quality).not.toBeNull();
  }
  const second = await runJson<Sweep>('sweep', project, ...sweep);
  expect(second.trainings.every(({ alreadyTrained }) => alreadyTrained)).toBe(true);
  const { embeddings } = await runJson<Sweep>('embeddings', project);
  expect(embeddings).toEqual(first.embeddings.map((one) => ({ ...one, finishedAt: expect.any(String) as string })));
  expect((await runCli('embeddings', project)).stdout).toMatch(/LT\+MSA, 2 heads/);
}, 120_000);

test('one that fails does not stop the others, and is told by the exit code', async () => {
  const args = ['--variants', 'lt', '--fbns', '5', '--learning-rates', '1e38,0.01', '--epochs', '2', '--batch', '2'];
  const { code, stdout, stderr } = await runCli('sweep', project, ...args, '--json');
  expect(code, stderr).toBe(2);
  const { trainings } = JSON.parse(stdout) as Sweep;
  expect(trainings[0]).toMatchObject({ error: { kind: 'user' } });
  expect(trainings[1]).toMatchObject({ alreadyTrained: false, embedding: expect.any(Number) as number });
}, 60_000);

test('nothing is queued where one training has settings that cannot be used', async () => {
  const before = await runJson<{ unfinishedJobs: unknown[]; embeddings: unknown[] }>('info', project);
  const { code, stderr } = await runCli('sweep', project, '--variants', 'lt,lt-msa', '--fbns', '4,9', '--heads', '2');
  expect(code).toBe(2);
  expect(stderr).toMatch(/"heads".*divisor of the number of FBNs/);
  expect(await runJson('info', project)).toMatchObject({ unfinishedJobs: before.unfinishedJobs, embeddings: before.embeddings });
  expect((await runCli('sweep', project, '--variants', 'lt,mlp')).stderr).toMatch(/"mlp" is none of lt, lt-lstm, lt-msa/);
});

test('interrupted, the same command goes on where it stopped', async () => {
  const args = ['--variants', 'lt', '--fbns', '3,4', '--seeds', '7', '--epochs', '1500', '--batch', '2'];
  const { child, result } = startCli(['sweep', project, ...args]);
  await printed(child, /epoch (?!1 )\d+ of/);
  process.kill(-child.pid!, 'SIGINT');
  const { code, stderr } = await result;
  expect(code, stderr).toBe(130);
  const begun = readdirSync(join(project, 'checkpoints')).length;
  const { trainings } = await runJson<Sweep>('sweep', project, ...args);
  expect(trainings.map(({ alreadyTrained }) => alreadyTrained)).toEqual([false, false]);
  expect(readdirSync(join(project, 'checkpoints'))).toHaveLength(begun + 1);
}, 120_000);
