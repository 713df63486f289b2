import { resourcePaths } from '../../../src-preload/shared/contract/resources';
import type { QueueRow } from '../../../src-preload/shared/contract/queue';
import type { CouplingView } from '../../../src-preload/shared/contract/views';
import { askAhead } from '../../api/ahead';
import { loadArray, loadVolume } from '../../api/arrays';
import { resourceUrl } from '../../api/host';

/** How long after a change of pairs the neighbours are fetched: what is on the screen comes first. */
const AFTER_MS = 60;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Fetches what the pairs that come next are drawn from, the nearest first, so that it is there when their turn comes: map, volume,
 * activations, numbers, labels and frames.
 */
export function prefetchPairs(rows: readonly QueueRow[], couplings: readonly CouplingView[]): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const row of rows) {
      const coupling = couplings.find(({ id }) => id === row.coupling);
      // Whoever shows the pair says what is missing.
      if (coupling) prefetchPair(row, coupling).catch(() => undefined);
    }
  }, AFTER_MS);
}

async function prefetchPair(
  { layer, fbn, filter, coupling }: QueueRow,
  { embeddingId, movieRunId }: CouplingView,
): Promise<void> {
  askAhead('pairs.details', { coupling, fbn, filter });
  askAhead('semantics.filter', { layer, filter });
  const [frames] = await Promise.all([
    loadArray(resourcePaths.topFrames(layer, filter, movieRunId), 'i32'),
    loadArray(resourcePaths.fbnMap(embeddingId, fbn), 'f32'),
    loadVolume(resourcePaths.fbnVolume(embeddingId, fbn)),
    loadArray(resourcePaths.fbnActivation(embeddingId, fbn, movieRunId), 'f32'),
    loadArray(resourcePaths.filterActivation(layer, filter, movieRunId), 'f32'),
  ]);
  for (const frame of frames.data) new Image().src = resourceUrl(resourcePaths.frame(movieRunId, frame, 96));
}
