import { UserError } from '../../src-preload/shared/domain/errors';
import type { Project } from '../project/project';
import { listCouplings, type NamedCoupling } from '../project/queries/couplings';
import { listModels } from '../project/queries/models';
import { listMovieRuns } from '../project/queries/movie-runs';
import { publishedTop1 } from '../report/paper-tables';
import { buildRegressionTable, regress, type RegressedStatistic, type Regression } from '../report/regressions';
import type { Table } from '../report/table';

/** Fewest models for which a line says anything. */
const FEWEST_MODELS = 3;

/**
 * Figure 3 for an embedding: accuracy of the models whose last convolution is coupled, over their mean r and over their
 * count-matched r, by movie run. The accuracy is the one given at the import, else torchvision's of the architecture where the model
 * was trained on ImageNet.
 */
export function projectRegressions(project: Project, embeddingId: number): Regression[] {
  const { database } = project;
  const accuracies = new Map(
    listModels(database).map(({ id, architecture, trainedOn, top1Percent }) => {
      const isPublished = trainedOn !== null && /^imagenet/i.test(trainedOn);
      return [id, top1Percent ?? (isPublished ? publishedTop1(architecture) : null)];
    }),
  );
  const used = listCouplings(database, embeddingId).filter(
    ({ reducer, direction, isLastConvolution }) => reducer === 'max' && direction === 'fbn-to-filter' && isLastConvolution,
  );
  const statistics: [RegressedStatistic, (one: NamedCoupling) => number | null | undefined][] = [
    ['mean r', ({ meanR }) => meanR],
    ['count-matched r', ({ correction }) => correction?.matchedMeanR],
  ];
  return listMovieRuns(database).flatMap(({ id, name }) =>
    statistics.flatMap(([statistic, valueOf]) => {
      const points = used
        .filter(({ movieRunId }) => movieRunId === id)
        .flatMap((one) => {
          const [x, y] = [valueOf(one), accuracies.get(one.modelId)];
          return x == null || y == null ? [] : [{ model: one.model, x, y }];
        });
      return points.length >= FEWEST_MODELS ? [regress(name, statistic, points)] : [];
    }),
  );
}

/** @throws UserError where fewer than three models have an accuracy */
export function projectRegressionTable(project: Project, embeddingId: number): Table {
  const regressions = projectRegressions(project, embeddingId);
  if (regressions.length === 0) {
    throw new UserError({
      code: 'too-little-data',
      what: 'there are too few models for a regression',
      expected: `${FEWEST_MODELS} or more with an ImageNet accuracy, whose last convolution is coupled`,
      remedy: 'import more, and say their accuracy with --top1',
    });
  }
  return buildRegressionTable(regressions, {
    table: 'regression',
    title: 'ImageNet top-1 accuracy over what pairs say, by movie run',
    caption:
      'Least squares over models, last convolutional layer, FBN to filter (Figure 3 of the paper). Mean r: as in the paper; ' +
      'count-matched r: less its expectation under the null of the maximum, which models with more filters exceed by chance alone. ' +
      'p: t-test of the slope with n - 2 degrees of freedom; R² without one: the same line without each model in turn.',
  });
}
