import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { AppState } from '../../src-preload/shared/contract/views';
import { codeOfError } from '../../src-preload/shared/domain/errors';
import { on, onReconnect, request } from '../api/host';

/** What the workstation is doing: which project is open, which were. */
export const useAppStore = defineStore('app', () => {
  const state = shallowRef<AppState>();
  /** Why the workstation does not answer; undefined when it does. */
  const error = shallowRef<Error>();

  /** The folder of the project that could not be opened because its database is damaged. */
  const damaged = shallowRef<string>();

  async function change(asked: Promise<AppState>): Promise<AppState> {
    state.value = await asked;
    error.value = undefined;
    return state.value;
  }

  /** Opens a project; of one whose database is damaged it is remembered, so that a backup can be offered. */
  async function open(folder: string): Promise<AppState> {
    damaged.value = undefined;
    try {
      return await change(request('app.open', { folder }));
    } catch (caught) {
      if (codeOfError(caught) === 'database-damaged') damaged.value = folder;
      throw caught;
    }
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
    damaged,
    refresh,
    open,
    restore: (folder: string, backup: string) => change(request('app.restore', { folder, backup })),
    create: (folder: string) => change(request('app.create', { folder })),
    phantom: (folder: string) => change(request('app.phantom', { folder })),
    close: () => change(request('app.close', {})),
    forgetRecent: (folder: string) => change(request('app.forgetRecent', { folder })),
  };
});
