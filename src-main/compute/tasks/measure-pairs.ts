import { setImmediate } from 'node:timers/promises';
import type { MeasurePairsTask, PairMetricsPart } from '../../../src-preload/shared/contract/compute-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { pairMetrics } from '../../coupling/pair-metrics';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskHandler } from '../process';
import { averageFbnActivations, cutTime } from './couple';

const names = ['MAE', 'MSE', 'RMSE', 'DTW', 'PCC', 'Spearman'] as const;
/** Between two looks at whether to stop: a pair of 900 time points takes some milliseconds, most of them for DTW. */
const PAIRS_AT_A_TIME = 32;

/** Means of the metrics of every coupling's pairs; each coupling is handed over as it is done. */
export const measurePairsTask: TaskHandler<'measure-pairs'> = async ({ activations, couplings, band }, context) => {
  const cache = ActivationCache.openReadOnly(activations);
  const total = couplings.reduce((sum, { pairs }) => sum + pairs.fbn.length, 0);
  let done = 0;
  try {
    for (const [index, coupling] of couplings.entries()) {
      const fbns = averageFbnActivations(cache, coupling);
      const filters = cutTime(cache.readFilterActivation(coupling.filterActivation)!, coupling.timePoints);
      const part = await meansOf(coupling.pairs, [fbns, filters], band, async (measured) => {
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
  pairs: MeasurePairsTask['couplings'][number]['pairs'],
  [fbns, filters]: readonly [Matrix, Matrix],
  band: number | undefined,
  onPairs: (measured: number) => Promise<void>,
): Promise<Omit<PairMetricsPart, 'index'>> {
  const wanted = [...names, ...(band === undefined ? [] : (['DTWInBand'] as const))];
  const means: PairMetricsPart['means'] = Object.fromEntries(wanted.map((name) => [name, 0]));
  let count = 0;
  for (const [i, fbn] of pairs.fbn.entries()) {
    if (i % PAIRS_AT_A_TIME === 0) await onPairs(i);
    const metrics = pairMetrics(matrixRow(fbns, fbn), matrixRow(filters, pairs.filter[i]!), { band });
    if (!metrics) continue;
    count++;
    for (const name of wanted) means[name]! += metrics[name]!;
  }
  for (const name of wanted) means[name]! /= count;
  return { pairs: count, means: { ...means, ...(band !== undefined && { band }) } };
}
