import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { Topic } from '../../src-preload/shared/contract/events';
import type { Route, RouteInput, RouteOutputs } from '../../src-preload/shared/contract/routes';
import { takeAhead } from '../api/ahead';
import { toError, useFailures } from '../api/failures';
import { on, onReconnect, request } from '../api/host';

export interface Requested<Data> {
  data: ShallowRef<Data | undefined>;
  /** Why there is no answer to what is asked now. */
  error: ShallowRef<Error | undefined>;
  loading: Ref<boolean>;
  reload(): Promise<void>;
}

/**
 * What a route answers, asked again when the input changes or when one of these topics of the project does. While it is asked again
 * the old answer stays, and also when that fails because the host does not answer: a screen that has its data keeps it. An input of
 * null asks nothing and clears it. Only the answer to the last question counts.
 */
export function useRequest<Name extends Route>(
  route: Name,
  input: () => RouteInput<Name> | null,
  topics: Topic[],
): Requested<RouteOutputs[Name]> {
  const data = shallowRef<RouteOutputs[Name]>();
  const error = shallowRef<Error>();
  const loading = ref(false);
  const failures = useFailures(() => void reload());
  let latest = 0;
  /** The question that `data` answers. */
  let answered: string | undefined;

  const reload = () => ask(false);

  /** @param isNew whether this is another question than before: it may have been asked ahead */
  async function ask(isNew: boolean): Promise<void> {
    const question = input();
    const turn = ++latest;
    if (question === null) {
      data.value = undefined;
      error.value = undefined;
      answered = undefined;
      loading.value = false;
      failures.settle();
      return;
    }
    loading.value = true;
    const asked = JSON.stringify(question);
    try {
      const answer = await ((isNew && takeAhead(route, question)) || request(route, question));
      if (turn !== latest) return;
      data.value = answer;
      answered = asked;
      error.value = undefined;
      failures.settle();
    } catch (caught) {
      if (turn !== latest) return;
      const failure = toError(caught);
      if (!failures.keepsAnswer(failure, asked === answered)) error.value = failure;
    }
    loading.value = false;
  }

  watch(
    () => JSON.stringify(input()),
    () => void ask(true),
    { immediate: true },
  );
  const stop = on('project.changed', (detail) => {
    if (detail.topics.some((topic) => topics.includes(topic))) void reload();
  });
  const stopReconnect = onReconnect(() => void reload());
  onScopeDispose(() => {
    latest += 1;
    failures.settle();
    stop();
    stopReconnect();
  });
  return { data, error, loading, reload };
}
