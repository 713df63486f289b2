// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { createApp } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { expect, test } from 'vitest';
import type { MenuAction } from '../../../src-preload/shared/contract/events';
import { useMenuActions } from '../../../src-renderer/app/menu-actions';
import { useFrameStore } from '../../../src-renderer/app/frame';

test('the menu opens the dialogs of the frame, also without a project', () => {
  const listeners: Record<string, (detail: unknown) => void> = {};
  window.syncact = {
    request: async () => ({ ok: false, error: { kind: 'cancelled', message: '' } }),
    on: (event, callback) => ((listeners[event] = callback as never), () => undefined),
  };
  const pinia = createPinia();
  setActivePinia(pinia);
  const page = { setup: () => (useMenuActions(), () => null) };
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: page }] });
  createApp(page).use(pinia).use(router).mount(document.createElement('div'));
  const frame = useFrameStore();
  for (const [action, dialog] of [
    ['open-project', 'open'],
    ['new-project', 'new'],
    ['keys', 'keys'],
    ['about', 'about'],
    ['diagnostics', 'diagnostics'],
  ] as [MenuAction, string][]) {
    frame.hide();
    listeners.menu!({ action });
    expect(frame.dialog).toBe(dialog);
  }
  frame.hide();
  listeners.menu!({ action: 'search' });
  expect(frame.dialog).toBeUndefined();
});
