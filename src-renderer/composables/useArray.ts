import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { arrayGeneration, loadArray, type ArrayType, type ArrayTypes } from '../api/arrays';
import { toError, useFailures } from '../api/failures';

export interface LoadingArray<Type extends ArrayType> {
  data: ShallowRef<ArrayTypes[Type] | undefined>;
  shape: ShallowRef<number[]>;
  error: ShallowRef<Error | undefined>;
  loading: Ref<boolean>;
}

/**
 * Numbers of a resource path that may change; the old ones stay until the new ones are there, and also when the same ones cannot be
 * had again because the host does not answer. null clears them.
 */
export function useArray<Type extends ArrayType>(path: () => string | null, type: Type): LoadingArray<Type> {
  const data = shallowRef<ArrayTypes[Type]>();
  const shape = shallowRef<number[]>([]);
  const error = shallowRef<Error>();
  const loading = ref(false);
  const failures = useFailures(() => void load(path()));
  let latest = 0;
  /** The path that `data` is of. */
  let loadedPath: string | undefined;

  function clear(): void {
    data.value = undefined;
    shape.value = [];
    loadedPath = undefined;
  }

  async function load(current: string | null): Promise<void> {
    const turn = ++latest;
    loading.value = current !== null;
    if (current === null) {
      clear();
      error.value = undefined;
      failures.settle();
      return;
    }
    try {
      const loaded = await loadArray(current, type);
      if (turn !== latest) return;
      shape.value = loaded.shape;
      data.value = loaded.data;
      loadedPath = current;
      error.value = undefined;
      failures.settle();
    } catch (caught) {
      if (turn !== latest) return;
      const failure = toError(caught);
      if (!failures.keepsAnswer(failure, loadedPath === current)) {
        clear();
        error.value = failure;
      }
    }
    loading.value = false;
  }

  watch([path, arrayGeneration] as const, ([current]) => void load(current), { immediate: true });
  onScopeDispose(() => {
    latest += 1;
    failures.settle();
  });
  return { data, shape, error, loading };
}
