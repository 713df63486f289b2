import type { LayerFindings } from '../../../src-preload/shared/contract/comparisons';
import type { CouplingView, TableView } from '../../../src-preload/shared/contract/views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listAnalyses } from '../../project/queries/analyses';
import { listComparisons } from '../../project/queries/comparisons';
import { listCouplings, type NamedCoupling } from '../../project/queries/couplings';
import { listEmbeddings } from '../../project/queries/embeddings';
import { listMovieRuns } from '../../project/queries/movie-runs';
import { hierarchyOf } from '../../report/comparison-tables';
import { publishedMeanR } from '../../report/paper-tables';
import { currentCouplingInputs } from '../coupling-inputs';
import { describePair } from '../pair-details';
import { buildReportTable } from '../report';
import type { RouteHandlers } from '../requests';

export const couplingRoutes: Pick<RouteHandlers, 'couplings.list' | 'couplings.layer' | 'pairs.details' | 'report.table'> = {
  'couplings.list': (_input, workstation) => viewCouplings(workstation.project.project),
  'couplings.layer': ({ coupling }, workstation) => viewLayer(workstation.project.project, coupling),
  'pairs.details': (input, workstation) => describePair(workstation.project.project, input),
  'report.table': ({ name, embedding }, workstation) => viewTable(workstation.project.project, name, embedding),
};

function viewCouplings(project: Project): CouplingView[] {
  const inputsOf = currentCouplingInputs(project);
  const runs = listMovieRuns(project.database).map(({ id }) => id);
  const comparisonOf = comparisonsByCell(project);
  return listCouplings(project.database).map(({ key, blockIndex: _block, ...coupling }) => ({
    ...coupling,
    published:
      coupling.isLastConvolution && coupling.reducer === 'max'
        ? publishedMeanR(coupling, runs.indexOf(coupling.movieRunId) + 1, runs.length)
        : null,
    comparison: coupling.reducer === 'max' ? comparisonOf(coupling) : null,
    stale: inputsOf(coupling)?.key !== key,
  }));
}

type Cell = Pick<NamedCoupling, 'embeddingId' | 'layerId' | 'movieRun'>;

/** The comparison of a layer over one movie run. */
function comparisonsByCell({ database }: Project): (cell: Cell) => CouplingView['comparison'] {
  const placeOf = ({ embeddingId, layerId, movieRun }: Cell) => `${embeddingId} ${layerId} ${movieRun}`;
  const cells = listEmbeddings(database).flatMap(({ id: embeddingId }) =>
    listComparisons(database, embeddingId).flatMap(({ layerId, comparison }) =>
      comparison.runs.map(({ movieRun, ...run }) => [placeOf({ embeddingId, layerId, movieRun }), run] as const),
    ),
  );
  const known = new Map(cells);
  return (cell) => known.get(placeOf(cell)) ?? null;
}

function viewLayer({ database }: Project, id: number): LayerFindings {
  const coupling = listCouplings(database).find((one) => one.id === id);
  if (!coupling) throw new UserError({ code: 'not-found', what: `there is no coupling ${id}`, remedy: 'choose one in Coupling' });
  const { embeddingId, layerId, model } = coupling;
  const comparisons = listComparisons(database, embeddingId).filter((one) => one.model === model);
  const runs = comparisons.find((one) => one.layerId === layerId)?.comparison.runs;
  return {
    analysis: listAnalyses(database, embeddingId).find((one) => one.layerId === layerId)?.analysis ?? null,
    comparison: runs ? { runs } : null,
    depths: hierarchyOf(comparisons)[0]?.layers ?? null,
  };
}

function viewTable(project: Project, name: string, embedding?: number): TableView {
  if (name === 'pairs')
    throw new UserError({ code: 'format-unknown', what: 'the table of all pairs is a file', remedy: 'save it as CSV or TSV' });
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
        isP: column.isP === true,
        isCorrected: column.mode === 'corrected',
        starredBy: table.columns.find(({ marks }) => marks === column.name)?.name ?? null,
      })),
    rows: table.rows.map((row) => ({ ...row })),
    notes: [table.caption, ...(table.notes ?? [])],
  };
}
