import { fbnMeasures, type FbnMeasure } from '../../../src-preload/shared/contract/quality';
import { formatCount, formatNumber } from '../../ui/format';

const percent = (value: number) => (Number.isFinite(value) ? `${formatNumber(100 * value, 1)} %` : '–');

/** How a measure is named, written and explained. */
export interface MeasureText {
  name: FbnMeasure;
  title: string;
  hint: string;
  format: (value: number) => string;
}

/** The measures of FBNs in the order in which they are shown. */
export const measureTexts: readonly MeasureText[] = [
  {
    ...{ name: 'explainedAlone', title: 'explained alone', format: percent },
    hint: 'share of the test subjects’ variance that this activation explains by itself (least squares in every voxel)',
  },
  {
    ...{ name: 'explainedUnique', title: 'explained uniquely', format: percent },
    hint: 'share that no other FBN’s activation explains',
  },
  {
    ...{ name: 'interSubject', title: 'inter-subject r', format: (value: number) => formatNumber(value, 3) },
    hint: 'r of a test subject’s activation with the mean of the others, averaged over subjects and movie runs',
  },
  {
    ...{ name: 'topShare', title: 'energy in top 5 %', format: percent },
    hint: 'share of the map’s sum of squares in its strongest 5 % of voxels; 5 % for a flat map, 28 % for noise',
  },
  {
    ...{ name: 'clusteredShare', title: 'clustered', format: percent },
    hint: 'share of the voxels with |z| > 2 that lie in clusters of at least 10',
  },
  {
    ...{ name: 'clusters', title: 'clusters', format: formatCount },
    hint: 'clusters of at least 10 voxels with |z| > 2, of one sign',
  },
  {
    ...{ name: 'largestCluster', title: 'largest cluster', format: (value: number) => `${formatCount(value)} voxels` },
    hint: 'voxels of the largest of these clusters',
  },
  {
    ...{ name: 'splitHalf', title: 'split-half |r|', format: (value: number) => formatNumber(value, 3) },
    hint: '|r| of the matched maps of two trainings, each on half of the training subjects',
  },
];

/** One FBN's value. @param table [fbns, measures] in the order of fbnMeasures */
export function measureOf(table: Float64Array, fbn: number, name: FbnMeasure): number {
  return table[fbn * fbnMeasures.length + fbnMeasures.indexOf(name)] ?? NaN;
}

/** FBNs by a measure, largest first, those without a value last; by number where no measure is named. */
export function orderOfFbns(fbns: number, table: Float64Array | undefined, name: FbnMeasure | null): number[] {
  const numbers = Array.from({ length: fbns }, (_, fbn) => fbn);
  if (!table || name === null) return numbers;
  const key = (fbn: number) => {
    const value = measureOf(table, fbn, name);
    return Number.isNaN(value) ? -Infinity : value;
  };
  // Subtracting would give NaN for two without a value.
  return numbers.sort((a, b) => (key(a) === key(b) ? a - b : key(a) > key(b) ? -1 : 1));
}
