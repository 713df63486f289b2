import { computed, watch } from 'vue';
import { resourcePaths } from '../../../src-preload/shared/contract/resources';
import type { CouplingView } from '../../../src-preload/shared/contract/views';
import { useArray } from '../../composables/useArray';
import { useRequest } from '../../composables/useRequest';
import { useCursorStore } from '../../stores/cursor';
import type { TraceSeries } from '../../ui/trace';
import { isControlled } from '../coupling/controls';
import { brainSeries, slidingRWhereKnown, zScores, type BrainSeries } from './series';

/** Width of the window of "where it matches", in TRs. */
const WINDOW = 30;

/** Both activations of a pair, how they match, and the cursor in them. */
export function usePair(coupling: () => CouplingView | undefined, fbn: () => number, filter: () => number) {
  const cursor = useCursorStore();
  const movies = useRequest('movies.list', () => ({}), ['movies']);
  const movie = computed(() => movies.data.value?.find(({ id }) => id === coupling()?.movieRunId));
  const step = computed(() => movie.value?.trSeconds ?? 1);
  const bands = useArray(() => {
    const one = coupling();
    return one && !isControlled(one.reducer) ? resourcePaths.fbnActivation(one.embeddingId, fbn(), one.movieRunId) : null;
  }, 'f32');
  const activation = useArray(() => {
    const one = coupling();
    return one && !isControlled(one.reducer) ? resourcePaths.filterActivation(one.layerId, filter(), one.movieRunId) : null;
  }, 'f32');
  /** Under control: both as they were correlated. */
  const controlled = useArray(() => {
    const one = coupling();
    return one && isControlled(one.reducer) ? resourcePaths.pairSeries(one.id, fbn(), filter()) : null;
  }, 'f32');
  const brain = computed((): BrainSeries | undefined => {
    const both = controlled.data.value;
    if (both) return { z: both.subarray(0, both.length / 2) };
    return bands.data.value && brainSeries(bands.data.value);
  });
  const time = computed(() => brain.value?.z.length ?? 0);
  const network = computed(() => {
    if (controlled.data.value) return controlled.data.value.subarray(time.value);
    return activation.data.value && time.value > 0 ? zScores(activation.data.value.subarray(0, time.value)) : undefined;
  });
  const series = computed((): TraceSeries[] =>
    brain.value && network.value
      ? [
          { label: `FBN ${fbn()}`, side: 'brain', values: brain.value.z, ...(brain.value.band && { band: brain.value.band }) },
          { label: `filter ${filter()}`, side: 'network', values: network.value },
        ]
      : [],
  );
  const matching = computed((): TraceSeries[] =>
    brain.value && network.value
      ? [{ label: `r over ${WINDOW} TR`, side: 'neutral', values: slidingRWhereKnown(brain.value.z, network.value, WINDOW) }]
      : [],
  );
  const tr = computed(() => Math.min(Math.max(0, cursor.tr ?? 0), Math.max(0, time.value - 1)));
  const error = computed(() => bands.error.value ?? activation.error.value ?? controlled.error.value);

  watch(
    [coupling, time, filter],
    () => {
      const one = coupling();
      if (!one || time.value === 0) return;
      cursor.movieRun = one.movieRunId;
      cursor.timePoints = time.value;
      cursor.filter = { layer: one.layerId, filter: filter() };
    },
    { immediate: true },
  );
  return { brain, network, series, matching, time, tr, step, error };
}
