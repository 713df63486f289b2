import { PAPER_SOURCE, publishedAccuracies } from './paper-tables';
import { buildRegressionTable, regress, type Regression } from './regressions';
import type { Table } from './table';

/** Figure 3 of the paper from its own tables: the mean r of the ImageNet models against torchvision's accuracies. */
export function paperRegressions(): Regression[] {
  return ([1, 2] as const).flatMap((number) => {
    const { dataset, runs, models } = publishedAccuracies(number);
    return Array.from({ length: runs }, (_, run) =>
      regress(
        `${dataset}, run ${run + 1}`,
        'mean r',
        models.flatMap(({ model, meanR, top1Percent }) =>
          meanR[run] === undefined ? [] : [{ model, x: meanR[run], y: top1Percent }],
        ),
      ),
    );
  });
}

/** The same as a table. The paper reports R² > 0.7 in all runs; here is what its tables give. */
export function buildPaperRegressionTable(): Table {
  return buildRegressionTable(paperRegressions(), {
    table: 'paper',
    title: 'ImageNet top-1 accuracy over mean r, as published',
    caption:
      `Mean r: ${PAPER_SOURCE}, Tables 1 and 2, models trained on ImageNet. Accuracy: ${publishedAccuracies(1).source}. The paper ` +
      'states R² > 0.7 for all four runs of the HCP movie (Figure 3); its own Table 1 with these accuracies gives the R² above. ' +
      'SE: standard error of the slope; p: t-test of the slope with n - 2 degrees of freedom; R² without one: the same line without ' +
      'each model in turn, and the model without which R² changes most.',
  });
}
