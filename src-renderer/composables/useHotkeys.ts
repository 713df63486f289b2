import { onScopeDispose } from 'vue';

export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

/**
 * Keys of a screen while it is there: 'ArrowUp', '[', 'Shift+ArrowLeft', 'Control+k' (Command on a Mac). Keys typed into a text
 * field, and keys that something nearer has used already, are left alone.
 * @param options.before take keys before tables, buttons and the window itself do; not while a dialog is open
 */
export function useHotkeys(keys: Hotkeys | (() => Hotkeys), options: { before?: boolean } = {}): void {
  const listener = (event: KeyboardEvent) => {
    if (event.defaultPrevented || isTextField(event.target)) return;
    if (options.before && event.target instanceof Element && event.target.closest('[role=dialog], [role=menu]')) return;
    const action = (typeof keys === 'function' ? keys() : keys)[nameKey(event)];
    if (!action) return;
    event.preventDefault();
    if (options.before) event.stopPropagation();
    action(event);
  };
  const capture = options.before ?? false;
  window.addEventListener('keydown', listener, { capture });
  onScopeDispose(() => window.removeEventListener('keydown', listener, { capture }));
}

/** The name under which a key is looked up. Shift is named only with keys that it does not change into another character. */
export function nameKey(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const control = event.ctrlKey || event.metaKey;
  const single = event.key.length === 1;
  const key = single && control ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (!single || control);
  return `${control ? 'Control+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
}

/** Whether keys typed here are text. */
export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button', 'submit'].includes(target.type);
}
