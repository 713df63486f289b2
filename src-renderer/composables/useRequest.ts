import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { Topic } from '../../src-preload/shared/contract/events';
import type { Route, RouteInput, RouteOutputs } from '../../src-preload/shared/contract/routes';
import { on, onReconnect, request } from '../api/host';

export interface Requested<Data> {
  data: ShallowRef<Data | undefined>;
  error: ShallowRef<Error | undefined>;
  loading: Ref<boolean>;
  reload(): Promise<void>;
}

/**
 * What a route answers, asked again when the input changes or when one of these topics of the project does. While it is asked again
 * the old answer stays; an input of null asks nothing and clears it. Only the answer to the last question counts.
 */
export function useRequest<Name extends Route>(
  route: Name,
  input: () => RouteInput<Name> | null,
  topics: Topic[],
): Requested<RouteOutputs[Name]> {
  const data = shallowRef<RouteOutputs[Name]>();
  const error = shallowRef<Error>();
  const loading = ref(false);
  let latest = 0;

  async function reload(): Promise<void> {
    const question = input();
    const turn = ++latest;
    if (question === null) {
      data.value = undefined;
      error.value = undefined;
      loading.value = false;
      return;
    }
    loading.value = true;
    try {
      const answer = await request(route, question);
      if (turn !== latest) return;
      data.value = answer;
      error.value = undefined;
    } catch (caught) {
      if (turn !== latest) return;
      error.value = caught instanceof Error ? caught : new Error(String(caught));
    }
    loading.value = false;
  }

  watch(() => JSON.stringify(input()), reload, { immediate: true });
  const stop = on('project.changed', (detail) => {
    if (detail.topics.some((topic) => topics.includes(topic))) void reload();
  });
  const stopReconnect = onReconnect(() => void reload());
  onScopeDispose(() => {
    latest += 1;
    stop();
    stopReconnect();
  });
  return { data, error, loading, reload };
}
