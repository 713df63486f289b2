import type { CouplingView } from '../../../src-preload/shared/contract/views';

export type Direction = CouplingView['direction'];

/** Model × layer × movie run: what was coupled of one embedding in one direction. */
export interface CouplingMatrix {
  movieRuns: string[];
  rows: { model: string; layer: string; layerId: number; cells: (CouplingView | undefined)[] }[];
  /** Least and largest mean r, for the colours. */
  range: [number, number];
}

/** Models by name, their layers by depth, movie runs by name. */
export function buildMatrix(couplings: readonly CouplingView[], embeddingId: number, direction: Direction): CouplingMatrix {
  const used = couplings.filter((one) => one.embeddingId === embeddingId && one.direction === direction && one.reducer === 'max');
  const movieRuns = [...new Set(used.map(({ movieRun }) => movieRun))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const byLayer = [...Map.groupBy(used, ({ layerId }) => layerId).values()];
  byLayer.sort(([a], [b]) => a!.model.localeCompare(b!.model) || a!.position - b!.position);
  const values = used.flatMap(({ meanR }) => meanR ?? []);
  return {
    movieRuns,
    rows: byLayer.map((cells) => ({
      ...{ model: cells[0]!.model, layer: cells[0]!.layer, layerId: cells[0]!.layerId },
      cells: movieRuns.map((run) => cells.find(({ movieRun }) => movieRun === run)),
    })),
    range: [Math.min(...values), Math.max(...values)],
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
