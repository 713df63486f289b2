import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runInComputeProcess } from '../../../src-main/jobs/compute-process';
import { ComputeDeath } from '../../../src-main/jobs/compute-death';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';
import { outOfMemory, saidOutOfMemory } from '../../../src-preload/shared/domain/out-of-memory';
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
  await expect(run('crash')).rejects.toThrow('"crash" ended with exit code 7: no such thing');
  await expect(run('killed')).rejects.toThrow(/was killed \(SIGKILL\); if memory ran out: close other programs/);
});

test('memory that ran out is said to have, and what to do', async () => {
  await expect(run('throwing')).rejects.toMatchObject({
    details: { code: 'out-of-memory', found: expect.stringContaining('bad_alloc') as string },
  });
  vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=24');
  const failure = await run('fillHeap').catch((caught: unknown) => caught);
  vi.unstubAllEnvs();
  expect((failure as UserError).message).toMatch(
    /^the memory did not suffice for "fillHeap" \(found FATAL ERROR: .*JavaScript heap out of memory\): close other programs/,
  );
});

test('a process that the system killed for want of memory is told from one that somebody killed', () => {
  const kills = [4, 5];
  expect(new ComputeDeath(() => kills.shift()!).explain('train', null, 'SIGKILL')).toMatchObject({
    message: expect.stringMatching(/killed by the system.*choose a smaller batch \(--batch\) or fewer FBNs/) as string,
    details: { code: 'out-of-memory' },
  });
  expect(new ComputeDeath(() => 4).explain('train', null, 'SIGKILL')).toMatchObject({ code: 'compute-ended' });
});

test.each([
  'Non-zero status code returned while running Conv node. Name:"c" Status Message: Failed to allocate memory for requested buffer of size 9',
  'Array buffer allocation failed',
  'bad allocation',
  'CUDA failure 2: out of memory ; GPU=0',
])('an allocation that failed in a task is known as such: %s', (message) => {
  expect(saidOutOfMemory(`before\n${message}\nafter`)).toBe(message);
  expect(saidOutOfMemory('the file was not found in memory')).toBeUndefined();
});

// As ONNX Runtime 1.30 said it on an NVIDIA H200, whose memory test/long/graphics-card.ts had filled.
test.each([
  [
    'WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error.\n - While validating entries[1] against ' +
      '{ binding: 1, visibility: ShaderStage::Compute, buffer: {type: BufferBindingType::Storage} }.\n',
    'the graphics card has no memory left for a buffer',
  ],
  [
    "Non-zero status code returned while running Add node. Name:'/back' Status Message: shader_helper.cc:306 AddVariableImpl(…) " +
      'numbers_storage_buffers_ <= limits_.maxStorageBuffersPerShaderStage was false. Too many storage buffers in shader. Current: 18, Max is 16 ',
    'a feature map or matrix is larger than the graphics card takes',
  ],
])('the memory of a graphics card that ran out is said in words', (message, meaning) => {
  expect(saidOutOfMemory(message)).toBe(meaning);
  expect(outOfMemory('extract', meaning).message).toMatch(/--device cpu.*--batch/);
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
