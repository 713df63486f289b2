import { useLocalStorage } from '@vueuse/core';
import { defineStore } from 'pinia';

export type StatisticsMode = 'paper' | 'corrected';

/** Which statistics come first everywhere: the paper's, or what survives of them. */
export const useModeStore = defineStore('mode', () => ({
  mode: useLocalStorage<StatisticsMode>('syncact-mode', 'paper'),
}));
