import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { JobQueue, type JobDefinition } from '../../../src-main/jobs/queue';
import { createProject, type Project } from '../../../src-main/project/project';
import { listJobs, readJob } from '../../../src-main/project/queries/jobs';
import { throwIfCancelled, UserError } from '../../../src-preload/shared/domain/errors';

let project: Project;
const log: string[] = [];

const definitions = new Map<string, JobDefinition>(
  Object.entries({
    wait: {
      type: 'wait',
      input: z.object({ name: z.string(), milliseconds: z.number() }),
      async run(input, { signal, warn }) {
        const { name, milliseconds } = input as { name: string; milliseconds: number };
        log.push(`start ${name}`);
        warn(`careful, ${name}`);
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        throwIfCancelled(signal);
        log.push(`end ${name}`);
        return name;
      },
    },
    early: {
      type: 'early',
      input: z.object({}),
      async run(_input, { finishSignal }) {
        if (!finishSignal.aborted) await new Promise((resolve) => finishSignal.addEventListener('abort', resolve));
        return 'early';
      },
    },
    fail: {
      type: 'fail',
      input: z.object({}),
      run: () => Promise.reject(new UserError({ code: 'file-content', what: 'bad mask', file: 'm.nii' })),
    },
  } satisfies Record<string, JobDefinition>),
);

beforeEach(() => {
  log.length = 0;
  project = createProject(join(mkdtempSync(join(tmpdir(), 'syncact-queue-')), 'q.syncact'), 'test', '0');
});
afterEach(() => project.close());

test('jobs are stored before they run, and run one after another', async () => {
  const queue = new JobQueue(project, definitions);
  const first = queue.start('wait', { name: 'a', milliseconds: 20 });
  const second = queue.start('wait', { name: 'b', milliseconds: 1 });
  expect(listJobs(project.database).map((job) => job.state)).toEqual(['queued', 'queued']);
  expect(await Promise.all([first.finished, second.finished])).toEqual(['a', 'b']);
  expect(log).toEqual(['start a', 'end a', 'start b', 'end b']);
  expect(readJob(project.database, first.id)).toMatchObject({ state: 'done', input: { name: 'a', milliseconds: 20 } });
});

test('a running and a queued job can be asked to finish early', async () => {
  const queue = new JobQueue(project, definitions);
  const [running, queued] = [queue.start('early', {}), queue.start('early', {})];
  queue.finish(queued.id);
  setTimeout(() => queue.finish(running.id), 5);
  expect(await Promise.all([running.finished, queued.finished])).toEqual(['early', 'early']);
  expect(readJob(project.database, running.id)).toMatchObject({ state: 'done' });
});

test('a failed job keeps its reason and does not hold up the next', async () => {
  const queue = new JobQueue(project, definitions);
  const failing = queue.start('fail', {});
  const next = queue.start('wait', { name: 'c', milliseconds: 1 });
  await expect(failing.finished).rejects.toThrow('bad mask');
  expect(await next.finished).toBe('c');
  expect(readJob(project.database, failing.id)).toMatchObject({
    state: 'failed',
    error: { kind: 'user', details: { file: 'm.nii' } },
  });
});

test('closing cancels what runs and what waits', async () => {
  const queue = new JobQueue(project, definitions);
  const jobs = ['d', 'e'].map((name) => queue.start('wait', { name, milliseconds: 30 }));
  const outcomes = Promise.allSettled(jobs.map((job) => job.finished));
  await queue.close();
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  expect(jobs.map((job) => readJob(project.database, job.id)!.state)).toEqual(['cancelled', 'cancelled']);
});

test('input that a job does not take is refused and not stored', () => {
  const queue = new JobQueue(project, definitions);
  expect(() => queue.start('wait', { name: 3 })).toThrow(/bad setting for wait: name/);
  expect(() => queue.start('dance', {})).toThrow(/no kind of job/);
  expect(listJobs(project.database)).toEqual([]);
});

test('a job can be started again with the input it had', async () => {
  const queue = new JobQueue(project, definitions);
  const first = queue.start('wait', { name: 'f', milliseconds: 1 });
  await first.finished;
  expect(await queue.resume(first.id).finished).toBe('f');
});
