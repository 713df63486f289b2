import type { CouplingView, PairDetails, TableView } from '../../../src-preload/shared/contract/views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { effectiveSampleSizes } from '../../coupling/effective-n';
import { correlationPValue } from '../../coupling/significance';
import { averageOverSubjects } from '../../embedding/encode';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listCouplings, type NamedCoupling } from '../../project/queries/couplings';
import { listMovieRuns } from '../../project/queries/movie-runs';
import { publishedMeanR } from '../../report/paper-tables';
import { listEmbeddings } from '../../project/queries/embeddings';
import { currentCouplingInputs, type CouplingInputs } from '../coupling-inputs';
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

/** One pair in every movie run that its layer is coupled in. */
function describePair(project: Project, wanted: { coupling: number; fbn: number; filter: number }): PairDetails {
  const all = listCouplings(project.database);
  const chosen = all.find((coupling) => coupling.id === wanted.coupling);
  if (!chosen) throw new UserError({ what: `there is no coupling ${wanted.coupling}`, remedy: 'choose one in Coupling' });
  if (wanted.fbn >= chosen.fbns || wanted.filter >= chosen.filters)
    throw new UserError({ what: `there is no pair of FBN ${wanted.fbn} and filter ${wanted.filter} here` });
  const runs = all.filter(
    (other) =>
      other.embeddingId === chosen.embeddingId &&
      other.layerId === chosen.layerId &&
      other.reducer === chosen.reducer &&
      other.direction === chosen.direction,
  );
  const inputsOf = currentCouplingInputs(project);
  const embeddingKey = listEmbeddings(project.database).find(({ id }) => id === chosen.embeddingId)!.key;
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return { runs: runs.flatMap((run) => describeRun(cache, run, wanted, inputsOf(run), embeddingKey) ?? []) };
  } finally {
    cache.close();
  }
}

function describeRun(
  cache: ActivationCache,
  coupling: NamedCoupling,
  { fbn, filter }: { fbn: number; filter: number },
  inputs: CouplingInputs | undefined,
  embeddingKey: string,
): PairDetails['runs'][number] | undefined {
  const matrix = cache.readCorrelation(coupling.key);
  if (!matrix) return undefined;
  const value = matrix.data[fbn * matrix.columns + filter]!;
  const r = Number.isNaN(value) ? null : value;
  const effectiveN = inputs && r !== null ? effectiveNOf(cache, inputs, embeddingKey, fbn, filter) : null;
  return {
    ...{ movieRun: coupling.movieRun, couplingId: coupling.id, timePoints: coupling.timePoints, r, effectiveN },
    p: r === null ? null : correlationPValue(r, coupling.timePoints - 2),
    correctedP: r === null || effectiveN === null ? null : correlationPValue(r, effectiveN - 2),
    isBestFilter: r !== null && isLargest(matrix, fbn * matrix.columns, 1, matrix.columns, value),
    isBestFbn: r !== null && isLargest(matrix, filter, matrix.columns, matrix.rows, value),
  };
}

/** Whether no value along a row or column of r is larger. */
function isLargest({ data }: Matrix, start: number, step: number, count: number, value: number): boolean {
  for (let i = 0; i < count; i++) if (data[start + i * step]! > value) return false;
  return true;
}

function effectiveNOf(
  cache: ActivationCache,
  inputs: CouplingInputs,
  embeddingKey: string,
  fbn: number,
  filter: number,
): number | null {
  const rows = inputs.runs.map((run) => cache.readFbnActivation(embeddingKey, run)).filter((matrix) => matrix !== undefined);
  const filters = cache.readFilterActivation(inputs.filterActivation);
  if (rows.length === 0 || !filters) return null;
  const row = (matrix: Matrix, index: number): Matrix => ({
    rows: 1,
    columns: inputs.timePoints,
    data: matrix.data.slice(index * matrix.columns, index * matrix.columns + inputs.timePoints),
  });
  const activation = averageOverSubjects(rows.map((matrix) => row(matrix, fbn)));
  const n = effectiveSampleSizes(activation, row(filters, filter)).data[0];
  return n === undefined || Number.isNaN(n) ? null : n;
}

function viewTable(project: Project, name: string, embedding?: number): TableView {
  if (name === 'pairs') throw new UserError({ what: 'the table of all pairs is a file', remedy: 'save it as CSV or TSV' });
  const { table } = buildReportTable(project, name, embedding);
  return {
    name,
    title: table.title,
    columns: table.columns
      .filter((column) => !column.marks)
      .map((column) => ({ key: column.name, title: column.unit ? `${column.label} (${column.unit})` : column.label })),
    rows: table.rows.map((row) => ({ ...row })),
    notes: [table.caption],
  };
}
