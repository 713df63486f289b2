import { describeVariant } from '../../src-preload/shared/domain/variant-name';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { Project } from '../project/project';
import { listCouplings, readPairMetrics, type NamedCoupling, type StoredPairMetrics } from '../project/queries/couplings';
import { listEmbeddings, type Embedding } from '../project/queries/embeddings';
import { listMovieRuns } from '../project/queries/movie-runs';
import { buildAblationTable, type AblationCell } from '../report/ablation-table';
import type { AblationVariant } from '../report/paper-tables';
import type { Table } from '../report/table';

/** The paper's number of FBNs. */
const PAPER_FBNS = 64;
const order: readonly string[] = ['lt', 'lt-lstm', 'lt-msa'];

/** A coupling that Table 4 is about, with what was measured of its pairs. */
export interface AblationCoupling {
  coupling: NamedCoupling;
  embedding: Embedding;
  metrics: StoredPairMetrics | undefined;
}

/** Couplings FBN to filter at last convolutions, by variant. @param fbns of embeddings with so many FBNs; all where left out */
export function ablationCouplings({ database }: Project, fbns?: number): AblationCoupling[] {
  const embeddings = new Map(listEmbeddings(database).map((embedding) => [embedding.id, embedding]));
  return listCouplings(database)
    .filter(
      ({ direction, isLastConvolution, reducer }) => direction === 'fbn-to-filter' && isLastConvolution && reducer === 'max',
    )
    .map((coupling) => ({ coupling, embedding: embeddings.get(coupling.embeddingId)! }))
    .filter(({ embedding }) => order.includes(embedding.variant) && (fbns === undefined || embedding.fbns === fbns))
    .map((one) => ({ ...one, metrics: readPairMetrics(database, one.coupling.id) }))
    .toSorted(
      (a, b) => order.indexOf(a.embedding.variant) - order.indexOf(b.embedding.variant) || a.embedding.id - b.embedding.id,
    );
}

/**
 * FBNs of the embeddings that Table 4 compares: as many as the one asked for has, else the paper's where the project holds it, else
 * as many as the newest coupled embedding has.
 */
export function ablationFbns(project: Project, embeddingId: number | undefined): number {
  const coupled = ablationCouplings(project).map(({ embedding }) => embedding);
  const asked = coupled.find(({ id }) => id === embeddingId);
  if (asked) return asked.fbns;
  if (embeddingId === undefined && coupled.some(({ fbns }) => fbns === PAPER_FBNS)) return PAPER_FBNS;
  const newest = coupled.toSorted((a, b) => b.id - a.id)[0];
  if (newest && embeddingId === undefined) return newest.fbns;
  throw new UserError({
    code: 'earlier-step-missing',
    what: 'there is nothing to put into Table 4',
    expected: 'couplings FBN to filter at the last convolution of at least one model',
    found: embeddingId === undefined ? 'none' : `none of embedding ${embeddingId}`,
    remedy: 'run "syncact extract --layers last", then "syncact couple" for every embedding',
  });
}

/** Whether the metrics are there, DTW within that band too where one is asked for. */
export function isMeasured(metrics: StoredPairMetrics | undefined, band?: number): boolean {
  if (metrics?.means.Spearman === undefined) return false;
  return band === undefined || metrics.means.band === band;
}

/** Pairs whose metrics Table 4 still lacks. */
export function unmeasuredPairs(project: Project, fbns: number, band?: number): number {
  const missing = ablationCouplings(project, fbns).filter(({ metrics }) => !isMeasured(metrics, band));
  return missing.reduce((sum, { coupling }) => sum + coupling.pairs, 0);
}

/** Table 4 from what was measured. @throws UserError where nothing was */
export function buildAblation(project: Project, fbns: number): Table {
  const runNumbers = new Map(listMovieRuns(project.database).map(({ id }, index) => [id, index + 1]));
  const cells = ablationCouplings(project, fbns).flatMap(({ coupling, embedding, metrics }): AblationCell[] => {
    if (!metrics) return [];
    const { model, architecture, trainedOn, layer, movieRun, movieRunId } = coupling;
    return [
      {
        ...{ embedding: embedding.id, variant: embedding.variant as AblationVariant, form: describeVariant(embedding) },
        isPapers: embedding.settings.residualNorm !== true && embedding.settings.positions !== true,
        ...{ fbns: embedding.fbns, model, architecture, trainedOn, layer, movieRun },
        runNumber: runNumbers.get(movieRunId)!,
        ...{ pairs: metrics.pairs, means: metrics.means as unknown as AblationCell['means'] },
      },
    ];
  });
  if (cells.length > 0) return buildAblationTable(cells);
  throw new UserError({
    code: 'earlier-step-missing',
    what: 'the pairs of Table 4 are not measured yet',
    expected: `MAE, MSE, RMSE, DTW, PCC and Spearman's r of ${unmeasuredPairs(project, fbns)} pairs`,
    remedy: 'press "Measure pairs", or run `syncact report --table 4` while the project is not open elsewhere',
  });
}
