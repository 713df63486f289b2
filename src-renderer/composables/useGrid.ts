import { useVirtualizer } from '@tanstack/vue-virtual';
import { useElementSize } from '@vueuse/core';
import { computed, useTemplateRef } from 'vue';

/** Rows overscanned above and below what is in sight. */
const OVERSCAN = 2;

/**
 * Many cells of one size in as many columns as fit; only rows in sight are there. The template's element `ref="scroller"` scrolls.
 * @param count cells in all
 * @param cell size of a cell with its margins, in pixels
 * @param padding of the scroller, both sides together, in pixels
 */
export function useGrid(count: () => number, cell: { width: number; height: number }, padding: number) {
  const scroller = useTemplateRef<HTMLElement>('scroller');
  const { width } = useElementSize(scroller);
  const perRow = computed(() => Math.max(1, Math.floor((width.value - padding) / cell.width)));
  const rows = useVirtualizer(
    computed(() => ({
      count: Math.ceil(count() / perRow.value),
      getScrollElement: () => scroller.value,
      estimateSize: () => cell.height,
      overscan: OVERSCAN,
    })),
  );
  return {
    scroller,
    perRow,
    rows,
    /** Numbers of the cells of a row. */
    cells: (row: number) => Array.from({ length: perRow.value }, (_, i) => row * perRow.value + i).filter((one) => one < count()),
    scrollTo: (one: number) => rows.value.scrollToIndex(Math.floor(one / perRow.value), { align: 'auto' }),
    /** The cell that an arrow key leads to from another one; undefined for other keys. */
    neighbour(key: string, from: number): number | undefined {
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow.value, ArrowDown: perRow.value }[key];
      return by === undefined ? undefined : Math.max(0, Math.min(count() - 1, from + by));
    },
  };
}
