import { useDebounceFn } from '@vueuse/core';
import { v7 as newId } from 'uuid';
import { computed, onScopeDispose, ref, shallowReactive, shallowRef, toRaw, watch, type Ref } from 'vue';
import type {
  AnnotationChange,
  AnnotationEntry,
  AnnotationStateView,
  PairPlace,
} from '../../../src-preload/shared/contract/annotation-views';
import {
  emptyAnnotation,
  type Annotation,
  type DecisionAction,
  type Suggestion,
} from '../../../src-preload/shared/contract/annotations';
import type { RouteOutputs } from '../../../src-preload/shared/contract/routes';
import { keyOf, type QueueLayer, type QueueContext, type QueueRow } from '../../../src-preload/shared/contract/queue';
import { toError, useFailures } from '../../api/failures';
import { on, onReconnect, request } from '../../api/host';
import { useNotices } from '../../stores/notices';
import { Outbox, type OutboxItem, type WritingRoute } from './outbox';

/** Who sits at the desk. */
export interface Curator {
  author: string;
  blind: boolean;
}

/** What the host knows of the annotations of an embedding, asked again when it changes. */
function useAnnotations(who: () => Curator & { embedding: number }, isWaiting: () => boolean) {
  const entries = shallowReactive(new Map<string, AnnotationEntry>());
  const state = shallowRef<Omit<AnnotationStateView, 'entries'>>();
  const error = shallowRef<Error>();
  /** Rises with every change of the entries: whoever counts all of them depends on this, not on each. */
  const version = ref(0);
  const failures = useFailures(() => void reload());
  let counter = 0;
  let turn = 0;
  /** Of whom the state is. */
  let known: string | undefined;

  async function reload(): Promise<void> {
    const mine = ++turn;
    const asked = who();
    if (asked.embedding === 0) return;
    try {
      const { entries: all, ...rest } = await request('annotations.state', asked);
      if (mine !== turn) return;
      known = JSON.stringify(asked);
      entries.clear();
      for (const entry of all) entries.set(keyOf(entry), entry);
      version.value += 1;
      state.value = rest;
      // A change was committed while this answer was on its way: it is older than what was shown.
      if (rest.counter < counter) return await reload();
      counter = rest.counter;
      error.value = undefined;
      failures.settle();
    } catch (caught) {
      if (mine !== turn) return;
      const failure = toError(caught);
      if (!failures.keepsAnswer(failure, JSON.stringify(asked) === known)) error.value = failure;
    }
  }
  const reloadSoon = useDebounceFn(() => void reload(), 300);

  /** Takes in what a change came to. @param isWhole whether more than these entries may differ */
  function take(answer: AnnotationChange, isWhole: boolean): void {
    counter = Math.max(counter, answer.counter);
    if (isWhole || !state.value || !answer.entries) return void reload();
    for (const entry of answer.entries) entries.set(keyOf(entry), entry);
    version.value += 1;
    const { undo, redo, pace } = answer;
    state.value = { ...state.value, counter, undo, redo, pace };
  }

  watch(
    () => JSON.stringify(who()),
    () => void reload(),
    { immediate: true },
  );
  const stops = [
    on('annotations.changed', (told) => {
      // Own changes are told too, often before their answer.
      if (told.counter > counter && !isWaiting()) void reloadSoon();
    }),
    on('project.changed', ({ topics }) => topics.some((topic) => topic !== 'undo') && void reloadSoon()),
    onReconnect(() => void reloadSoon()),
  ];
  onScopeDispose(() => {
    turn += 1;
    failures.settle();
    stops.forEach((stop) => stop());
  });
  /** All entries as they are now; what is computed from them is computed anew when any changes. */
  const allEntries = (): ReadonlyMap<string, AnnotationEntry> => (version.value, toRaw(entries));
  return { entries, allEntries, state, error, reload, take };
}

/** The vocabulary of tags, by whatever id a tag ever had. */
function useTags(state: Readonly<Ref<Omit<AnnotationStateView, 'entries'> | undefined>>) {
  const byId = computed(() => new Map(state.value?.tags.map((tag) => [tag.id, tag])));
  const tagId = (id: string) => state.value?.tagAliases[id] ?? id;
  return {
    tagId,
    tagNames: (ids: readonly string[]) => [...new Set(ids.flatMap((id) => byId.value.get(tagId(id))?.name ?? []))],
  };
}

/**
 * What has been said about the pairs of an embedding, and the way for more to be said: every action goes through the outbox to the
 * host's log, and counts as saved when the host says so.
 * @param folder of the project: what waits to be saved is kept by it
 */
export function useDesk(
  folder: string,
  curator: Readonly<Ref<Curator>>,
  embedding: Readonly<Ref<number>>,
  layers: Readonly<Ref<ReadonlyMap<number, QueueLayer>>>,
) {
  const notices = useNotices();
  /** Annotations on their way to the log. */
  const pending = shallowReactive(new Map<string, Annotation>());
  /** The step that was taken back, or done again, last. */
  const lastStep = ref<string>();
  const stepListeners = new Set<(place: Place) => void>();
  const outbox = new Outbox(`syncact-outbox ${folder}`, { saved, refused });
  const who = () => ({ ...curator.value, embedding: embedding.value });
  const annotations = useAnnotations(who, () => outbox.items.value.length > 0);
  const tags = useTags(annotations.state);

  function saved(item: OutboxItem, answer: RouteOutputs[WritingRoute]): void {
    settle(item);
    annotations.take(answer, item.route === 'annotations.tag' || item.route === 'annotations.saveFilter');
    if (item.route !== 'annotations.step') return;
    const { label, pair } = answer as RouteOutputs['annotations.step'];
    lastStep.value = label ? `${item.input.way === 'undo' ? 'undone' : 'done again'}: ${label}` : undefined;
    if (pair) for (const tell of stepListeners) tell(pair);
  }

  function refused(item: OutboxItem, error: Error): void {
    settle(item);
    if (item.route === 'annotations.step') lastStep.value = error.message;
    else notices.fail(error, `Not possible: ${item.what}. `);
  }

  /** An annotation is no longer on its way, unless a later one of its pair is. */
  function settle(item: OutboxItem): void {
    if (item.route !== 'annotations.decide') return;
    const key = keyOf(item.input.pair);
    const isNext = (other: OutboxItem) => other.route === 'annotations.decide' && keyOf(other.input.pair) === key;
    if (!outbox.items.value.some(isNext)) pending.delete(key);
  }

  for (const [key, annotation] of annotationsIn(outbox)) pending.set(key, annotation);
  const stop = onReconnect(() => outbox.retry());
  onScopeDispose(() => {
    stop();
    outbox.close();
  });
  const place = ({ layer, fbn, filter }: Place): PairPlace => ({ embedding: embedding.value, layer, fbn, filter });
  const nameOf = ({ layer, fbn, filter }: Place) => `FBN ${fbn} – ${layers.value.get(layer)?.layer ?? 'layer'} · ${filter}`;
  const { entries, state, error, reload } = annotations;
  return {
    ...{ entries, pending, state, error, reload, lastStep, outbox, place, nameOf, ...tags },
    /** What is shown of a pair: what is on its way counts before what is saved. */
    annotationOf: (key: string): Annotation | null => pending.get(key) ?? entries.get(key)?.mine ?? null,
    embedding: () => embedding.value,
    allEntries: annotations.allEntries,
    context: (): QueueContext => ({ layers: layers.value, entries: toRaw(entries), ...tags }),
    decide(row: QueueRow, action: DecisionAction, annotation: Annotation | null, suggestion: Suggestion | null): void {
      pending.set(row.key, annotation ?? emptyAnnotation);
      const input = { id: newId(), ...who(), action, pair: place(row), annotation, suggestion };
      outbox.put({ route: 'annotations.decide', input, what: `${action} ${nameOf(row)}` });
    },
    step: (way: 'undo' | 'redo') => outbox.put({ route: 'annotations.step', input: { id: newId(), ...who(), way }, what: way }),
    /** Sends any other change, given without who makes it. */
    send: (item: { route: WritingRoute; input: object; what: string }) =>
      outbox.put({ ...item, input: { id: newId(), ...who(), ...item.input } } as OutboxItem),
    /** Calls back with the pair that an undo or redo was about, for as long as the desk is there. */
    whenStepped: (tell: (place: Place) => void) => void stepListeners.add(tell),
  };
}

/** What an earlier window, or this one before a reload, could not save yet: it is shown as what it is. */
function annotationsIn(outbox: Outbox): [key: string, annotation: Annotation][] {
  return outbox.items.value.flatMap((item) =>
    item.route === 'annotations.decide' ? [[keyOf(item.input.pair), item.input.annotation ?? emptyAnnotation]] : [],
  );
}

type Place = Pick<QueueRow, 'layer' | 'fbn' | 'filter'>;
export type Desk = ReturnType<typeof useDesk>;
