import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { ProjectInfo } from '../../src-preload/shared/contract/project-info';
import { toError, useFailures } from '../api/failures';
import { on, onReconnect, request } from '../api/host';
import { useAppStore } from './app';

/** What the open project holds, in short; undefined while none is open. */
export const useProjectStore = defineStore('project', () => {
  const app = useAppStore();
  const info = shallowRef<ProjectInfo>();
  /** Why nothing is known of it. What is known stays when asking again fails. */
  const error = shallowRef<Error>();
  const failures = useFailures(() => void refresh());
  let latest = 0;

  async function refresh(): Promise<void> {
    const turn = ++latest;
    if (!app.state?.project) {
      info.value = undefined;
      failures.settle();
      return;
    }
    try {
      const answer = await request('project.info', {});
      if (turn !== latest) return;
      info.value = answer;
      error.value = undefined;
      failures.settle();
    } catch (caught) {
      if (turn !== latest) return;
      const failure = toError(caught);
      if (!failures.keepsAnswer(failure, info.value !== undefined)) error.value = failure;
    }
  }

  watch(
    () => app.state?.project?.folder,
    () => {
      info.value = undefined;
      void refresh();
    },
    { immediate: true },
  );
  on('project.changed', () => void refresh());
  onReconnect(() => void refresh());
  return { info, error, refresh };
});
