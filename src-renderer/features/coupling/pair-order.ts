import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { Pair } from './pairs';

/** The list a pair was opened from: the pair view's previous and next are its. */
export const usePairOrder = defineStore('pair-order', () => {
  const coupling = shallowRef<number>();
  const pairs = shallowRef<readonly Pair[]>([]);
  /** Index of the pair looked at last. */
  const last = ref<number>();

  function place(fbn: number, filter: number): number {
    return pairs.value.findIndex((pair) => pair.fbn === fbn && pair.filter === filter);
  }

  return {
    coupling,
    pairs,
    last,
    keep(id: number, list: readonly Pair[], index?: number): void {
      coupling.value = id;
      pairs.value = list;
      last.value = index;
    },
    place,
    /** The pair `by` places from this one, remembered as the one looked at; undefined at the ends. */
    neighbour(fbn: number, filter: number, by: number): Pair | undefined {
      const at = place(fbn, filter);
      const found = at < 0 ? undefined : pairs.value[at + by];
      if (found) last.value = found.index;
      return found;
    },
  };
});
