import { defineStore } from 'pinia';
import { useLocalStorage } from '@vueuse/core';
import { ref, watchEffect } from 'vue';

export type FrameDialog = 'palette' | 'keys' | 'open' | 'new' | 'phantom' | 'about' | 'restore' | 'diagnostics' | 'errors';
export type Theme = 'system' | 'dark' | 'light';
const nextTheme = { system: 'dark', dark: 'light', light: 'system' } as const;

/** What the frame itself shows: its dialogs and its colours. */
export const useFrameStore = defineStore('frame', () => {
  const dialog = ref<FrameDialog>();
  const theme = useLocalStorage<Theme>('syncact-theme', 'system');

  watchEffect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });

  return {
    dialog,
    theme,
    show(name: FrameDialog): void {
      dialog.value = name;
    },
    hide(): void {
      dialog.value = undefined;
    },
    changeTheme(): void {
      theme.value = nextTheme[theme.value];
    },
  };
});
