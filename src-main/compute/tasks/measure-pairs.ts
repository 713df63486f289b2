import { setImmediate } from 'node:timers/promises';
import type { MeasurePairsTask, PairMetricsPart } from '../../../src-preload/shared/contract/compute-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { pairMetrics } from '../../coupling/pair-metrics';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskHandler } from '../process';
import { averageFbnActivations, cutTime } from './couple';

const names = ['MAE', 'MSE', 'RMSE', 'DTW', 'PCC'] as const;
/** Between two looks at whether to stop: a pair of 900 time points takes some milliseconds, most of them for DTW. */
const PAIRS_AT_A_TIME = 32;

/** Means of the metrics of every coupling's pairs; each coupling is handed over as it is done. */
export const measurePairsTask: TaskHandler<'measure-pairs'> = async ({ activations, couplings }, context) => {
  const cache = ActivationCache.openReadOnly(activations);
  const total = couplings.reduce((sum, { pairs }) => sum + pairs.fbn.length, 0);
  let done = 0;
  try {
    for (const [index, coupling] of couplings.entries()) {
      const fbns = averageFbnActivations(cache, coupling);
      const filters = cutTime(cache.readFilterActivation(coupling.filterActivation)!, coupling.timePoints);
      const part = await meansOf(coupling, fbns, filters, async (measured) => {
        throwIfCancelled(context.signal);
        context.progress({ stage: 'measuring pairs', done: done + measured, total, unit: 'pairs' });
        // The message to stop is heard between pairs.
        await setImmediate();
      });
      done += coupling.pairs.fbn.length;
      context.part({ index, ...part });
    }
  } finally {
    cache.close();
  }
  return null;
};

async function meansOf(
  { pairs }: MeasurePairsTask['couplings'][number],
  fbns: Matrix,
  filters: Matrix,
  onPairs: (measured: number) => Promise<void>,
): Promise<Omit<PairMetricsPart, 'index'>> {
  const sums = Object.fromEntries(names.map((name) => [name, 0])) as PairMetricsPart['means'];
  let count = 0;
  for (const [i, fbn] of pairs.fbn.entries()) {
    if (i % PAIRS_AT_A_TIME === 0) await onPairs(i);
    const metrics = pairMetrics(matrixRow(fbns, fbn), matrixRow(filters, pairs.filter[i]!));
    if (!metrics) continue;
    count++;
    for (const name of names) sums[name] += metrics[name];
  }
  for (const name of names) sums[name] /= count;
  return { pairs: count, means: sums };
}
