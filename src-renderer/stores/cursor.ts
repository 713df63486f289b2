import { defineStore } from 'pinia';
import { ref } from 'vue';

export type Mm = [number, number, number];

/** The one place that every screen looks at: a moment of a movie run, a point of the brain, an FBN, a filter. */
export const useCursorStore = defineStore('cursor', () => {
  /** Id of the movie run. */
  const movieRun = ref<number | null>(null);
  const tr = ref<number | null>(null);
  /** MNI coordinate in mm. */
  const mm = ref<Mm | null>(null);
  const mmIsPeak = ref(false);
  const fbn = ref<number | null>(null);
  /** Id of the layer and number of the filter in it. */
  const filter = ref<{ layer: number; filter: number } | null>(null);
  /** Time points of the movie run where known: steps stop at its end. */
  const timePoints = ref<number | null>(null);

  function setTr(value: number): void {
    if (!Number.isFinite(value)) return;
    const last = timePoints.value === null ? Infinity : Math.max(0, timePoints.value - 1);
    tr.value = Math.min(last, Math.max(0, Math.round(value)));
  }

  return {
    movieRun,
    tr,
    mm,
    fbn,
    filter,
    timePoints,
    setTr,
    step: (by: number) => setTr((tr.value ?? 0) + by),
    mmIsPeak,
    /** @param isPeak whether it is the peak of the FBN shown, not a place that somebody chose */
    setMm(value: readonly [number, number, number] | null, isPeak = false): void {
      mm.value = value && [...value];
      mmIsPeak.value = isPeak;
    },
  };
});
