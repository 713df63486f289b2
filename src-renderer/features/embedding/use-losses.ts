import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { resourcePaths } from '../../../src-preload/shared/contract/resources';
import { arrayGeneration, loadArray } from '../../api/arrays';

/** Losses of several embeddings by id, each [epochs, 4]; those that cannot be had are left out. */
export function useLosses(ids: () => readonly number[]): ShallowRef<ReadonlyMap<number, Float64Array>> {
  const losses = shallowRef<ReadonlyMap<number, Float64Array>>(new Map());
  let latest = 0;
  watch(
    [() => ids().join(' '), arrayGeneration],
    async () => {
      const turn = ++latest;
      const load = async (id: number) => {
        const found = await loadArray(resourcePaths.losses(id), 'f64').catch(() => undefined);
        return [id, found?.data] as const;
      };
      const loaded = await Promise.all(ids().map(load));
      if (turn === latest) losses.value = new Map(loaded.flatMap(([id, data]) => (data ? [[id, data] as const] : [])));
    },
    { immediate: true },
  );
  onScopeDispose(() => (latest += 1));
  return losses;
}
