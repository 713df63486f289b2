import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, test } from 'vitest';
import { useNotices } from '../../../src-renderer/stores/notices';

beforeEach(() => setActivePinia(createPinia()));

test('what was tried is told: that it worked, or why it did not', async () => {
  const notices = useNotices();
  expect(await notices.attempt(() => Promise.resolve(), 'Done.', { undo: true })).toBe(true);
  expect(await notices.attempt(() => Promise.reject(new Error('no such file')), 'Done.')).toBe(false);
  expect(await notices.attempt(() => Promise.resolve())).toBe(true);
  expect(notices.notices.map(({ message, kind, undo }) => [message, kind, undo])).toEqual([
    ['Done.', 'info', true],
    ['no such file', 'failure', false],
  ]);
});
