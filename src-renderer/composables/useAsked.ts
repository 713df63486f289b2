import { refDebounced } from '@vueuse/core';
import { computed, type ComputedRef, type Ref } from 'vue';
import type { Route, RouteInput, RouteOutputs } from '../../src-preload/shared/contract/routes';
import { useRequest } from './useRequest';

const REST_MS = 300;

export interface Asked<Data> {
  /** The answer to what the form says now; undefined until it is there. */
  found: ComputedRef<Data | undefined>;
  error: Readonly<Ref<Error | undefined>>;
}

/** What a route answers about a form that is being filled in: asked when the typing rests, and never an answer to something else. */
export function useAsked<Name extends Route>(route: Name, question: () => RouteInput<Name> | null): Asked<RouteOutputs[Name]> {
  // Compared as text: an object that says the same is the same question.
  const now = computed(() => JSON.stringify(question()));
  const rested = refDebounced(now, REST_MS);
  const { data, error, loading } = useRequest(route, () => JSON.parse(rested.value) as RouteInput<Name> | null, []);
  return {
    error,
    found: computed(() => (rested.value === now.value && !loading.value ? data.value : undefined)),
  };
}
