import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runInComputeProcess } from '../../../src-main/jobs/compute-process';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';
import { quietContext, type Progress } from '../../../src-preload/shared/domain/work';

const entry = join(import.meta.dirname, '../../fixtures/compute-process.mjs');

function run(task: string, input?: unknown, options: Partial<Parameters<typeof runInComputeProcess>[2]> = {}) {
  return runInComputeProcess(task, input, { ...quietContext(), entry, ...options });
}

test('a task gives progress, parts and a result; typed arrays cross as they are', async () => {
  const progress: Progress[] = [];
  const parts: unknown[] = [];
  const result = await run('double', Float32Array.of(1, 2), {
    progress: (report) => progress.push(report),
    part: (part) => parts.push(part),
  });
  expect(result).toEqual(Float32Array.of(2, 4));
  expect(parts).toEqual([Float32Array.of(1, 2)]);
  expect(progress).toEqual([{ stage: 'doubling', done: 1, total: 2, unit: 'numbers' }]);
});

test('a user error crosses the process boundary whole', async () => {
  const failure = await run('refuse').catch((caught: unknown) => caught);
  expect(failure).toBeInstanceOf(UserError);
  expect((failure as UserError).message).toBe('bad scan: a.nii: mend it');
});

test('a crash and a kill are failures with the reason', async () => {
  await expect(run('crash')).rejects.toThrow(/exit code 7.*out of memory.*bad_alloc/);
  await expect(run('killed')).rejects.toThrow(/was killed \(SIGKILL\)/);
});

test('a process that takes longer than its task may is killed', async () => {
  await expect(run('deaf', null, { limitMilliseconds: 300 })).rejects.toThrow('no answer within 0.3 s');
});

test.each(['obedient', 'deaf'])('cancelling an %s process ends it', async (task) => {
  const canceller = new AbortController();
  const progress = vi.fn(() => canceller.abort());
  await expect(run(task, null, { signal: canceller.signal, progress, graceMilliseconds: 200 })).rejects.toBeInstanceOf(
    CancelledError,
  );
  expect(progress).toHaveBeenCalled();
});

test('a process asked to finish, before it starts or while it works, ends with a result', async () => {
  expect(await run('early', null, { finishSignal: AbortSignal.abort() })).toBe('what there was');
  const finisher = new AbortController();
  const progress = vi.fn(() => finisher.abort());
  expect(await run('early', null, { finishSignal: finisher.signal, progress })).toBe('what there was');
  expect(progress).toHaveBeenCalled();
});

test('a part that cannot be recorded fails the task', async () => {
  const full = () => {
    throw new UserError({ code: 'disk-full', what: 'the disk is full' });
  };
  await expect(run('double', [1], { part: full })).rejects.toThrow('the disk is full');
});
