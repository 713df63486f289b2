import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { resourcePaths } from '../../../src-preload/shared/contract/resources';
import { arrayGeneration, loadArray, type ArrayType, type LoadedArray } from '../../api/arrays';

/** Losses of several embeddings by id, each [epochs, 4]; those that cannot be had are left out. */
export function useLosses(ids: () => readonly number[]): ShallowRef<ReadonlyMap<number, LoadedArray<'f64'>>> {
  return useArrays(ids, resourcePaths.losses, 'f64');
}

/** Losses of each run of several embeddings by id, each [epochs, runs], training runs first; NaN where not known. */
export function useRunLosses(ids: () => readonly number[]): ShallowRef<ReadonlyMap<number, LoadedArray<'f32'>>> {
  return useArrays(ids, resourcePaths.runLosses, 'f32');
}

function useArrays<Type extends ArrayType>(
  ids: () => readonly number[],
  path: (id: number) => string,
  type: Type,
): ShallowRef<ReadonlyMap<number, LoadedArray<Type>>> {
  const arrays = shallowRef<ReadonlyMap<number, LoadedArray<Type>>>(new Map());
  let latest = 0;
  watch(
    [() => ids().join(' '), arrayGeneration],
    async () => {
      const turn = ++latest;
      const load = async (id: number) => [id, await loadArray(path(id), type).catch(() => undefined)] as const;
      const loaded = await Promise.all(ids().map(load));
      if (turn === latest) arrays.value = new Map(loaded.flatMap(([id, array]) => (array ? [[id, array] as const] : [])));
    },
    { immediate: true },
  );
  onScopeDispose(() => (latest += 1));
  return arrays;
}
