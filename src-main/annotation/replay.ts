import type {
  AdjudicationEvent,
  Annotation,
  AnnotationEvent,
  DecisionEvent,
  FilterEvent,
  PairIdentity,
  TagEvent,
} from '../../src-preload/shared/contract/annotations';

/** All that happened to one pair, in order; what was undone is still here. */
export interface PairLog {
  identity: PairIdentity;
  decisions: Map<string, DecisionEvent[]>;
  adjudications: AdjudicationEvent[];
}

/** One step that its author can take back: the events of a group. */
export interface Step {
  author: string;
  events: Exclude<AnnotationEvent, { kind: 'undo' | 'redo' }>[];
}

/**
 * What a log comes to. It follows from the set of its events alone: `replay` sorts them by counter and id, so that whoever has the
 * same events has the same state, in whatever order they came.
 */
export interface LogState {
  /** Events applied. */
  events: number;
  /** The highest counter seen; the next event gets one more. */
  counter: number;
  pairs: Map<string, PairLog>;
  steps: Map<string, Step>;
  /** Groups that are taken back at present. */
  undone: Set<string>;
  /** By author: steps that can be taken back, and those that can be done again, the last one first to go. */
  stacks: Map<string, { done: string[]; undone: string[] }>;
  tags: TagEvent[];
  filters: FilterEvent[];
}

export function emptyState(): LogState {
  return {
    ...{ events: 0, counter: 0, pairs: new Map(), steps: new Map(), undone: new Set(), stacks: new Map(), tags: [], filters: [] },
  };
}

/** The state of a set of events, in any order, each once. */
export function replay(events: Iterable<AnnotationEvent>): LogState {
  const state = emptyState();
  for (const event of [...events].sort(compareEvents)) applyEvent(state, event);
  return state;
}

/** Order of events: by counter, then by id. Clocks on walls go backwards and differ; they order nothing. */
export function compareEvents(a: AnnotationEvent, b: AnnotationEvent): number {
  return a.counter - b.counter || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Adds an event that comes after all that the state has seen. Changes the state in place. */
export function applyEvent(state: LogState, event: AnnotationEvent): void {
  state.events += 1;
  state.counter = Math.max(state.counter, event.counter);
  const stacks = stacksOf(state, event.author);
  if (event.kind === 'undo' || event.kind === 'redo') {
    // Only one's own steps, and only from the state that they are in: anything else changes nothing.
    if (state.steps.get(event.target)?.author !== event.author) return;
    const [from, to] = event.kind === 'undo' ? [stacks.done, stacks.undone] : [stacks.undone, stacks.done];
    const at = from.lastIndexOf(event.target);
    if (at < 0) return;
    to.push(...from.splice(at, 1));
    if (event.kind === 'undo') state.undone.add(event.target);
    else state.undone.delete(event.target);
    return;
  }
  const step = state.steps.get(event.group);
  if (step) step.events.push(event);
  else {
    state.steps.set(event.group, { author: event.author, events: [event] });
    stacks.done.push(event.group);
    stacks.undone.length = 0;
  }
  if (event.kind === 'tag') state.tags.push(event);
  else if (event.kind === 'saved-filter') state.filters.push(event);
  else addToPair(state, event);
}

function addToPair(state: LogState, event: DecisionEvent | AdjudicationEvent): void {
  const key = pairKey(event.pair);
  let log = state.pairs.get(key);
  if (!log) state.pairs.set(key, (log = { identity: event.pair, decisions: new Map(), adjudications: [] }));
  if (event.kind === 'adjudication') return void log.adjudications.push(event);
  const own = log.decisions.get(event.author);
  if (own) own.push(event);
  else log.decisions.set(event.author, [event]);
}

function stacksOf(state: LogState, author: string): { done: string[]; undone: string[] } {
  let stacks = state.stacks.get(author);
  if (!stacks) state.stacks.set(author, (stacks = { done: [], undone: [] }));
  return stacks;
}

export function pairKey({ embedding, fbn, model, layer, filter }: PairIdentity): string {
  return `${embedding} ${fbn} ${model} ${filter} ${layer}`;
}

/** The decision of an author that holds for a pair; undefined where there is none, or all are taken back. */
export function currentDecision(state: LogState, log: PairLog | undefined, author: string): DecisionEvent | undefined {
  return log?.decisions.get(author)?.findLast(({ group }) => !state.undone.has(group));
}

/** An author's annotation of a pair as it stands; null where there is none. */
export function annotationOf(state: LogState, pair: PairIdentity, author: string): Annotation | null {
  return currentDecision(state, state.pairs.get(pairKey(pair)), author)?.after ?? null;
}

/** The adjudication that holds for a pair. */
export function currentAdjudication(state: LogState, log: PairLog | undefined): AdjudicationEvent | undefined {
  return log?.adjudications.findLast(({ group }) => !state.undone.has(group));
}

/** The group that an author's undo, or redo, is about next. */
export function nextStep(state: LogState, author: string, way: 'undo' | 'redo'): string | undefined {
  const stacks = state.stacks.get(author);
  return (way === 'undo' ? stacks?.done : stacks?.undone)?.at(-1);
}

/** Everybody in the log, with how many pairs they have an annotation of. */
export function listAuthors(state: LogState): { author: string; pairs: number; lastAt: string }[] {
  const found = new Map<string, { author: string; pairs: number; lastAt: string }>();
  for (const log of state.pairs.values()) {
    for (const [author, events] of log.decisions) {
      const entry = found.get(author) ?? { author, pairs: 0, lastAt: '' };
      const at = events.at(-1)!.at;
      if (at > entry.lastAt) entry.lastAt = at;
      if (currentDecision(state, log, author)?.after) entry.pairs += 1;
      found.set(author, entry);
    }
  }
  return [...found.values()].sort((a, b) => (a.author < b.author ? -1 : 1));
}
