import { PAPER_SOURCE, publishedAblation, publishedMetrics, type AblationMetrics, type AblationVariant } from './paper-tables';
import { meanAndError } from './corrected-columns';
import type { Table, TableColumn, TableValue } from './table';

/** What stands in the place of a movie run where a row is over all of them. */
export const ALL_RUNS = 'all runs';

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
  /** Spearman's r and DTW within a band, where they were measured. */
  means: AblationMetrics & { Spearman?: number; DTWInBand?: number; band?: number };
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
  { name: 'standardError', label: 'SE of PCC', decimals: 4 },
  { name: 'Spearman', label: 'Spearman', decimals: 4 },
];
const bandColumn: TableColumn = { name: 'DTWInBand', label: 'DTW in band', decimals: 4 };

/**
 * Table 4 for every embedding given: the metrics of its pairs by movie run, and over all of them as the paper has it.
 * @see Sync-ACT, Table 4
 */
export function buildAblationTable(cells: readonly AblationCell[]): Table {
  const bands = new Set(cells.flatMap(({ means }) => means.band ?? []));
  const groups = Map.groupBy(cells, ({ embedding, model, layer }) => JSON.stringify([embedding, model, layer]));
  return {
    table: 4,
    title: 'Embeddings compared by the metrics of their pairs FBN to filter in the last convolutional layer',
    caption: describeCaption(bands),
    columns: [...columns, ...(bands.size > 0 ? [bandColumn] : [])],
    rows: [...groups.values()].flatMap((group) => buildRows(group, bands.size > 0)),
  };
}

function buildRows(cells: readonly AblationCell[], isBanded: boolean): Record<string, TableValue>[] {
  const [first] = cells;
  const { form, embedding, fbns, model, layer } = first!;
  const runs = cells.toSorted((a, b) => a.runNumber - b.runNumber);
  const row = (movieRun: string, own: readonly AblationCell[], published?: AblationMetrics): Record<string, TableValue> => {
    const mean = (name: (typeof metrics)[number] | 'Spearman' | 'DTWInBand') => meanOverPairs(own, name);
    return {
      ...{ variant: form, embedding, fbns, model, layer, movieRun },
      pairs: own.reduce((sum, { pairs }) => sum + pairs, 0),
      ...Object.fromEntries(
        metrics.flatMap((name) => [
          [name, mean(name)],
          [`${name}Published`, published?.[name] ?? null],
        ]),
      ),
      ...{ standardError: own.length > 1 ? meanAndError(own.map(({ means }) => means.PCC)).error : null },
      ...{ Spearman: mean('Spearman'), ...(isBanded && { DTWInBand: mean('DTWInBand') }) },
    };
  };
  return [...runs.map((cell) => row(cell.movieRun, [cell])), row(ALL_RUNS, runs, publishedAblation(first!))];
}

/** Over the pairs of all cells; null where there are none, or where one of the cells lacks the metric. */
function meanOverPairs(cells: readonly AblationCell[], name: keyof AblationCell['means']): number | null {
  let [sum, count] = [0, 0];
  for (const { pairs, means } of cells) {
    if (pairs === 0) continue;
    sum += pairs * (means[name] ?? NaN);
    count += pairs;
  }
  return Number.isFinite(sum / count) ? sum / count : null;
}

function describeCaption(bands: ReadonlySet<number>): string {
  const variants = (['lt', 'lt-lstm', 'lt-msa'] as const).map((variant) => {
    const { name, values } = publishedMetrics(variant);
    return `${name} ${metrics.map((metric) => values[metric].toFixed(4)).join(' / ')}`;
  });
  return [
    'Means over the pairs (Eq. 2, FBN to filter) of metrics of z-scored series (population standard deviation): mean absolute and',
    'squared difference, its root, dynamic time warping (root of the least sum of squared differences, no window), Pearson r; beside them',
    'Spearman r. SE: standard error of PCC over the movie runs.',
    ...(bands.size > 0 ? [`DTW in band: within a Sakoe-Chiba band of ±${[...bands].join(', ±')} TRs.`] : []),
    `Published: ${PAPER_SOURCE}, Table 4 (HCP 7T movie, 64 FBNs, last layer of ResNet-18 trained on ImageNet, over all pairs and runs), ${metrics.join(' / ')}: ${variants.join('; ')}.`,
  ].join(' ');
}
