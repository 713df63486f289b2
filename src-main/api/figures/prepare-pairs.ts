import type { FigureSpec, PairFigureSource } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { correlationPValue } from '../../coupling/significance';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listCouplings, listPairs, type NamedCoupling } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';
import { listMovies } from '../../project/queries/movie-runs';
import { currentCouplingInputs } from '../coupling-inputs';
import { meaningOfPairs } from './pair-meaning';

type PairsSpec = Extract<FigureSpec, { kind: 'pairs' }>;
type Row = NonNullable<PairsSpec['rows']>[number];

/**
 * Where the parts of each pair's row are.
 * @throws UserError naming the first pair that is not in the project
 */
export function preparePairs(
  project: Project,
  embedding: Embedding,
  spec: PairsSpec,
): (PairFigureSource & { couplingKey: string })[] {
  const couplings = listCouplings(project.database, embedding.id).filter(
    ({ direction, reducer }) => direction === spec.direction && reducer === 'max',
  );
  if (couplings.length === 0)
    throw new UserError({
      what: `nothing is coupled with embedding ${embedding.id} in this direction yet`,
      file: project.folder,
      remedy: 'run `syncact couple`',
    });
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
function significanceOf(project: Project, coupling: NamedCoupling, { fbn, filter }: Row, r: number): string {
  if (Number.isNaN(r)) return 'r is not defined';
  const paper = `p ${describePValue(correlationPValue(r, coupling.timePoints - 2))} (t-test)`;
  if (!coupling.correction) return paper;
  const pair = listPairs(project.database, coupling.id).find((one) => one.fbn === fbn && one.filter === filter);
  return pair?.correction ? `${paper}, p ${describePValue(pair.correction.pNull)} (corrected)` : paper;
}

function describePValue(p: number): string {
  return p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`;
}

/** The best pairs of different FBNs in last convolutions; of all layers where none of those is coupled. */
function bestRows(project: Project, couplings: readonly NamedCoupling[], count: number): Row[] {
  const last = couplings.filter(({ isLastConvolution }) => isLastConvolution);
  const pairs = (last.length > 0 ? last : couplings).flatMap(({ id, model, layer, movieRun }) =>
    listPairs(project.database, id)
      .slice(0, count * 4)
      .map(({ fbn, filter, r }) => ({ fbn, filter, r, model, layer, movieRun })),
  );
  pairs.sort((a, b) => b.r - a.r);
  const rows = new Map<number, Row>();
  for (const { fbn, filter, model, layer, movieRun } of pairs)
    if (!rows.has(fbn) && rows.size < count) rows.set(fbn, { fbn, filter, model, layer, movieRun });
  return [...rows.values()];
}

function findCoupling(couplings: readonly NamedCoupling[], row: Row): NamedCoupling {
  const found = couplings.find(
    ({ model, layer, movieRun }) => model === row.model && layer === row.layer && movieRun === row.movieRun,
  );
  const has = found && row.fbn < found.fbns && row.filter < found.filters;
  if (has) return found;
  throw new UserError({
    what: `there is no pair of FBN ${row.fbn} and filter ${row.filter} of ${row.model} ${row.layer} over ${row.movieRun}`,
    ...(found && { expected: `FBN below ${found.fbns}, filter below ${found.filters}` }),
    remedy: 'choose a pair of a coupling; `syncact report --table pairs` lists them',
  });
}
