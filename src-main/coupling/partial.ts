import { subtractProjection } from '../fmri/regression';
import { toUnitSeries, type SeriesMatrix } from './series';

/** Directions whose remaining length is below this share are already spanned by those before them. */
const NEGLIGIBLE = 1e-8;

/**
 * What is left of series once others are regressed out (ordinary least squares with a constant): r of what is left of both sides is
 * the partial correlation.
 * @param series [series, time]
 * @param confounds [confounds, time]; constant ones count for nothing
 * @returns [series, time]; NaN where nothing is left, so that r is undefined and not 0
 */
export function partialOut(series: SeriesMatrix, confounds: SeriesMatrix): SeriesMatrix & { data: Float64Array } {
  return removeDirections(series, orthonormalBasis(confounds));
}

/** The same for what the confounds span, from orthonormalBasis. */
export function removeDirections(series: SeriesMatrix, basis: readonly Float64Array[]): SeriesMatrix & { data: Float64Array } {
  const { rows, columns, data, defined } = toUnitSeries(series);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    for (const direction of basis) subtractProjection(row, direction);
    const left = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (!defined[i] || left < Math.sqrt(NEGLIGIBLE)) row.fill(NaN);
  }
  return { rows, columns, data };
}

/** Orthonormal series that span the same space as those given (all less their mean): modified Gram–Schmidt, twice. */
export function orthonormalBasis(series: SeriesMatrix): Float64Array[] {
  const { rows, columns, data, defined } = toUnitSeries(series);
  const basis: Float64Array[] = [];
  for (let i = 0; i < rows; i++) {
    if (!defined[i]) continue;
    const row = data.slice(i * columns, (i + 1) * columns);
    for (let pass = 0; pass < 2; pass++) for (const direction of basis) subtractProjection(row, direction);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > NEGLIGIBLE) basis.push(row.map((value) => value / length));
  }
  return basis;
}
