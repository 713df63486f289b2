import type { FigureSpec } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listPairs, type NamedCoupling } from '../../project/queries/couplings';

/** A pair as a figure names it. */
export type FigureRow = NonNullable<Extract<FigureSpec, { kind: 'pairs' }>['rows']>[number];

/** Couplings of last convolutions; all where none of those is coupled. */
export function lastConvolutions(couplings: readonly NamedCoupling[]): readonly NamedCoupling[] {
  const last = couplings.filter(({ isLastConvolution }) => isLastConvolution);
  return last.length > 0 ? last : couplings;
}

/** The best pairs of different FBNs in last convolutions; of all layers where none of those is coupled. */
export function bestRows(project: Project, couplings: readonly NamedCoupling[], count: number): FigureRow[] {
  const pairs = lastConvolutions(couplings).flatMap(({ id, model, layer, movieRun }) =>
    listPairs(project.database, id)
      .slice(0, count * 4)
      .map(({ fbn, filter, r }) => ({ fbn, filter, r, model, layer, movieRun })),
  );
  pairs.sort((a, b) => b.r - a.r);
  const rows = new Map<number, FigureRow>();
  for (const { fbn, filter, model, layer, movieRun } of pairs)
    if (!rows.has(fbn) && rows.size < count) rows.set(fbn, { fbn, filter, model, layer, movieRun });
  return [...rows.values()];
}

/** The coupling of a pair. @throws UserError where it is in none */
export function findCoupling(couplings: readonly NamedCoupling[], row: FigureRow): NamedCoupling {
  const found = couplings.find(
    ({ model, layer, movieRun }) => model === row.model && layer === row.layer && movieRun === row.movieRun,
  );
  const has = found && row.fbn < found.fbns && row.filter < found.filters;
  if (has) return found;
  throw new UserError({
    code: 'not-found',
    what: `there is no pair of FBN ${row.fbn} and filter ${row.filter} of ${row.model} ${row.layer} over ${row.movieRun}`,
    ...(found && { expected: `FBN below ${found.fbns}, filter below ${found.filters}` }),
    remedy: 'choose a pair of a coupling; `syncact report --table pairs` lists them',
  });
}
