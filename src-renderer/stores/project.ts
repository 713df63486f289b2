import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { ProjectInfo } from '../../src-preload/shared/contract/project-info';
import { on, onReconnect, request } from '../api/host';
import { useAppStore } from './app';

/** What the open project holds, in short; undefined while none is open. */
export const useProjectStore = defineStore('project', () => {
  const app = useAppStore();
  const info = shallowRef<ProjectInfo>();
  const error = shallowRef<Error>();
  let latest = 0;

  async function refresh(): Promise<void> {
    const turn = ++latest;
    if (!app.state?.project) {
      info.value = undefined;
      return;
    }
    try {
      const answer = await request('project.info', {});
      if (turn !== latest) return;
      info.value = answer;
      error.value = undefined;
    } catch (caught) {
      if (turn === latest) error.value = caught instanceof Error ? caught : new Error(String(caught));
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
