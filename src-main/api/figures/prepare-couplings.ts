import type { FigureTask } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listCouplings, type NamedCoupling } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';
import { listModels } from '../../project/queries/models';
import { publishedMeanR } from '../../report/paper-tables';

/** An embedding's couplings in a direction, by the paper's form. @throws UserError where there are none */
export function couplingsOf(project: Project, embedding: Embedding, direction: NamedCoupling['direction']): NamedCoupling[] {
  const couplings = listCouplings(project.database, embedding.id).filter(
    (coupling) => coupling.direction === direction && coupling.reducer === 'max',
  );
  if (couplings.length > 0) return couplings;
  throw new UserError({
    code: 'earlier-step-missing',
    what: `nothing is coupled with embedding ${embedding.id} in this direction yet`,
    file: project.folder,
    remedy: 'run `syncact couple`',
  });
}

/** Mean r by layer and movie run. */
export function matrixOf(couplings: readonly NamedCoupling[]): NonNullable<FigureTask['matrix']> {
  const movieRuns = [...new Set(couplings.map(({ movieRun }) => movieRun))].sort();
  const layers = Map.groupBy(couplings, ({ layerId }) => layerId);
  const rows = [...layers.values()].map((cells) => {
    const byRun = (movieRun: string) => cells.find((cell) => cell.movieRun === movieRun);
    const { model, layer, isLastConvolution } = cells[0]!;
    return {
      ...{ model, layer, values: movieRuns.map((run) => byRun(run)?.meanR ?? null) },
      published: movieRuns.map((_, i) => (isLastConvolution ? publishedMeanR(cells[0]!, i + 1, movieRuns.length) : null)),
    };
  });
  return { movieRuns, rows };
}

/** Models with a known accuracy, each by its last convolution. */
export function regressionOf(project: Project, couplings: readonly NamedCoupling[]): NonNullable<FigureTask['regression']> {
  const accuracies = new Map(listModels(project.database).map(({ id, top1Percent }) => [id, top1Percent]));
  const points = couplings.flatMap(({ modelId, model, movieRun, meanR, isLastConvolution }) => {
    const top1 = accuracies.get(modelId);
    return isLastConvolution && meanR !== null && top1 != null ? [{ movieRun, model, top1, meanR }] : [];
  });
  if (points.length === 0)
    throw new UserError({
      code: 'too-little-data',
      what: 'no coupled model has a known ImageNet top-1 accuracy',
      remedy: 'give it in the Models screen or with `syncact import-model --top1`, and couple the last convolutional layer',
    });
  return [...Map.groupBy(points, ({ movieRun }) => movieRun)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([movieRun, ofRun]) => ({ movieRun, points: ofRun.map(({ model, top1, meanR }) => ({ model, top1, meanR })) }));
}
