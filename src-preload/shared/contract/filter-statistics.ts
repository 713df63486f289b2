/**
 * What is measured of every filter over a movie run, in the order of its row of numbers. `deviation` is the population's standard
 * deviation over time; a filter whose smallest and largest activation are the same is constant, and dead where that is 0 or less.
 */
export const filterStatistics = ['smallest', 'largest', 'mean', 'deviation'] as const;

/** What a filter's activations say of it over all movie runs looked at. */
export type FilterState = 'alive' | 'constant' | 'dead';

/** @param smallest, largest of its activation; NaN where it has none that is finite */
export function filterState(smallest: number, largest: number): FilterState {
  if (!(smallest === largest)) return 'alive';
  return largest <= 0 ? 'dead' : 'constant';
}
