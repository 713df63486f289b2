import { UserError } from '../../src-preload/shared/domain/errors';
import type { Project } from '../project/project';
import { listCouplings, listPairs } from '../project/queries/couplings';
import { listMovieRuns } from '../project/queries/movie-runs';
import { buildTable } from '../report/build-table';
import { buildPairTable, type NamedPair } from '../report/pair-table';
import { formatTable, tableFormats, type TableFormat } from '../report/format-table';
import type { CouplingCell, Table } from '../report/table';
import { chooseEmbedding } from './jobs/couple';

export { tableFormats, type TableFormat };

/** Tables that can be made: those of the paper, and every single pair. */
export const tableNames = ['1', '2', '3', '5', '6', '7', '8', 'pairs'];

/** A table, as a document and in every text form. */
export interface ReportTable {
  table: Table;
  json: unknown;
  format(format: TableFormat): string;
}

/**
 * Builds a table from a project's couplings.
 * @param embeddingId the newest complete one by default
 * @throws UserError when nothing is coupled yet
 */
export function buildReportTable(project: Project, name: string, embeddingId?: number): ReportTable {
  const embedding = chooseEmbedding(project, embeddingId);
  const cells = couplingCells(project, embedding.id);
  if (cells.length === 0) {
    throw new UserError({
      what: `nothing is coupled with embedding ${embedding.id} yet`,
      file: project.folder,
      remedy: 'run `syncact couple`',
    });
  }
  const table = name === 'pairs' ? buildPairTable(namedPairs(project, embedding.id)) : buildTable(Number(name), cells);
  return { table, json: JSON.parse(formatTable(table, 'json')) as unknown, format: (format) => formatTable(table, format) };
}

/** A project's couplings of one embedding as the report room takes them. */
export function couplingCells({ database }: Project, embeddingId: number): CouplingCell[] {
  const runNumbers = new Map(listMovieRuns(database).map(({ id }, index) => [id, index + 1]));
  return listCouplings(database, embeddingId)
    .filter((coupling) => coupling.reducer === 'max')
    .map((coupling) => ({
      ...{ model: coupling.model, architecture: coupling.architecture, trainedOn: coupling.trainedOn },
      ...{ layer: coupling.layer, layerLabel: layerLabel(coupling.layer, coupling.blockIndex), blockIndex: coupling.blockIndex },
      ...{ isLastConvolution: coupling.isLastConvolution, movieRun: coupling.movieRun, direction: coupling.direction },
      runNumber: runNumbers.get(coupling.movieRunId)!,
      ...{ fbns: coupling.fbns, filters: coupling.filters, pairs: coupling.pairs, timePoints: coupling.timePoints },
      ...{ meanR: coupling.meanR ?? NaN, notSignificant: coupling.notSignificant, undefinedPairs: coupling.undefinedPairs },
      correction: coupling.correction,
    }));
}

function namedPairs({ database }: Project, embeddingId: number): NamedPair[] {
  return listCouplings(database, embeddingId).flatMap(({ id, model, layer, movieRun, direction }) =>
    listPairs(database, id).map((pair) => ({ model, layer, movieRun, direction, ...pair })),
  );
}

/** What the paper calls a block: by the number in its name ("Stage #2", "Conv #5"), else by its place. */
function layerLabel(layer: string, blockIndex: number | null): string {
  const named = /^(stage|conv|layer)(\d+)(\.(conv|relu|bn\d*))?$/i.exec(layer);
  if (named) return `${{ stage: 'Stage', conv: 'Conv', layer: 'Block' }[named[1]!.toLowerCase()]!} #${named[2]}`;
  return blockIndex === null ? layer : `Block #${blockIndex + 1}`;
}
