import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { Pair } from './pairs';

/** The list a pair was opened from: the pair view's previous and next are its. */
export const usePairOrder = defineStore('pair-order', () => {
  const coupling = shallowRef<number>();
  const pairs = shallowRef<readonly Pair[]>([]);

  return {
    coupling,
    pairs,
    keep(id: number, list: readonly Pair[]): void {
      coupling.value = id;
      pairs.value = list;
    },
    /** The pair `by` places from this one; undefined at the ends. */
    neighbour(fbn: number, filter: number, by: number): Pair | undefined {
      const place = pairs.value.findIndex((pair) => pair.fbn === fbn && pair.filter === filter);
      return place < 0 ? undefined : pairs.value[place + by];
    },
  };
});
