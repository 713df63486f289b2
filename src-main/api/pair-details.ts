import type { PairDetails } from '../../src-preload/shared/contract/views';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { effectiveSampleSizes } from '../coupling/effective-n';
import { correlationPValue } from '../coupling/significance';
import { ActivationCache } from '../project/activation-cache';
import type { Project } from '../project/project';
import { listCouplings, type NamedCoupling } from '../project/queries/couplings';
import { listEmbeddings } from '../project/queries/embeddings';
import { brainOf, correlationsOf, filtersOf, rowOf } from './coupled-series';
import { currentCouplingInputs, type CouplingInputs } from './coupling-inputs';
import { nullOfPair, pOfNull } from './pair-null';

/** One pair in every movie run that its layer is coupled in. @throws UserError where there is no such coupling or pair */
export async function describePair(
  project: Project,
  wanted: { coupling: number; fbn: number; filter: number },
): Promise<PairDetails> {
  const all = listCouplings(project.database);
  const chosen = all.find((coupling) => coupling.id === wanted.coupling);
  if (!chosen) throw new UserError({ what: `there is no coupling ${wanted.coupling}`, remedy: 'choose one in Coupling' });
  if (wanted.fbn >= chosen.fbns || wanted.filter >= chosen.filters)
    throw new UserError({ what: `there is no pair of FBN ${wanted.fbn} and filter ${wanted.filter} here` });
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
  const effectiveN = inputs && r !== null ? await effectiveNOf(cache, inputs, embeddingKey, fbn, filter) : null;
  const maxima = r === null ? undefined : await nullOfPair(cache, coupling, pair, inputs, embeddingKey);
  return {
    ...{ movieRun: coupling.movieRun, couplingId: coupling.id, timePoints: coupling.timePoints, r, effectiveN },
    p: r === null ? null : correlationPValue(r, coupling.timePoints - 2),
    pEffective: r === null || effectiveN === null ? null : correlationPValue(r, effectiveN - 2),
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

async function effectiveNOf(
  cache: ActivationCache,
  inputs: CouplingInputs,
  embeddingKey: string,
  fbn: number,
  filter: number,
): Promise<number | null> {
  const [brain, filters] = [await brainOf(cache, inputs, embeddingKey), await filtersOf(cache, inputs)];
  if (!brain || !filters) return null;
  const { timePoints } = inputs;
  const n = effectiveSampleSizes(rowOf(brain, fbn, timePoints), rowOf(filters, filter, timePoints)).data[0];
  return n === undefined || Number.isNaN(n) ? null : n;
}

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
    const all: (number | null)[] = [];
    for (const [i, { fbn, filter, r }] of pairs.entries()) {
      const n = await effectiveNOf(cache, inputs, embeddingKey, fbn, filter);
      all.push(n === null ? null : correlationPValue(r, n - 2));
      // The host answers others in between.
      if (i % 32 === 31) await new Promise((resolve) => setImmediate(resolve));
    }
    return all;
  } finally {
    cache.close();
  }
}
