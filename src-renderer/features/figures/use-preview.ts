import { onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { DrawnFigure, FigureSpec } from '../../../src-preload/shared/contract/figures';
import { on, request } from '../../api/host';

const WAIT_MS = 400;

/**
 * A figure as it would be printed, drawn again a moment after it was changed. One drawing runs at a time: what changes meanwhile
 * is drawn after it, the latest only. The last picture stays until the next is there.
 */
export function usePreview(figure: () => FigureSpec) {
  const drawn = shallowRef<DrawnFigure>();
  const error = shallowRef<Error>();
  const isDrawing = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;

  async function draw(): Promise<void> {
    isWanted = true;
    if (isDrawing.value) return;
    isDrawing.value = true;
    while (isWanted) {
      isWanted = false;
      try {
        drawn.value = await request('figures.draw', { spec: figure(), format: 'svg' });
        error.value = undefined;
      } catch (caught) {
        error.value = caught instanceof Error ? caught : new Error(String(caught));
      }
    }
    isDrawing.value = false;
  }

  function soon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void draw(), WAIT_MS);
  }

  watch(() => JSON.stringify(figure()), soon);
  const stop = on('project.changed', ({ topics }) => {
    if (topics.some((topic) => topic === 'couplings' || topic === 'embeddings')) soon();
  });
  void draw();
  onScopeDispose(() => {
    clearTimeout(timer);
    isWanted = false;
    stop();
  });
  return { drawn, error, isDrawing, draw };
}
