import { expect, test } from 'vitest';
import { trainInput, type JobInput } from '../../../src-preload/shared/contract/job-inputs';
import { expandSweep, sweepInput, sweepProgress } from '../../../src-preload/shared/contract/sweep';
import type { JobView } from '../../../src-preload/shared/contract/views';

test('every combination once, small ones first, each a training that is accepted', () => {
  const trainings = expandSweep(
    { variants: ['lt', 'lt-msa'], fbns: [128, 64, 64], seeds: [0, 1], shared: { epochs: 7, heads: 4 } },
    'tonight',
  );
  expect(trainings.map(({ fbns, variant, seed }) => `${fbns} ${variant} ${seed}`)).toEqual([
    ...['64 lt 0', '64 lt 1', '64 lt-msa 0', '64 lt-msa 1'],
    ...['128 lt 0', '128 lt 1', '128 lt-msa 0', '128 lt-msa 1'],
  ]);
  for (const training of trainings)
    expect(trainInput.parse(training)).toMatchObject({ epochs: 7, heads: 4, sweep: 'tonight', resume: true, learningRate: 0.01 });
});

test('learning rates are a list or shared; a sweep of nothing is refused', () => {
  const rates = expandSweep({ variants: ['lt'], fbns: [8], learningRates: [0.1, 0.01], shared: { learningRate: 5 } }, 's');
  expect(rates.map(({ learningRate }) => learningRate)).toEqual([0.1, 0.01]);
  expect(expandSweep({ variants: ['lt'], fbns: [8], shared: { learningRate: 5 } }, 's')).toMatchObject([{ learningRate: 5 }]);
  expect(sweepInput.safeParse({ variants: [], fbns: [8], shared: {} }).success).toBe(false);
  expect(sweepInput.safeParse({ variants: ['lt'], fbns: [0], shared: {} }).success).toBe(false);
});

test('progress of the whole goes by what trainings cost', () => {
  const job = (
    fbns: number,
    state: JobView['state'],
    progress: { done: number; secondsLeft: number | null; unit?: string } | null = null,
  ): Pick<JobView, 'input' | 'state' | 'progress'> => ({
    input: { variant: 'lt', fbns, epochs: 10 } satisfies JobInput<'train'>,
    state,
    progress: progress && { stage: 's', total: 10, unitsPerSecond: null, unit: 'epochs', ...progress },
  });
  const half = job(64, 'running', { done: 5, secondsLeft: 30 });
  expect(sweepProgress([job(64, 'done'), half, job(128, 'queued')])).toEqual({
    ...{ trainings: 3, done: 1, failed: 0, share: 96 / 256 },
    // 32 × 10 of its cost take 30 s; 160 × 10 are left.
    secondsLeft: 150,
  });
  expect(sweepProgress([job(64, 'failed'), job(64, 'cancelled')])).toMatchObject({ failed: 2, share: 1, secondsLeft: null });
  const encoding = job(64, 'running', { done: 1, secondsLeft: 3, unit: 'runs' });
  expect(sweepProgress([encoding, job(64, 'queued')])).toMatchObject({ share: 0.5, secondsLeft: null });
});
