import { expect, test } from 'vitest';
import type { JobView } from '../../../src-preload/shared/contract/views';
import { currentSweep, parseNumberList, sweepProblem } from '../../../src-renderer/features/embedding/sweep';

test('lists of numbers are read with commas or spaces', () => {
  expect(parseNumberList(' 64, 128 256;')).toEqual([64, 128, 256]);
  expect(parseNumberList('')).toEqual([]);
  expect(parseNumberList('0.01, x')).toEqual([0.01, NaN]);
});

test('what cannot be queued is said', () => {
  const input = { variants: ['lt' as const], fbns: [64], shared: {} };
  expect(sweepProblem(input, 8)).toBeNull();
  expect(sweepProblem({ ...input, variants: [] }, 8)).toMatch(/variant/);
  expect(sweepProblem({ ...input, fbns: [] }, 8)).toMatch(/number of FBNs/);
  expect(sweepProblem({ ...input, fbns: [1.5] }, 8)).toMatch(/FBNs cannot be used/);
  expect(sweepProblem({ ...input, seeds: [NaN] }, 8)).toMatch(/Seeds cannot be used/);
  expect(sweepProblem({ ...input, fbns: [12] }, 8)).toBeNull();
  expect(sweepProblem({ ...input, variants: ['lt-msa'], fbns: [64, 12] }, 8)).toBe('8 heads of LT+MSA do not divide 12 FBNs.');
});

test('the newest sweep is shown until all of it is done; a training taken up again counts once', () => {
  const job = (id: number, sweep: string | undefined, fbns: number, state: JobView['state']): JobView => ({
    ...{ id, type: 'train', input: { fbns, sweep }, state, progress: null, warnings: [], error: null },
    ...{ createdAt: '', startedAt: null, finishedAt: null },
  });
  const old = [job(1, 'a', 8, 'failed')];
  const sweep = [job(2, 'b', 8, 'done'), job(3, 'b', 16, 'cancelled'), job(4, undefined, 9, 'running')];
  expect(currentSweep(old).map(({ id }) => id)).toEqual([1]);
  expect(currentSweep([...old, ...sweep]).map(({ id }) => id)).toEqual([2, 3]);
  const again = [...sweep, job(5, 'b', 16, 'running')];
  expect(currentSweep([...old, ...again].toReversed()).map(({ id }) => id)).toEqual([2, 5]);
  expect(currentSweep([...old, ...sweep, job(5, 'b', 16, 'done')])).toEqual([]);
  expect(currentSweep([])).toEqual([]);
});
