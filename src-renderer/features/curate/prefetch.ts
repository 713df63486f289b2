import { resourcePaths } from '../../../src-preload/shared/contract/resources';
import type { CouplingView } from '../../../src-preload/shared/contract/views';
import { loadArray } from '../../api/arrays';
import type { QueueRow } from './queue';

/** How long after a change of pairs the neighbours are fetched: what is on the screen comes first. */
const AFTER_MS = 60;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Fetches what the pairs that come next are drawn from, so that they are there when their turn comes. */
export function prefetchPairs(rows: readonly QueueRow[], couplings: readonly CouplingView[]): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const { layer, fbn, filter, coupling: id } of rows) {
      const coupling = couplings.find((one) => one.id === id);
      if (!coupling) continue;
      const { embeddingId, movieRunId } = coupling;
      const wanted = [
        loadArray(resourcePaths.fbnMap(embeddingId, fbn), 'f32'),
        loadArray(resourcePaths.fbnActivation(embeddingId, fbn, movieRunId), 'f32'),
        loadArray(resourcePaths.filterActivation(layer, filter, movieRunId), 'f32'),
        loadArray(resourcePaths.topFrames(layer, filter, movieRunId), 'i32'),
      ];
      // Whoever shows the pair says what is missing.
      for (const one of wanted) one.catch(() => undefined);
    }
  }, AFTER_MS);
}
