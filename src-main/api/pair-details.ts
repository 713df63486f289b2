import type { PairDetails } from '../../src-preload/shared/contract/views';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { correlationPValue } from '../coupling/significance';
import { ActivationCache } from '../project/activation-cache';
import type { Project } from '../project/project';
import { listCouplings, type NamedCoupling } from '../project/queries/couplings';
import { listEmbeddings } from '../project/queries/embeddings';
import { correlationsOf } from './coupled-series';
import { coupledTests, type CoupledTests } from './coupled-tests';
import { currentCouplingInputs, type CouplingInputs } from './coupling-inputs';
import { nullOfPair, pOfNull } from './pair-null';

/** One pair in every movie run that its layer is coupled in. @throws UserError where there is no such coupling or pair */
export async function describePair(
  project: Project,
  wanted: { coupling: number; fbn: number; filter: number },
): Promise<PairDetails> {
  const all = listCouplings(project.database);
  const chosen = all.find((coupling) => coupling.id === wanted.coupling);
  if (!chosen)
    throw new UserError({ code: 'not-found', what: `there is no coupling ${wanted.coupling}`, remedy: 'choose one in Coupling' });
  if (wanted.fbn >= chosen.fbns || wanted.filter >= chosen.filters)
    throw new UserError({ code: 'not-found', what: `there is no pair of FBN ${wanted.fbn} and filter ${wanted.filter} here` });
  const same = ['embeddingId', 'layerId', 'reducer', 'direction'] as const;
  const couplings = all.filter((other) => same.every((name) => other[name] === chosen[name]));
  const inputsOf = currentCouplingInputs(project);
  const embeddingKey = listEmbeddings(project.database).find(({ id }) => id === chosen.embeddingId)!.key;
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    const runs: PairDetails['runs'] = [];
    for (const coupling of couplings) {
      const run = await describeRun(cache, coupling, wanted, inputsOf(coupling), embeddingKey);
      if (run) runs.push(run);
      // The host answers others between movie runs.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { runs };
  } finally {
    cache.close();
  }
}

async function describeRun(
  cache: ActivationCache,
  coupling: NamedCoupling,
  pair: { fbn: number; filter: number },
  inputs: CouplingInputs | undefined,
  embeddingKey: string,
): Promise<PairDetails['runs'][number] | undefined> {
  const matrix = await correlationsOf(cache, coupling.key);
  if (!matrix) return undefined;
  const { fbn, filter } = pair;
  const value = matrix.data[fbn * matrix.columns + filter]!;
  const r = Number.isNaN(value) ? null : value;
  const coupled = inputs && r !== null ? await coupledTests(cache, inputs, embeddingKey, filter) : undefined;
  const effectiveN = coupled ? known(coupled.tests.effectiveN([{ fbn, filter: 0 }])[0]!) : null;
  const lag = coupled?.controlled && coupled.controlled.lags.length > 1 ? coupled.controlled.partner(fbn, 0)?.lag : undefined;
  const maxima = r === null ? undefined : await nullOfPair(cache, coupling, pair, inputs, embeddingKey);
  return {
    ...{ movieRun: coupling.movieRun, couplingId: coupling.id, timePoints: coupling.timePoints, r, effectiveN },
    p: r === null ? null : paperP(r, coupling, inputs, coupled),
    pEffective: coupled && effectiveN !== null ? known(coupled.tests.pEffective(r!, effectiveN)) : null,
    lagSeconds: lag === undefined ? null : lag * inputs!.controls!.trSeconds,
    pNull: maxima ? pOfNull(maxima, r!) : null,
    surrogates: maxima?.length ?? null,
    isBestFilter: r !== null && isLargest(matrix, fbn * matrix.columns, 1, matrix.columns, value),
    isBestFbn: r !== null && isLargest(matrix, filter, matrix.columns, matrix.rows, value),
  };
}

/** Whether no value along a row or column of r is larger. */
function isLargest({ data }: Matrix, start: number, step: number, count: number, value: number): boolean {
  for (let i = 0; i < count; i++) if (data[start + i * step]! > value) return false;
  return true;
}

/** What is not under control can be told without its series. */
function paperP(r: number, { timePoints }: NamedCoupling, inputs: CouplingInputs | undefined, coupled: CoupledTests | undefined) {
  if (coupled) return known(coupled.tests.p(r));
  return inputs?.controls ? null : correlationPValue(r, timePoints - 2);
}

/** JSON knows no NaN. */
function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

const PAIRS_AT_A_TIME = 32;

/** p with the effective N of every pair of a coupling, in their order; null where it is not known. */
export async function correctedPs(
  project: Project,
  coupling: NamedCoupling,
  pairs: readonly { fbn: number; filter: number; r: number }[],
): Promise<(number | null)[]> {
  const inputs = currentCouplingInputs(project)(coupling);
  const embeddingKey = listEmbeddings(project.database).find(({ id }) => id === coupling.embeddingId)?.key;
  if (!inputs || embeddingKey === undefined) return pairs.map(() => null);
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    const coupled = await coupledTests(cache, inputs, embeddingKey);
    if (!coupled) return pairs.map(() => null);
    const all: (number | null)[] = [];
    for (let start = 0; start < pairs.length; start += PAIRS_AT_A_TIME) {
      const some = pairs.slice(start, start + PAIRS_AT_A_TIME);
      const sizes = coupled.tests.effectiveN(some);
      all.push(...some.map(({ r }, i) => known(coupled.tests.pEffective(r, sizes[i]!))));
      // The host answers others in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return all;
  } finally {
    cache.close();
  }
}
