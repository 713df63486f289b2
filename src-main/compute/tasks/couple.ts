import type { CoupleTask, CouplingPart } from '../../../src-preload/shared/contract/compute-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { correlate } from '../../coupling/correlate';
import { createEngineProduct } from '../../coupling/product';
import { findPairs, summarisePairs, type Pair } from '../../coupling/pairs';
import { averageOverSubjects } from '../../embedding/encode';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskHandler } from '../process';

type Coupling = CoupleTask['couplings'][number];

/** Correlates FBN with filter activations, keeps the r matrices, and hands over the pairs of each coupling as it is done. */
export const coupleTask: TaskHandler<'couple'> = async ({ activations, couplings }, context) => {
  const cache = ActivationCache.open(activations);
  const engine = await createEngineProduct(onnxruntimeEngine);
  let averaged: { of: string; fbns: Matrix } | undefined;
  try {
    for (const [index, coupling] of couplings.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'coupling', done: index, total: couplings.length, unit: 'couplings' });
      const of = [coupling.embeddingKey, ...coupling.runs, coupling.timePoints].join();
      if (averaged?.of !== of) averaged = { of, fbns: averageFbnActivations(cache, coupling) };
      const filters = cutTime(cache.readFilterActivation(coupling.filterActivation)!, coupling.timePoints);
      const r = await correlate(averaged.fbns, filters, { product: engine.product });
      cache.writeCorrelation(coupling.key, r);
      for (const direction of coupling.directions) context.part(describePairs(index, r, direction, coupling.timePoints));
    }
    context.progress({ stage: 'coupling', done: couplings.length, total: couplings.length, unit: 'couplings' });
  } finally {
    await engine.release();
    cache.close();
  }
  return null;
};

/** Mean over scans of their FBN activations [fbns × time], over the time points in use. */
export function averageFbnActivations(
  cache: ActivationCache,
  { embeddingKey, runs, timePoints }: Pick<Coupling, 'embeddingKey' | 'runs' | 'timePoints'>,
): Matrix {
  return averageOverSubjects(runs.map((run) => cutTime(cache.readFbnActivation(embeddingKey, run)!, timePoints)));
}

/** The first time points of every series. */
function cutTime(matrix: Matrix, timePoints: number): Matrix {
  if (matrix.columns === timePoints) return matrix;
  const cut = createMatrix(matrix.rows, timePoints);
  for (let row = 0; row < matrix.rows; row++) matrixRow(cut, row).set(matrixRow(matrix, row).subarray(0, timePoints));
  return cut;
}

function describePairs(index: number, r: Matrix, direction: CouplingPart['direction'], timePoints: number): CouplingPart {
  const pairs = findPairs(r, direction, timePoints);
  const summary = summarisePairs(r, direction, timePoints);
  const column = (value: (pair: Pair) => number) => Float64Array.from(pairs, value);
  return {
    ...{
      index,
      direction,
      fbns: r.rows,
      filters: r.columns,
      undefinedPairs: summary.undefinedPairs,
      notSignificant: summary.notSignificant,
    },
    meanR: pairs.length > 0 ? summary.meanR : null,
    pairs: {
      fbn: Int32Array.from(pairs, (pair) => pair.fbn),
      filter: Int32Array.from(pairs, (pair) => pair.filter),
      r: column((pair) => pair.r),
      p: column((pair) => pair.p),
    },
  };
}
