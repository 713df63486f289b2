import type { FigureSpec, PairFigureSource } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { correlationPValue } from '../../coupling/significance';
import { afterP } from '../../figures/drawing/numbers';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listPairs, type NamedCoupling } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';
import { listMovies } from '../../project/queries/movie-runs';
import { currentCouplingInputs } from '../coupling-inputs';
import { bestRows, findCoupling, type FigureRow } from './pair-choice';
import { meaningOfPairs } from './pair-meaning';
import { couplingsOf } from './prepare-couplings';

type PairsSpec = Extract<FigureSpec, { kind: 'pairs' }>;

/**
 * Where the parts of each pair's row are.
 * @throws UserError naming the first pair that is not in the project
 */
export function preparePairs(
  project: Project,
  embedding: Embedding,
  spec: PairsSpec,
): (PairFigureSource & { couplingKey: string })[] {
  const couplings = couplingsOf(project, embedding, spec.direction);
  const rows = spec.rows ?? bestRows(project, couplings, spec.best);
  const inputsOf = currentCouplingInputs(project);
  const meaningOf = meaningOfPairs(project, embedding.id, spec);
  const movies = new Map(listMovies(project.database).map((movie) => [movie.movieRunId, movie]));
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return rows.map((row) => {
      const coupling = findCoupling(couplings, row);
      const inputs = inputsOf(coupling);
      const r = cache.readCorrelation(coupling.key)?.data[row.fbn * coupling.filters + row.filter];
      const movie = movies.get(coupling.movieRunId);
      if (!inputs || inputs.key !== coupling.key || r === undefined || !movie)
        throw new UserError({
          code: 'result-outdated',
          what: `the coupling of ${row.model} ${row.layer} over ${row.movieRun} is out of date`,
          remedy: 'run `syncact couple` again',
        });
      return {
        ...{ ...row, embeddingKey: embedding.key, runs: inputs.runs, filterActivation: inputs.filterActivation },
        ...{ timePoints: coupling.timePoints, trSeconds: movie.trSeconds, frames: project.path(movie.file), r },
        significance: significanceOf(project, coupling, row, r),
        ...meaningOf(coupling.layerId, row),
        couplingKey: coupling.key,
      };
    });
  } finally {
    cache.close();
  }
}

/** The paper's p, and behind it that of corrected mode where it was computed for this pair. */
function significanceOf(project: Project, coupling: NamedCoupling, { fbn, filter }: FigureRow, r: number): string {
  if (Number.isNaN(r)) return 'r is not defined';
  const paper = `p ${afterP(correlationPValue(r, coupling.timePoints - 2))} (t-test)`;
  if (!coupling.correction) return paper;
  const pair = listPairs(project.database, coupling.id).find((one) => one.fbn === fbn && one.filter === filter);
  return pair?.correction ? `${paper}, p ${afterP(pair.correction.pNull)} (corrected)` : paper;
}
