import type { CouplingView } from '../../../src-preload/shared/contract/views';
import { measures, type Measure } from './measures';

export type Direction = CouplingView['direction'];

/** Model × layer × movie run: what was coupled of one embedding in one direction with one reducer. */
export interface CouplingMatrix {
  movieRuns: string[];
  models: {
    model: string;
    /** What it was trained on; empty where nobody said. */
    trainedOn: string;
    /** Layers by depth, shallow first. */
    layers: { id: number; name: string }[];
    /** [movie run][layer]. */
    cells: (CouplingView | undefined)[][];
  }[];
  /** Layers of the model that has most: every model takes as many columns. */
  depth: number;
  /** Least and largest value of the measure, for the colours. */
  range: [number, number];
}

/** Models by name, their layers by depth, movie runs by name. */
export function buildMatrix(
  couplings: readonly CouplingView[],
  embeddingId: number,
  direction: Direction,
  reducer = 'max',
  measure: Pick<Measure, 'value'> = measures[0]!,
): CouplingMatrix {
  const used = couplings.filter(
    (one) => one.embeddingId === embeddingId && one.direction === direction && one.reducer === reducer,
  );
  const movieRuns = [...new Set(used.map(({ movieRun }) => movieRun))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const models = [...Map.groupBy(used, ({ modelId }) => modelId).values()].map((own) => {
    const byLayer = new Map(own.map((one) => [one.layerId, one]));
    const layers = [...byLayer.values()].sort((a, b) => a.position - b.position);
    const byPlace = new Map(own.map((one) => [`${one.movieRun} ${one.layerId}`, one]));
    return {
      ...{ model: own[0]!.model, trainedOn: own[0]!.trainedOn ?? '' },
      layers: layers.map(({ layerId, layer }) => ({ id: layerId, name: layer })),
      cells: movieRuns.map((run) => layers.map(({ layerId }) => byPlace.get(`${run} ${layerId}`))),
    };
  });
  models.sort((a, b) => a.model.localeCompare(b.model, 'en', { numeric: true }));
  const values = used.flatMap((one) => measure.value(one) ?? []);
  return {
    ...{ movieRuns, models },
    depth: Math.max(0, ...models.map(({ layers }) => layers.length)),
    range: [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)],
  };
}

/** Five stops of viridis (Smith & van der Walt 2015), dark to light. */
const viridis = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

/** Background and a text colour that can be read on it. */
export function cellColours(value: number | null, [least, most]: [number, number]): { background: string; color: string } {
  if (value === null) return { background: 'transparent', color: 'inherit' };
  const place = most > least ? ((value - least) / (most - least)) * (viridis.length - 1) : 0;
  const below = Math.min(viridis.length - 2, Math.floor(place));
  const [from, to] = [viridis[below]!, viridis[below + 1]!];
  const rgb = from.map((channel, i) => Math.round(channel + (place - below) * (to[i]! - channel)));
  const luminance = 0.2126 * rgb[0]! + 0.7152 * rgb[1]! + 0.0722 * rgb[2]!;
  return { background: `rgb(${rgb.join(' ')})`, color: luminance > 110 ? '#000000' : '#ffffff' };
}
