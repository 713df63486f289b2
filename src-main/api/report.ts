import { UserError } from '../../src-preload/shared/domain/errors';
import { describeVariant } from '../../src-preload/shared/domain/variant-name';
import type { Project } from '../project/project';
import { listCouplings, listPairs } from '../project/queries/couplings';
import { listEmbeddings, type Embedding } from '../project/queries/embeddings';
import { listMovieRuns } from '../project/queries/movie-runs';
import { listAnalyses } from '../project/queries/analyses';
import { listComparisons } from '../project/queries/comparisons';
import { comparisonTables } from '../report/comparison-tables';
import { analysisTables } from '../report/analysis-tables';
import { buildTable } from '../report/build-table';
import type { MethodsText } from '../report/methods';
import { buildPairTable, type NamedPair } from '../report/pair-table';
import { buildPaperRegressionTable } from '../report/paper-regressions';
import { formatTable, tableFormats, type TableFormat } from '../report/format-table';
import type { CouplingCell, Table } from '../report/table';
import { ablationFbns, buildAblation } from './ablation';
import { chooseEmbedding } from './jobs/couple';
import { methodsOf } from './methods';
import { projectRegressionTable } from './regressions';

export { tableFormats, type TableFormat };

/** What can be made: the tables of the paper, every single pair, Figure 3 of the project and of the paper, the methods. */
export const tableNames = [
  ...['1', '2', '3', '4', '5', '6', '7', '8', 'pairs', 'regression', 'paper', 'methods'],
  ...Object.keys(analysisTables),
  ...Object.keys(comparisonTables),
];

/** A table, as a document and in every text form. */
export interface ReportTable {
  table: Table;
  json: unknown;
  /** The embedding that it is of; left out where it is of several or of none. */
  embedding?: number;
  format(format: TableFormat): string;
}

/**
 * Builds a table from a project's couplings.
 * @param embeddingId by default the newest coupled one, of those with as many FBNs as the paper's table is of where there are any
 * @throws UserError when nothing is coupled yet
 */
export function buildReportTable(project: Project, name: string, embeddingId?: number): ReportTable {
  if (name === 'paper') return paperReport();
  if (name === '4') return reportAblation(project, embeddingId);
  const embedding = chooseEmbedding(project, embeddingId ?? withPublishedFbns(project, name));
  return { ...reportOfEmbedding(project, name, embedding), embedding: embedding.id };
}

function reportOfEmbedding(project: Project, name: string, embedding: Embedding): ReportTable {
  if (name === 'methods') return reportMethods(methodsOf(project, embedding));
  if (Object.hasOwn(analysisTables, name)) return reportOf(analysisTable(project, name, embedding.id));
  if (Object.hasOwn(comparisonTables, name)) return reportOf(comparisonTable(project, name, embedding.id));
  const cells = couplingCells(project, embedding.id);
  if (cells.length === 0) {
    throw new UserError({
      code: 'earlier-step-missing',
      what: `nothing is coupled with embedding ${embedding.id} yet`,
      file: project.folder,
      remedy: 'run `syncact couple`',
    });
  }
  if (name === 'pairs') return reportOf(buildPairTable(namedPairs(project, embedding.id)));
  if (name === 'regression') return reportOf(projectRegressionTable(project, embedding.id));
  return reportOf(buildTable(Number(name), cells, { embedding: `${embedding.id}, ${describeVariant(embedding)}` }));
}

/** Table 4 is of all embeddings with as many FBNs as that one. */
function reportAblation(project: Project, embeddingId: number | undefined): ReportTable {
  const fbns = ablationFbns(project, embeddingId);
  const newest = listEmbeddings(project.database)
    .filter((one) => one.state === 'complete' && one.fbns === fbns)
    .at(-1);
  const embedding = embeddingId ?? newest?.id;
  return { ...reportOf(buildAblation(project, fbns)), ...(embedding !== undefined && { embedding }) };
}

/** Figure 3 from the paper's own tables; needs no project. */
export function paperReport(): ReportTable {
  return reportOf(buildPaperRegressionTable());
}

function reportOf(table: Table): ReportTable {
  return { table, json: JSON.parse(formatTable(table, 'json')) as unknown, format: (format) => formatTable(table, format) };
}

/** What the paper's tables of mean r are of. */
const publishedFbns: Record<string, number> = { '1': 64, '2': 64, '3': 64, '5': 128, '6': 256, '7': 512, '8': 64 };

/** The newest coupled embedding with as many FBNs as the paper's table is of, else the newest coupled one; undefined for other tables. */
function withPublishedFbns({ database }: Project, name: string): number | undefined {
  const wanted = publishedFbns[name];
  if (wanted === undefined) return undefined;
  const coupled = new Set(listCouplings(database).map(({ embeddingId }) => embeddingId));
  const embeddings = listEmbeddings(database).filter(({ id, state }) => state === 'complete' && coupled.has(id));
  return (embeddings.findLast(({ fbns }) => fbns === wanted) ?? embeddings.at(-1))?.id;
}

function analysisTable({ database, folder }: Project, name: string, embeddingId: number): Table {
  const analyses = listAnalyses(database, embeddingId);
  if (analyses.length > 0) return analysisTables[name]!(analyses);
  throw new UserError({
    code: 'earlier-step-missing',
    what: `the pairs of embedding ${embeddingId} are not analysed yet`,
    file: folder,
    remedy: 'run `syncact analyse`',
  });
}

function comparisonTable({ database, folder }: Project, name: string, embeddingId: number): Table {
  const comparisons = listComparisons(database, embeddingId);
  if (comparisons.length > 0) return comparisonTables[name]!(comparisons);
  throw new UserError({
    code: 'earlier-step-missing',
    what: `the layers are not compared with embedding ${embeddingId} yet`,
    file: folder,
    remedy: 'run `syncact compare`, or press "Compare layers" in Coupling',
  });
}

/** A paragraph has no rows: every format is the text itself. */
function reportMethods({ text, references }: MethodsText): ReportTable {
  const list = references.map((reference, i) => `[${i + 1}] ${reference}`);
  const table = { table: 'methods', title: 'Methods', caption: text, columns: [], rows: [] };
  return {
    table: { ...table, notes: list },
    json: { methods: text, references },
    format: () => `${[text, '', ...list].join('\n')}\n`,
  };
}

/** A project's couplings of one embedding as the report room takes them. */
export function couplingCells({ database }: Project, embeddingId: number): CouplingCell[] {
  const runNumbers = new Map(listMovieRuns(database).map(({ id }, index) => [id, index + 1]));
  const couplings = listCouplings(database, embeddingId).filter((coupling) => coupling.reducer === 'max');
  const numbered = new Set(couplings.flatMap(({ model, layer }) => (numberedBlock(layer) === null ? [] : [model])));
  return couplings.map((coupling) => ({
    ...{ model: coupling.model, architecture: coupling.architecture, trainedOn: coupling.trainedOn },
    ...{ layer: coupling.layer, layerLabel: layerLabel(coupling, numbered.has(coupling.model)), blockIndex: coupling.blockIndex },
    ...{ isLastConvolution: coupling.isLastConvolution, movieRun: coupling.movieRun, direction: coupling.direction },
    runNumber: runNumbers.get(coupling.movieRunId)!,
    ...{ fbns: coupling.fbns, filters: coupling.filters, pairs: coupling.pairs, timePoints: coupling.timePoints },
    ...{ meanR: coupling.meanR ?? NaN, notSignificant: coupling.notSignificant, undefinedPairs: coupling.undefinedPairs },
    correction: coupling.correction,
  }));
}

function namedPairs({ database }: Project, embeddingId: number): NamedPair[] {
  return listCouplings(database, embeddingId).flatMap(({ id, model, layer, movieRun, direction, reducer: form }) =>
    listPairs(database, id).map(({ lagSeconds = null, ...pair }) => ({
      model,
      layer,
      movieRun,
      direction,
      form,
      lagSeconds,
      ...pair,
    })),
  );
}

/** What the paper calls a block whose name has its number ("Stage #2", "Conv #5"); null for others. */
function numberedBlock(layer: string): string | null {
  const named = /^(stage|conv|layer)(\d+)(\.(conv|relu|bn\d*))?$/i.exec(layer);
  return named && `${{ stage: 'Stage', conv: 'Conv', layer: 'Block' }[named[1]!.toLowerCase()]!} #${named[2]}`;
}

/** By the number in its name; else by its place, but for layers before numbered ones, such as a ResNet's stem: they are no block. */
function layerLabel({ layer, blockIndex }: { layer: string; blockIndex: number | null }, areNumbered: boolean): string {
  return numberedBlock(layer) ?? (blockIndex === null || areNumbered ? layer : `Block #${blockIndex + 1}`);
}
