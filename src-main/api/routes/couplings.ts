import type { CouplingView, TableView } from '../../../src-preload/shared/contract/views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listCouplings } from '../../project/queries/couplings';
import { listMovieRuns } from '../../project/queries/movie-runs';
import { publishedMeanR } from '../../report/paper-tables';
import { currentCouplingInputs } from '../coupling-inputs';
import { describePair } from '../pair-details';
import { buildReportTable } from '../report';
import type { RouteHandlers } from '../requests';

export const couplingRoutes: Pick<RouteHandlers, 'couplings.list' | 'pairs.details' | 'report.table'> = {
  'couplings.list': (_input, workstation) => viewCouplings(workstation.project.project),
  'pairs.details': (input, workstation) => describePair(workstation.project.project, input),
  'report.table': ({ name, embedding }, workstation) => viewTable(workstation.project.project, name, embedding),
};

function viewCouplings(project: Project): CouplingView[] {
  const inputsOf = currentCouplingInputs(project);
  const runs = listMovieRuns(project.database).map(({ id }) => id);
  return listCouplings(project.database).map(({ key, blockIndex: _block, ...coupling }) => ({
    ...coupling,
    published: coupling.isLastConvolution ? publishedMeanR(coupling, runs.indexOf(coupling.movieRunId) + 1, runs.length) : null,
    stale: inputsOf(coupling)?.key !== key,
  }));
}

function viewTable(project: Project, name: string, embedding?: number): TableView {
  if (name === 'pairs') throw new UserError({ what: 'the table of all pairs is a file', remedy: 'save it as CSV or TSV' });
  const { table, embedding: used } = buildReportTable(project, name, embedding);
  return {
    name,
    title: table.title,
    embedding: used ?? null,
    columns: table.columns
      .filter((column) => !column.marks)
      .map((column) => ({
        key: column.name,
        title: column.unit ? `${column.label} (${column.unit})` : column.label,
        decimals: column.decimals ?? null,
        starredBy: table.columns.find(({ marks }) => marks === column.name)?.name ?? null,
      })),
    rows: table.rows.map((row) => ({ ...row })),
    notes: [table.caption, ...(table.notes ?? [])],
  };
}
