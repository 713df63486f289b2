import { PAPER_SOURCE, publishedAblation, publishedMetrics, type AblationMetrics, type AblationVariant } from './paper-tables';
import type { Table, TableColumn, TableValue } from './table';

const metrics = ['MAE', 'MSE', 'RMSE', 'DTW', 'PCC'] as const;

/** The pairs of one embedding with one layer over one movie run, in the means of their metrics. */
export interface AblationCell {
  embedding: number;
  variant: AblationVariant;
  /** The variant with what sets it apart: "LT+MSA, 8 heads". */
  form: string;
  /** Whether it is the variant as the paper has it. */
  isPapers: boolean;
  fbns: number;
  model: string;
  architecture: string | null;
  trainedOn: string | null;
  layer: string;
  movieRun: string;
  runNumber: number;
  pairs: number;
  means: AblationMetrics;
}

const columns: TableColumn[] = [
  { name: 'variant', label: 'Embedding' },
  { name: 'embedding', label: 'No.' },
  { name: 'fbns', label: 'FBNs' },
  { name: 'model', label: 'Model' },
  { name: 'layer', label: 'Layer' },
  { name: 'movieRun', label: 'Movie run' },
  { name: 'pairs', label: 'Pairs' },
  ...metrics.flatMap((name): TableColumn[] => [
    { name, label: name, decimals: 4 },
    { name: `${name}Published`, label: 'published', decimals: 4 },
  ]),
];

/**
 * Table 4 for every embedding given: the metrics of its pairs by movie run, and over all of them as the paper has it.
 * @see Sync-ACT, Table 4
 */
export function buildAblationTable(cells: readonly AblationCell[]): Table {
  const groups = Map.groupBy(cells, ({ embedding, model, layer }) => JSON.stringify([embedding, model, layer]));
  return {
    table: 4,
    title: 'Embeddings compared by the metrics of their pairs FBN to filter in the last convolutional layer',
    caption: describeCaption(),
    columns,
    rows: [...groups.values()].flatMap(buildRows),
  };
}

function buildRows(cells: readonly AblationCell[]): Record<string, TableValue>[] {
  const [first] = cells;
  const { form, embedding, fbns, model, layer } = first!;
  const shared = { variant: form, embedding, fbns, model, layer };
  const runs = cells.toSorted((a, b) => a.runNumber - b.runNumber);
  const pairs = cells.reduce((sum, cell) => sum + cell.pairs, 0);
  const mean = (name: (typeof metrics)[number]) =>
    pairs === 0 ? null : cells.reduce((sum, cell) => sum + (cell.pairs === 0 ? 0 : cell.pairs * cell.means[name]), 0) / pairs;
  const published = publishedAblation(first!);
  const ofRuns = runs.map(({ movieRun, pairs: count, means }) => ({
    ...{ ...shared, movieRun, pairs: count },
    ...Object.fromEntries(
      metrics.flatMap((name) => [
        [name, count === 0 ? null : means[name]],
        [`${name}Published`, null],
      ]),
    ),
  }));
  const ofAll = {
    ...{ ...shared, movieRun: 'all runs', pairs },
    ...Object.fromEntries(
      metrics.flatMap((name) => [
        [name, mean(name)],
        [`${name}Published`, published?.[name] ?? null],
      ]),
    ),
  };
  return [...ofRuns, ofAll];
}

function describeCaption(): string {
  const variants = (['lt', 'lt-lstm', 'lt-msa'] as const).map((variant) => {
    const { name, values } = publishedMetrics(variant);
    return `${name} ${metrics.map((metric) => values[metric].toFixed(4)).join(' / ')}`;
  });
  return [
    'Means over the pairs (Eq. 2, FBN to filter) of metrics of z-scored series (population standard deviation): mean absolute and',
    'squared difference, its root, dynamic time warping (root of the least sum of squared differences, no window), Pearson r.',
    `Published: ${PAPER_SOURCE}, Table 4 (HCP 7T movie, 64 FBNs, last layer of ResNet-18 trained on ImageNet, over all pairs and runs), ${metrics.join(' / ')}: ${variants.join('; ')}.`,
  ].join(' ');
}
