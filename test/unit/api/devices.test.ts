import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { TryDeviceTask } from '../../../src-preload/shared/contract/compute-tasks';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';
import { forgetTrials } from '../../../src-main/api/device-trials';
import { choosePlace, type PlaceRequest } from '../../../src-main/api/devices';
import type { JobContext } from '../../../src-main/jobs/queue';

beforeEach(() => {
  vi.stubEnv('SYNCACT_STATE_FOLDER', mkdtempSync(join(tmpdir(), 'syncact-state-')));
});

const request: PlaceRequest = {
  ...{ engine: 'onnxruntime', device: 'auto', threads: null, voxels: 100, time: 20 },
  settings: { variant: 'lt', fbns: 4, epochs: 1, batchSize: 2, learningRate: 0.01, seed: 0 },
};

/** A machine whose devices take so many seconds per run, or fail in their own way. */
function machine(devices: Partial<Record<string, number | Error>>, signal = new AbortController().signal) {
  const tried: string[] = [];
  const runTask = async (_name: string, { device, timed, engine }: TryDeviceTask, options: object) => {
    expect(options).toMatchObject({ limitMilliseconds: expect.any(Number) as number });
    tried.push(timed ? `${device} timed` : device);
    const seconds = devices[device] ?? new Error(`x was false. no ${device} adapter`);
    if (seconds instanceof Error && (timed || !seconds.message.startsWith('no answer'))) throw seconds;
    return { provider: engine === 'tfjs' ? 'wasm' : device, engineVersion: '1', secondsPerSample: timed ? seconds : null };
  };
  return { tried, context: { runTask, signal } as unknown as JobContext };
}

test('a machine with the CPU only is not timed, and remembered', async () => {
  const { tried, context } = machine({ cpu: 1 });
  const found = await choosePlace(request, context);
  expect(found).toEqual({
    ...{ engine: 'onnxruntime', device: 'cpu', provider: 'cpu' },
    why: 'the only device here (cuda: no cuda adapter; webgpu: no webgpu adapter)',
  });
  expect(tried).toEqual(['cuda', 'webgpu']);
  expect(await choosePlace({ ...request, voxels: 7 }, context)).toEqual(found);
  expect(tried).toHaveLength(2);
  await forgetTrials();
  await choosePlace(request, context);
  expect(tried).toHaveLength(4);
});

test('the fastest in a trial is taken and says what was measured; other shapes are tried anew', async () => {
  const { tried, context } = machine({ cpu: 0.06, webgpu: 0.012 });
  expect(await choosePlace(request, context)).toMatchObject({
    device: 'webgpu',
    why: 'fastest in a trial (cpu 60.0 ms per run; webgpu 12.0 ms per run; cuda: no cuda adapter)',
  });
  const before = tried.length;
  await choosePlace(request, context);
  expect(tried).toHaveLength(before);
  await choosePlace({ ...request, voxels: 101 }, context);
  expect(tried).toContain('cpu timed');
  expect(tried.length).toBe(2 * before);
});

test.each([
  ['no faster than the CPU', 0.058],
  ['hangs', new Error('no answer within 8 s')],
])('a device that is %s is not taken', async (_, webgpu) => {
  const { context } = machine({ cpu: 0.06, webgpu });
  expect(await choosePlace(request, context)).toMatchObject({ device: 'cpu', why: expect.stringMatching(/webgpu/) as string });
});

test('a device that is asked for is never replaced', async () => {
  const { tried, context } = machine({ cpu: 1, webgpu: 2 });
  expect(await choosePlace({ ...request, device: 'webgpu' }, context)).toMatchObject({ device: 'webgpu', why: 'asked for' });
  expect(await choosePlace({ ...request, device: 'cpu' }, context)).toMatchObject({ device: 'cpu', why: 'asked for' });
  expect(tried).toEqual(['webgpu']);
  const failure = choosePlace({ ...request, device: 'cuda' }, context);
  await expect(failure).rejects.toThrow(UserError);
  await expect(failure).rejects.toThrow(/device cuda cannot be used here \(found no cuda adapter\).*enable:cuda/);
});

test('the backend of tfjs is known before the training', async () => {
  const { context } = machine({ cpu: 1 });
  for (const device of ['auto', 'cpu'] as const)
    expect(await choosePlace({ ...request, engine: 'tfjs', device }, context)).toMatchObject({ device: 'cpu', provider: 'wasm' });
});

test('cancelled during a trial, nothing is chosen', async () => {
  const { context } = machine({ cpu: 1, cuda: new CancelledError() }, AbortSignal.abort());
  await expect(choosePlace(request, context)).rejects.toThrow(CancelledError);
});
