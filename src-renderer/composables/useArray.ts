import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { arrayGeneration, loadArray, type ArrayType, type ArrayTypes } from '../api/arrays';

export interface LoadingArray<Type extends ArrayType> {
  data: ShallowRef<ArrayTypes[Type] | undefined>;
  shape: ShallowRef<number[]>;
  error: ShallowRef<Error | undefined>;
  loading: Ref<boolean>;
}

/** Numbers of a resource path that may change; the old ones stay until the new ones are there, null clears them. */
export function useArray<Type extends ArrayType>(path: () => string | null, type: Type): LoadingArray<Type> {
  const data = shallowRef<ArrayTypes[Type]>();
  const shape = shallowRef<number[]>([]);
  const error = shallowRef<Error>();
  const loading = ref(false);
  let latest = 0;

  async function load(current: string | null): Promise<void> {
    const turn = ++latest;
    loading.value = current !== null;
    if (current === null) {
      data.value = undefined;
      shape.value = [];
      error.value = undefined;
      return;
    }
    try {
      const loaded = await loadArray(current, type);
      if (turn !== latest) return;
      shape.value = loaded.shape;
      data.value = loaded.data;
      error.value = undefined;
    } catch (caught) {
      if (turn !== latest) return;
      data.value = undefined;
      shape.value = [];
      error.value = caught instanceof Error ? caught : new Error(String(caught));
    }
    loading.value = false;
  }

  watch([path, arrayGeneration] as const, ([current]) => void load(current), { immediate: true });
  onScopeDispose(() => (latest += 1));
  return { data, shape, error, loading };
}
