import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { AppState } from '../../src-preload/shared/contract/views';
import { on, onReconnect, request } from '../api/host';

/** What the workstation is doing: which project is open, which were. */
export const useAppStore = defineStore('app', () => {
  const state = shallowRef<AppState>();
  /** Why the workstation does not answer; undefined when it does. */
  const error = shallowRef<Error>();

  async function change(asked: Promise<AppState>): Promise<AppState> {
    state.value = await asked;
    error.value = undefined;
    return state.value;
  }

  async function refresh(): Promise<void> {
    try {
      await change(request('app.state', {}));
    } catch (caught) {
      error.value = caught instanceof Error ? caught : new Error(String(caught));
    }
  }

  on('app.changed', () => void refresh());
  onReconnect(() => void refresh());

  return {
    state,
    error,
    refresh,
    open: (folder: string) => change(request('app.open', { folder })),
    create: (folder: string) => change(request('app.create', { folder })),
    phantom: (folder: string) => change(request('app.phantom', { folder })),
    close: () => change(request('app.close', {})),
    forgetRecent: (folder: string) => change(request('app.forgetRecent', { folder })),
  };
});
