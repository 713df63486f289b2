import type { FigureSpec, PairNullSource } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { correlationPValue } from '../../coupling/significance';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import type { NamedCoupling } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';
import { currentCouplingInputs, type CouplingInputs } from '../coupling-inputs';
import { nullOfPair, pOfNull } from '../pair-null';
import { bestRows, findCoupling, type FigureRow } from './pair-choice';

type NullSpec = Extract<FigureSpec, { kind: 'null-distribution' }>;

const methods: Record<string, string> = {
  'circular-shift': 'circular shifts',
  phase: 'random phases',
  subjects: 'shifted subjects',
};

/**
 * The pairs of a figure, each with the largest r that chance finds in its place.
 * @param couplings of the embedding in the figure's direction
 * @throws UserError where no null was computed, or a pair is not there
 */
export async function prepareNulls(
  project: Project,
  embedding: Embedding,
  couplings: readonly NamedCoupling[],
  { rows, best }: NullSpec,
): Promise<(PairNullSource & { nullKey: string })[]> {
  const corrected = couplings.filter(({ correction }) => correction !== null);
  if (corrected.length === 0)
    throw new UserError({
      code: 'earlier-step-missing',
      what: `no null of the maximum is computed for embedding ${embedding.id} in this direction`,
      file: project.folder,
      remedy: 'run `syncact couple --mode corrected`',
    });
  const inputsOf = currentCouplingInputs(project);
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    const found: (PairNullSource & { nullKey: string })[] = [];
    for (const row of rows ?? bestRows(project, corrected, best)) {
      const coupling = findCoupling(couplings, row);
      found.push(await nullOf(cache, coupling, row, inputsOf(coupling), embedding.key));
    }
    return found;
  } finally {
    cache.close();
  }
}

async function nullOf(
  cache: ActivationCache,
  coupling: NamedCoupling,
  row: FigureRow,
  inputs: CouplingInputs | undefined,
  embeddingKey: string,
): Promise<PairNullSource & { nullKey: string }> {
  const r = cache.readCorrelation(coupling.key)?.data[row.fbn * coupling.filters + row.filter] ?? NaN;
  const maxima = Number.isNaN(r) ? undefined : await nullOfPair(cache, coupling, row, inputs, embeddingKey);
  if (!maxima || maxima.some(Number.isNaN))
    throw new UserError({
      code: 'too-little-data',
      what: `the null of FBN ${row.fbn} and filter ${row.filter} of ${row.model} ${row.layer} over ${row.movieRun} cannot be had`,
      found: Number.isNaN(r) ? 'a series that is constant, or an r matrix that was deleted' : 'none in the cache',
      remedy: 'choose another pair, or run `syncact couple --mode corrected` again',
    });
  const correction = coupling.correction!;
  return {
    ...{ ...row, r, maxima, nullKey: correction.key },
    pNaive: correlationPValue(r, coupling.timePoints - 2),
    pCorrected: pOfNull(maxima, r),
    partners: coupling.direction === 'fbn-to-filter' ? `${coupling.filters} filters` : `${coupling.fbns} FBNs`,
    method: methods[correction.method] ?? correction.method,
  };
}
