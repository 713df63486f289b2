import { computed, ref, shallowRef, watch, type Ref } from 'vue';
import { emptyAnnotation, type Annotation, type Suggestion } from '../../../src-preload/shared/contract/annotations';
import { request } from '../../api/host';
import type { AnnotatedPairView } from '../../../src-preload/shared/contract/annotation-views';
import type { QueueRow } from '../../../src-preload/shared/contract/queue';
import type { Curator, Desk } from './desk';
import { isDecided } from './queue';

const nothing: Suggestion = { fbn: null, filter: null };
const sides = ['fbn', 'filter'] as const;

/**
 * What is being written about each pair, in the window's storage until it is saved: a crash of the window loses no letter, and
 * neither does going to another pair before.
 */
class DraftStore {
  /** @param name where a pair's draft is kept; one for each project, person and embedding */
  constructor(private readonly name: (key: string) => string) {}

  read(key: string | undefined): Annotation | undefined {
    if (key === undefined) return undefined;
    try {
      return (JSON.parse(localStorage.getItem(this.name(key)) ?? 'null') as Annotation | null) ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps what differs from what is saved, and nothing else. */
  keep(key: string | undefined, isDirty: boolean, draft: Annotation): void {
    if (key === undefined) return;
    if (!isDirty) return this.clear(key);
    try {
      localStorage.setItem(this.name(key), JSON.stringify(draft));
    } catch {
      // The window's storage is full; the text is still on the screen.
    }
  }

  clear(key: string): void {
    localStorage.removeItem(this.name(key));
  }
}

/** What the host knows of the pair in hand, besides its annotation. */
function useAboutPair(desk: Desk, curator: Readonly<Ref<Curator>>, row: Readonly<Ref<QueueRow | undefined>>) {
  const about = shallowRef<AnnotatedPairView>();
  let turn = 0;
  async function ask(found: (about: AnnotatedPairView) => void): Promise<void> {
    const mine = ++turn;
    if (!row.value) return;
    try {
      const answer = await request('annotations.pair', { ...curator.value, pair: desk.place(row.value) });
      if (mine !== turn) return;
      about.value = answer;
      found(answer);
    } catch {
      // What is offered is a help, not a need: the pair can be judged without.
    }
  }
  return { about, ask };
}

/**
 * What is being written about the pair in hand. Suggestions fill what nobody has written yet and stay marked as such; every letter is
 * kept in the window's storage until it is saved with the pair.
 */
export function useForm(desk: Desk, curator: Readonly<Ref<Curator>>, row: Readonly<Ref<QueueRow | undefined>>, folder: string) {
  const draft = ref<Annotation>({ ...emptyAnnotation });
  const suggestion = shallowRef<Suggestion>(nothing);
  /** What the draft is compared with: what is saved, with suggestions where there is nothing. */
  const base = shallowRef<Annotation>(emptyAnnotation);
  const store = new DraftStore((key) => `syncact-draft ${folder} ${curator.value.author} ${desk.embedding()} ${key}`);
  const { about, ask } = useAboutPair(desk, curator, row);
  /** Whether somebody has begun to write: nothing may slip under the letters then. */
  let isHeld = false;
  const isDirty = computed(() => JSON.stringify(draft.value) !== JSON.stringify(base.value));
  const saved = () => (row.value && desk.annotationOf(row.value.key)) ?? emptyAnnotation;
  const isOffered = (side: (typeof sides)[number]) =>
    suggestion.value[side] !== null && draft.value[side] === suggestion.value[side].text && saved()[side] === '';
  const isSuggested = computed(() => ({ fbn: isOffered('fbn'), filter: isOffered('filter') }));

  function show(annotation: Annotation): void {
    base.value = { ...annotation, tags: [...new Set(annotation.tags.map(desk.tagId))] };
    draft.value = toPlain(base.value);
  }

  /** Fills descriptions that nobody has written, unless somebody is writing or has decided. */
  function offer(found: Suggestion): void {
    const isFree = !isHeld && !isDirty.value && !isDecided(saved());
    suggestion.value = found;
    if (!isFree) return;
    show(filledWith(found, base.value));
  }
  const askAgain = () => void ask((answer) => offer(answer.suggestion));

  watch(
    () => [row.value?.key, curator.value.author],
    () => {
      suggestion.value = nothing;
      about.value = undefined;
      isHeld = false;
      // Read before anything else is shown: what is shown is kept in its place.
      const kept = store.read(row.value?.key);
      show(saved());
      if (kept) draft.value = kept;
      askAgain();
    },
    { immediate: true },
  );
  // What was saved, undone or decided elsewhere meanwhile takes the place of what was shown, but not of what is being written.
  watch(
    () => (row.value ? [desk.entries.get(row.value.key), desk.pending.get(row.value.key)] : []),
    () => {
      if (!isDirty.value) show(saved());
      askAgain();
    },
  );
  watch(draft, () => store.keep(row.value?.key, isDirty.value, draft.value), { deep: true, flush: 'sync' });

  return {
    ...{ draft, suggestion, about, isDirty, isSuggested },
    /**
     * The draft as an annotation, with a change of other fields.
     * @param taken whether suggestions that nobody has touched become one's own words, or stay suggestions
     */
    result(change: Partial<Annotation>, taken: boolean): Annotation {
      const written = toPlain(draft.value);
      const own = (side: (typeof sides)[number]) => (!taken && isSuggested.value[side] ? '' : written[side].trim());
      return { ...written, fbn: own('fbn'), filter: own('filter'), ...change };
    },
    /** Whether the descriptions are those that were offered, or none were written. */
    isAsOffered: () => sides.every((side) => isUntouched(draft.value[side].trim(), suggestion.value[side], base.value[side])),
    /** Somebody begins to write: a suggestion that comes later is named, but fills nothing. */
    hold: (): void => void (isHeld = true),
    /** What was offered, for the log. */
    offered: (): Suggestion | null => (suggestion.value.fbn || suggestion.value.filter ? suggestion.value : null),
    /** The draft is on its way to the log: it is no draft any more. */
    handOver(): void {
      base.value = toPlain(draft.value);
      if (row.value) store.clear(row.value.key);
    },
  };
}

/** An annotation with suggestions where nothing is written. */
function filledWith(found: Suggestion, annotation: Annotation): Annotation {
  const filled = { ...annotation };
  for (const side of sides) if (filled[side] === '' && found[side]) filled[side] = found[side].text;
  return filled;
}

/** Whether a description is what was offered, or was and is empty. */
function isUntouched(text: string, offered: Suggestion['fbn'], before: string): boolean {
  return text === (offered?.text ?? '') || (text === '' && before === '');
}

function toPlain(annotation: Annotation): Annotation {
  return JSON.parse(JSON.stringify(annotation)) as Annotation;
}

export type Form = ReturnType<typeof useForm>;
