import { CEILING_RULE } from '../coupling/ceiling';
import type { LayerAnalysis } from '../../src-preload/shared/contract/analyses';
import type { Table } from './table';

/** The analysis of a layer, with its names. */
export interface NamedAnalysis {
  model: string;
  layer: string;
  analysis: LayerAnalysis;
}

const layerColumns = [
  { name: 'model', label: 'Model' },
  { name: 'layer', label: 'Layer' },
];
const runColumn = { name: 'movieRun', label: 'Movie run' };

/** Tables of what is known of pairs beyond their p, by name. */
export const analysisTables: Record<string, (analyses: readonly NamedAnalysis[]) => Table> = {
  stability: (analyses) => ({
    table: 'stability',
    title: 'Pairs FBN to filter on data that took no part in finding them',
    caption:
      'Held-out r: partners of the largest mean r over the other movie runs, scored on the run left out; interval: percentiles over ' +
      'resamples of blocks of time points. Same partner: mean over FBNs of the share of pairs of runs with the same partner. Other ' +
      'subjects: partners found with one half of the test subjects, scored on the other, both ways, averaged over runs; nothing where there is one test subject.',
    columns: [
      ...layerColumns,
      { name: 'runs', label: 'runs' },
      { name: 'inSample', label: 'r where paired', decimals: 4 },
      { name: 'heldOut', label: 'held-out r', decimals: 4 },
      { name: 'low', label: '95 % from', decimals: 4 },
      { name: 'high', label: 'to', decimals: 4 },
      { name: 'block', label: 'block (TRs)' },
      { name: 'stability', label: 'same partner', decimals: 3 },
      { name: 'halvesSame', label: 'same in other subjects', decimals: 3 },
      { name: 'halvesHeldOut', label: 'r in other subjects', decimals: 4 },
    ],
    rows: analyses.map(({ model, layer, analysis: { generalisation, runs } }) => ({
      ...{ model, layer, runs: runs.length },
      inSample: mean(generalisation?.runs.map(({ inSample }) => inSample) ?? []),
      ...{ heldOut: generalisation?.meanR ?? null, low: generalisation?.low ?? null, high: generalisation?.high ?? null },
      ...{ block: generalisation?.block ?? null, stability: generalisation?.stability ?? null },
      halvesSame: mean(runs.map(({ halves }) => halves?.same ?? null)),
      halvesHeldOut: mean(runs.map(({ halves }) => halves?.heldOut ?? null)),
    })),
  }),
  ceiling: (analyses) => ({
    table: 'ceiling',
    title: 'r, its ceiling, and r over the ceiling, of the best filter of every FBN',
    caption: `Means over FBNs. r over ceiling = ${CEILING_RULE}. r of the average is what other tables give. The ceiling takes two test subjects or more.`,
    columns: [
      ...layerColumns,
      runColumn,
      { name: 'subjects', label: 'subjects' },
      { name: 'raw', label: 'r of the average', decimals: 4 },
      { name: 'single', label: 'r of single subjects', decimals: 4 },
      { name: 'ceiling', label: 'inter-subject r', decimals: 4 },
      { name: 'ratio', label: 'r over ceiling', decimals: 3 },
    ],
    rows: analyses.flatMap(({ model, layer, analysis }) =>
      analysis.runs.map(({ movieRun, subjects, raw, single, ceiling, ratio }) => {
        return { model, layer, movieRun, subjects, raw, single, ceiling, ratio };
      }),
    ),
  }),
  confounds: (analyses) => ({
    table: 'confounds',
    title: 'What the movie does without meaning, in FBNs and in their pairs',
    caption:
      'r of each series of the movie with the FBN that follows it most, and the mean |r| over FBNs. Partial r: mean r of the pairs once ' +
      'all of these series are regressed out of FBNs and filters. Luminance, contrast (deviation of Y), colourfulness (Hasler & ' +
      'Süsstrunk 2003), edge density (Sobel), motion energy (mean squared change), cuts; of one frame per TR.',
    columns: [
      ...layerColumns,
      runColumn,
      { name: 'feature', label: 'Series' },
      { name: 'meanAbsR', label: 'mean |r|', decimals: 3 },
      { name: 'fbn', label: 'FBN' },
      { name: 'r', label: 'its r', decimals: 3 },
      { name: 'meanR', label: 'mean r of pairs', decimals: 4 },
      { name: 'partialMeanR', label: 'partial', decimals: 4 },
    ],
    rows: analyses.flatMap(({ model, layer, analysis }) =>
      analysis.runs.flatMap(({ movieRun, confounds }) =>
        (confounds?.features ?? []).map(({ name: feature, meanAbsR, fbn, r }) => ({
          ...{ model, layer, movieRun, feature, meanAbsR, fbn, r },
          ...{ meanR: confounds!.meanR, partialMeanR: confounds!.partialMeanR },
        })),
      ),
    ),
  }),
  hubs: (analyses) => ({
    table: 'hubs',
    title: 'Filters that are the best one of most FBNs, over all movie runs',
    caption: 'A filter that wins many FBNs at once says little of any of them. Filters are counted from 0.',
    columns: [...layerColumns, { name: 'filter', label: 'Filter' }, { name: 'pairs', label: 'pairs' }],
    rows: analyses.flatMap(({ model, layer, analysis }) => analysis.hubs.map((hub) => ({ model, layer, ...hub }))),
  }),
};

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
