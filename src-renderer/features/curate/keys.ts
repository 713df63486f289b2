import { useLocalStorage } from '@vueuse/core';

/** What a key of the desk does, in the order in which the help lists it. */
export const deskActions = {
  accept: { key: 'a', does: 'Accept, go to the next' },
  reject: { key: 'x', does: 'Reject, go to the next' },
  edit: { key: 'e', does: 'Edit the descriptions (Escape leaves a field)' },
  flag: { key: 'f', does: 'Flag, or take the flag away' },
  skip: { key: ' ', does: 'Leave open, go to the next' },
  next: { key: 'j', does: 'Next pair; what was written is saved' },
  previous: { key: 'k', does: 'Previous pair' },
  undo: { key: 'Backspace', does: 'Undo your last step' },
  redo: { key: 'Shift+Backspace', does: 'Do it again' },
  relation: { key: 'r', does: 'Relation: same, related, unrelated, unsure' },
  confidence: { key: 'c', does: 'Confidence: low, medium, high' },
  search: { key: '/', does: 'Search the queue' },
  mark: { key: 'm', does: 'Mark the pair for a change of many' },
  history: { key: 'h', does: 'What happened to this pair' },
  keys: { key: '?', does: 'This list' },
} as const;

export type DeskAction = keyof typeof deskActions;
export type DeskKeys = Record<DeskAction, string>;

export const standardKeys = Object.fromEntries(Object.entries(deskActions).map(([action, { key }]) => [action, key])) as DeskKeys;

/** Keys that have their own meaning on the desk and in the window. */
const fixed: [RegExp, string][] = [
  [/^[1-9]$/, 'the tags'],
  [/^Control\+/, 'the window'],
  [/^Alt\+/, 'the window'],
  [/^(Tab|Shift\+Tab|Escape|Enter|Arrow\w+|Shift\+Arrow\w+|Home|End|PageUp|PageDown|F\d+)$/, 'moving about'],
  [/^[[\]]$/, 'pairs and traces'],
];

/** Keys after one was given to an action, or why it cannot be. */
export function remap(keys: DeskKeys, action: DeskAction, key: string): { keys: DeskKeys } | { refused: string } {
  const owner = fixed.find(([pattern]) => pattern.test(key));
  if (owner) return { refused: `${keyName(key)} belongs to ${owner[1]}` };
  const other = (Object.keys(keys) as DeskAction[]).find((one) => one !== action && keys[one] === key);
  if (other) return { refused: `${keyName(key)} is taken: ${deskActions[other].does}` };
  return { keys: { ...keys, [action]: key } };
}

/** A key as it is printed on a button. */
export function keyName(key: string): string {
  const names: Record<string, string> = { ' ': 'Space', Backspace: '⌫', 'Shift+Backspace': '⇧⌫', Delete: 'Del' };
  return names[key] ?? key;
}

/** The keys of this person on this machine; what is missing or clashes in an older version is as usual. */
export function useDeskKeys() {
  return useLocalStorage<DeskKeys>('syncact-desk-keys', standardKeys, { mergeDefaults: true, shallow: true });
}
