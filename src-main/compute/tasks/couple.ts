import type { CoupleTask, CouplingPart } from '../../../src-preload/shared/contract/compute-tasks';
import type { CorrectionPart, NullSettings } from '../../../src-preload/shared/contract/corrections';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { correctPairs, type CorrectedPair, type CorrectedPairs, type CorrectionRequest } from '../../coupling/corrected';
import { ControlledSeries } from '../../coupling/controlled-series';
import { correlate } from '../../coupling/correlate';
import { createEngineProduct, type EngineProduct, type SeriesProduct } from '../../coupling/product';
import { findPairs, summarisePairs, type Pair } from '../../coupling/pairs';
import { controlledTests, plainTests, type PairTests } from '../../coupling/pair-tests';
import { circularShifts, randomPhases, shiftedSubjects, type Surrogates } from '../../coupling/surrogates';
import { averageOverSubjects } from '../../embedding/encode';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { ActivationCache } from '../../project/activation-cache';
import { readConfounds } from '../confounds';
import type { TaskHandler } from '../process';

type Coupling = CoupleTask['couplings'][number];

/** Correlates FBN with filter activations, keeps the r matrices, and hands over the pairs of each coupling as it is done. */
export const coupleTask: TaskHandler<'couple'> = async ({ activations, couplings, correction }, context) => {
  const cache = ActivationCache.open(activations);
  const engine = await createEngineProduct(onnxruntimeEngine);
  let averaged: { of: string; fbns: Matrix } | undefined;
  try {
    for (const [index, coupling] of couplings.entries()) {
      throwIfCancelled(context.signal);
      const stage = correction ? 'coupling, with nulls of the maximum' : 'coupling';
      context.progress({ stage, done: index, total: couplings.length, unit: 'couplings' });
      const of = [coupling.embeddingKey, ...coupling.runs, coupling.timePoints].join();
      if (averaged?.of !== of) averaged = { of, fbns: averageFbnActivations(cache, coupling) };
      const filters = cutTime(cache.readFilterActivation(coupling.filterActivation)!, coupling.timePoints);
      const pairing = await pair(cache, coupling, { x: averaged.fbns, y: filters }, engine.product, context);
      cache.writeCorrelation(coupling.key, pairing.r);
      const corrected = correction && (await correct(cache, coupling, correction, pairing, engine, context));
      for (const direction of coupling.directions) {
        const own = corrected?.find((one) => one.direction === direction);
        context.part({
          ...describePairs(index, pairing, direction),
          correction: own ? describeCorrection(own) : null,
        });
      }
    }
    context.progress({ stage: 'coupling', done: couplings.length, total: couplings.length, unit: 'couplings' });
  } finally {
    await engine.release();
    cache.close();
  }
  return null;
};

/** Series as they were correlated, and what came of it. */
interface Pairing extends Pick<CorrectionRequest, 'x' | 'y'> {
  r: Matrix;
  /** The delay in TRs that r is of [fbns, filters]; null where there is no choice. */
  lag: Matrix | null;
  timePoints: number;
  tests: PairTests;
  controlled: ControlledSeries | null;
}

async function pair(
  cache: ActivationCache,
  { controls, timePoints }: Coupling,
  { x, y }: { x: Matrix; y: Matrix },
  product: SeriesProduct,
  context: WorkContext,
): Promise<Pairing> {
  if (!controls) {
    const r = await correlate(x, y, { product });
    return { x, y, r, lag: null, timePoints, tests: plainTests(x, y), controlled: null };
  }
  const confounds = controls.confounds && (await readConfounds(cache, controls.confounds, timePoints, context));
  const controlled = new ControlledSeries(x, y, { ...controls, confounds });
  const { r, lag } = await controlled.correlations({ product });
  return { x: controlled.x, y, r, lag, timePoints: controlled.timePoints, tests: controlledTests(controlled), controlled };
}

async function correct(
  cache: ActivationCache,
  coupling: Coupling,
  settings: NullSettings,
  { x, y, r, tests, controlled }: Pairing,
  { maxima, product }: EngineProduct,
  { signal, warn }: WorkContext,
): Promise<CorrectedPairs[]> {
  const { directions, correctionKey } = coupling;
  const surrogates = makeSurrogates(cache, coupling, settings, controlled, product);
  // Progress is counted in couplings; a single one is short.
  const context = { signal, warn, progress: () => {} };
  return correctPairs({ x, y, r, tests, directions, surrogates }, { maxima, product, context }, (nulls) => {
    cache.writeNullMaxima(correctionKey!, { ...nulls, data: Float32Array.from(nulls.data) });
  });
}

function describeCorrection({ pairs, surrogates, notSignificant, ...summary }: CorrectedPairs): CorrectionPart | null {
  if (pairs.length === 0) return null;
  const column = (value: (pair: CorrectedPair) => number) => Float64Array.from(pairs, value);
  const { expectedMeanR, deviationOfMeanR, matchedMeanR, z, pOfMeanR } = summary;
  return {
    summary: {
      ...{ surrogates, expectedMeanR, deviationOfMeanR, matchedMeanR, z, pOfMeanR },
      notSignificantNull: notSignificant.null,
      notSignificantQ: notSignificant.q,
      notSignificantFamily: notSignificant.family,
    },
    effectiveN: column(({ effectiveN }) => effectiveN),
    pEffective: column(({ pEffective }) => pEffective),
    pNull: column(({ pNull }) => pNull),
    q: column(({ q }) => q),
    pFamily: column(({ pFamily }) => pFamily),
    mutual: Uint8Array.from(pairs, ({ isMutual }) => (isMutual ? 1 : 0)),
  };
}

function makeSurrogates(
  cache: ActivationCache,
  { embeddingKey, runs, timePoints }: Coupling,
  { method, ...draw }: NullSettings,
  controlled: ControlledSeries | null,
  product: SeriesProduct,
): Surrogates {
  const inUse = controlled?.timePoints ?? timePoints;
  if (method === 'circular-shift') return circularShifts(inUse);
  if (method === 'phase') return randomPhases(inUse, draw, product);
  const subjects = runs.map((run) => cutTime(cache.readFbnActivation(embeddingKey, run)!, timePoints));
  return shiftedSubjects(controlled ? subjects.map((one) => controlled.ofSubject(one)) : subjects, draw);
}

/**
 * Mean over scans of their FBN activations [fbns × time], over the time points in use.
 * @param fbns only these, in this order; all where left out
 */
export function averageFbnActivations(
  cache: ActivationCache,
  { embeddingKey, runs, timePoints }: Pick<Coupling, 'embeddingKey' | 'runs' | 'timePoints'>,
  fbns?: readonly number[],
): Matrix {
  const read = (run: string) => cutTime(cache.readFbnActivation(embeddingKey, run)!, timePoints);
  return averageOverSubjects(runs.map((run) => (fbns ? selectRows(read(run), fbns) : read(run))));
}

function selectRows(matrix: Matrix, rows: readonly number[]): Matrix {
  const selected = createMatrix(rows.length, matrix.columns);
  for (const [i, row] of rows.entries()) selected.data.set(matrixRow(matrix, row), i * matrix.columns);
  return selected;
}

/** The first time points of every series. */
export function cutTime(matrix: Matrix, timePoints: number): Matrix {
  if (matrix.columns === timePoints) return matrix;
  const cut = createMatrix(matrix.rows, timePoints);
  for (let row = 0; row < matrix.rows; row++) matrixRow(cut, row).set(matrixRow(matrix, row).subarray(0, timePoints));
  return cut;
}

function describePairs(
  index: number,
  { r, lag, timePoints, tests }: Pairing,
  direction: CouplingPart['direction'],
): Omit<CouplingPart, 'correction'> {
  const pairs = findPairs(r, direction, tests.p);
  const summary = summarisePairs(r, direction, tests.p);
  const column = (value: (pair: Pair) => number) => Float64Array.from(pairs, value);
  return {
    ...{
      index,
      direction,
      fbns: r.rows,
      filters: r.columns,
      timePoints,
      undefinedPairs: summary.undefinedPairs,
      notSignificant: summary.notSignificant,
    },
    meanR: pairs.length > 0 ? summary.meanR : null,
    pairs: {
      fbn: Int32Array.from(pairs, (pair) => pair.fbn),
      filter: Int32Array.from(pairs, (pair) => pair.filter),
      r: column((pair) => pair.r),
      p: column((pair) => pair.p),
      lag: lag && Int32Array.from(pairs, ({ fbn, filter }) => lag.data[fbn * lag.columns + filter]!),
    },
  };
}
