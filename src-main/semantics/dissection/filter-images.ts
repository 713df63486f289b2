import type { WorkContext } from '../../../src-preload/shared/domain/work';
import type { LayerMaps } from '../../cnn/layer-maps';
import { lookAtAll, saving, TopPictures } from './look';
import { renderPictures } from './render-pictures';
import type { FilterPictures } from './picture-file';
import type { SavedState } from './saved-state';

export interface FilterImagesRequest {
  /** Pictures, absolute paths. */
  files: readonly string[];
  maps: LayerMaps;
  /** Pictures kept of each filter. */
  count: number;
  state: SavedState;
}

/** Share of a picture's largest activation above which a filter counts as active there, where it has no threshold of its own. */
const SHARE = 0.5;

/** The pictures of a list that activate each filter of a layer most. */
export async function findFilterImages(
  { files, maps, count, state }: FilterImagesRequest,
  context: WorkContext,
): Promise<FilterPictures & { picturesPerSecond: number | null }> {
  const started = performance.now();
  const saved = await state.load();
  let top = saved && restored(saved.arrays, count);
  let next = saved?.next ?? 0;
  const first = next;
  const save = async () => {
    if (top) await state.save('look', next, { ...top.save(), filters: Int32Array.of(top.filters) });
  };
  await saving(state, save, (afterBatch) =>
    lookAtAll(files, maps, next, 'looking at pictures', context, async (batch, pictures) => {
      top ??= new TopPictures(batch.filters, count);
      top.add(batch, pictures);
      next = pictures.at(-1)! + 1;
      await afterBatch();
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  const pictures = await renderPictures(files, top!.result(), count, maps, (_filter, activation) => SHARE * activation, context);
  state.remove();
  return { ...pictures, picturesPerSecond: files.length > first ? (files.length - first) / seconds : null };
}

function restored(arrays: Record<string, never>, count: number): TopPictures {
  const top = new TopPictures((arrays.filters as unknown as Int32Array)[0]!, count);
  top.restore(arrays);
  return top;
}
