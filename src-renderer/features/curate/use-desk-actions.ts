import type { Ref } from 'vue';
import { confidences, relations, type Annotation, type DecisionAction } from '../../../src-preload/shared/contract/annotations';
import type { QueueRow } from '../../../src-preload/shared/contract/queue';
import { useHotkeys, type Hotkeys } from '../../composables/useHotkeys';
import { useCursorStore } from '../../stores/cursor';
import type { Desk } from './desk';
import type { Form } from './form';
import type { DeskAction, DeskKeys } from './keys';

/** Tags that have a key. */
export const KEYED_TAGS = 9;

/** Actions that are not about the pair in hand. */
type OtherActions = Pick<Record<DeskAction, () => void>, 'next' | 'previous' | 'edit' | 'search' | 'mark' | 'history' | 'keys'>;

/** What can be done with the pair in hand. @param go to the pair so many places on */
export function useDeskActions(desk: Desk, form: Form, row: Readonly<Ref<QueueRow | undefined>>, go: (by: number) => void) {
  const { draft } = form;

  function put(action: DecisionAction, annotation: Annotation): void {
    if (!row.value) return;
    desk.decide(row.value, action, annotation, form.offered());
    form.handOver();
  }
  const openStatus = (): Annotation['status'] => (draft.value.status === 'unseen' ? 'skipped' : draft.value.status);

  return {
    /** Keeps the pair: as it was offered, or as it was edited. */
    accept(): void {
      const isAsOffered = form.isAsOffered();
      put(isAsOffered ? 'accept' : 'edit', form.result({ status: isAsOffered ? 'accepted' : 'edited' }, true));
      go(1);
    },
    reject(): void {
      put('reject', form.result({ status: 'rejected' }, false));
      go(1);
    },
    skip(): void {
      put('skip', form.result({ status: openStatus() }, false));
      go(1);
    },
    flag: (): void => put('flag', form.result({ flagged: !draft.value.flagged }, false)),
    undo: (): void => desk.step('undo'),
    redo: (): void => desk.step('redo'),
    relation: (): void => void (draft.value.relation = following(relations, draft.value.relation)),
    confidence: (): void => void (draft.value.confidence = following(confidences, draft.value.confidence)),
    /** What was written is saved as it is when the pair is left in another way; it stays open where it was. */
    keepDraft(): void {
      if (form.isDirty.value) put('edit', form.result({ status: openStatus() }, false));
    },
    toggleTag(id: string): void {
      const { tags } = draft.value;
      draft.value.tags = tags.includes(id) ? tags.filter((one) => one !== id) : [...tags, id];
    },
    /** Makes an earlier annotation the one that stands. */
    restore(annotation: Annotation | null): void {
      if (!row.value) return;
      desk.decide(row.value, 'restore', annotation, null);
      form.handOver();
    },
  };
}

/** The keys of the desk, taken before the window's and the tables'. */
export function useDeskHotkeys(desk: Desk, actions: DeskActions, keys: Readonly<Ref<DeskKeys>>, others: OtherActions): void {
  const cursor = useCursorStore();
  const { accept, reject, skip, flag, undo, redo, relation, confidence } = actions;
  const all: Record<DeskAction, () => void> = { accept, reject, skip, flag, undo, redo, relation, confidence, ...others };
  useHotkeys(
    () => {
      const hotkeys: Hotkeys = {
        'Control+Enter': accept,
        'Control+z': undo,
        'Control+Shift+z': redo,
        'Control+y': redo,
        ArrowLeft: () => cursor.step(-1),
        ArrowRight: () => cursor.step(1),
        'Shift+ArrowLeft': () => cursor.step(-10),
        'Shift+ArrowRight': () => cursor.step(10),
        '[': others.previous,
        ']': others.next,
      };
      for (const action of Object.keys(all) as DeskAction[]) hotkeys[keys.value[action]] = all[action];
      desk.state.value?.tags
        .slice(0, KEYED_TAGS)
        .forEach(({ id }, place) => (hotkeys[String(place + 1)] = () => actions.toggleTag(id)));
      return hotkeys;
    },
    { before: true },
  );
}

function following<Value>(values: readonly Value[], now: Value | null): Value | null {
  return now === null ? values[0]! : (values[values.indexOf(now) + 1] ?? null);
}

export type DeskActions = ReturnType<typeof useDeskActions>;
