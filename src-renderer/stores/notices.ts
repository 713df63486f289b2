import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { ErrorCode } from '../../src-preload/shared/domain/error-codes';
import { codeOfError } from '../../src-preload/shared/domain/errors';
import { toError } from '../api/failures';
import { request } from '../api/host';

export interface Notice {
  id: number;
  message: string;
  kind: 'info' | 'failure';
  /** Of the error that it tells of. */
  code?: ErrorCode;
  /** Whether it offers to take the last change back. */
  undo: boolean;
}

const SECONDS = { info: 6, undo: 12 };
const MOST_SHOWN = 4;

/** Short messages at the window's corner. Failures stay until they are closed. */
export const useNotices = defineStore('notices', () => {
  const notices = ref<Notice[]>([]);
  let nextId = 1;

  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id);
  }

  function tell(message: string, options: { undo?: boolean; kind?: Notice['kind']; code?: ErrorCode } = {}): void {
    const { kind = 'info', undo = false, code } = options;
    const notice: Notice = { id: nextId++, message, kind, undo, ...(code && { code }) };
    const others = notices.value.filter((other) => other.message !== message && !(notice.undo && other.undo));
    notices.value = [...others, notice].slice(-MOST_SHOWN);
    if (notice.kind === 'failure') return;
    setTimeout(() => dismiss(notice.id), (notice.undo ? SECONDS.undo : SECONDS.info) * 1000);
  }

  /** Says that something failed, with its code. @param before what is said before the error */
  function fail(caught: unknown, before = ''): void {
    tell(`${before}${toError(caught).message}`, { kind: 'failure', code: codeOfError(caught) });
  }

  /**
   * Does something that the host may refuse, and says how it went.
   * @param message said when it worked; nothing where there is none
   * @returns whether it worked
   */
  async function attempt(action: () => Promise<unknown>, message?: string, options: { undo?: boolean } = {}): Promise<boolean> {
    try {
      await action();
    } catch (caught) {
      fail(caught);
      return false;
    }
    if (message !== undefined) tell(message, options);
    return true;
  }

  /** Takes the last change of the project back and says what it was. */
  async function undo(): Promise<void> {
    try {
      const { label } = await request('undo.next', {});
      if (label === null) return tell('Nothing to undo.');
      tell(`Undone: ${(await request('undo.undo', {})).label}`);
    } catch (caught) {
      fail(caught, 'Undo failed: ');
    }
  }

  return { notices, tell, fail, attempt, dismiss, undo };
});
