import type {
  AnnotatedPairView,
  AnnotationChange,
  AnnotationEntry,
  AnnotationStateView,
  PairHistoryEntry,
  PairPlace,
} from '../../../src-preload/shared/contract/annotation-views';
import type { DecisionAction, DecisionEvent } from '../../../src-preload/shared/contract/annotations';
import { describeChanges, isDisagreement, standingDecisions } from '../../annotation/compare';
import {
  currentAdjudication,
  currentDecision,
  listAuthors,
  nextStep,
  pairKey,
  type LogState,
  type PairLog,
  type Step,
} from '../../annotation/replay';
import { describeStep } from '../../annotation/steps';
import type { Project } from '../../project/project';
import { listEmbeddings } from '../../project/queries/embeddings';
import { listCouplingKeys } from '../../project/queries/pair-places';
import { annotationLog, type AnnotationLog } from './log';
import { PairPlaces } from './pairs';
import { suggestionSource } from './suggestions';

/** Who looks, at which embedding; in a blind pass nobody else's annotations are shown. */
export interface Viewer {
  author: string;
  blind: boolean;
  embedding: number;
}

/** More changed pairs than these are not sent one by one. */
const MOST_ENTRIES = 500;
const PACE_MS = 3_600_000;
/** A longer pause between two decisions is a break. */
const BREAK_MS = 300_000;

export function viewState(project: Project, viewer: Viewer): AnnotationStateView {
  const log = annotationLog(project);
  const { state, vocabulary } = log;
  const places = new PairPlaces(project);
  const describe = entryMaker(project, log, places, viewer);
  const entries: AnnotationEntry[] = [];
  const uses = new Map<string, number>();
  const embeddingKey = places.embeddingKey(viewer.embedding);
  const pairsElsewhere = new Map<string, number>();
  const carried = new Set<string>();
  let elsewhere = 0;
  for (const pair of state.pairs.values()) {
    const decision = currentDecision(state, pair, viewer.author);
    const own = decision?.after;
    for (const tag of new Set(own?.tags.flatMap((id) => vocabulary.resolve(id)?.id ?? [])))
      uses.set(tag, (uses.get(tag) ?? 0) + 1);
    const entry = describe(pair);
    if (entry) entries.push(entry);
    else if (own && places.layerOf(pair.identity) === undefined) elsewhere += 1;
    const { embedding } = pair.identity;
    if (embedding !== embeddingKey && own) pairsElsewhere.set(embedding, (pairsElsewhere.get(embedding) ?? 0) + 1);
    if (embedding === embeddingKey && decision?.carried) carried.add(decision.carried.embedding);
  }
  const ids = new Set(state.tags.map(({ tag }) => tag));
  const aliases = [...ids].flatMap((id) => {
    const tag = vocabulary.resolve(id);
    return tag && tag.id !== id ? [[id, tag.id] as const] : [];
  });
  return {
    carriable: listEmbeddings(project.database).flatMap(({ id, key, state: stage }) => {
      const pairs = carried.has(key) || stage !== 'complete' ? 0 : (pairsElsewhere.get(key) ?? 0);
      return pairs > 0 ? { embedding: id, pairs } : [];
    }),
    ...{ counter: state.counter, entries, elsewhere, ...stepsOf(state, viewer.author) },
    tags: vocabulary.tags.map(({ id, name }) => ({ id, name, uses: uses.get(id) ?? 0 })),
    tagAliases: Object.fromEntries(aliases),
    filters: savedFilters(state),
    authors: viewer.blind ? listAuthors(state).filter(({ author }) => author === viewer.author) : listAuthors(state),
  };
}

/** Keys of the pairs that a step is about. */
export function changedPairs(step: Step | undefined): string[] {
  const keys = step?.events.flatMap((event) => ('pair' in event ? [pairKey(event.pair)] : []));
  return [...new Set(keys)];
}

/** What a change of these pairs comes to for whoever made it. */
export function viewChange(project: Project, viewer: Viewer, pairs: readonly string[]): AnnotationChange {
  const log = annotationLog(project);
  const { state } = log;
  const { counter } = state;
  const steps = stepsOf(state, viewer.author);
  if (pairs.length > MOST_ENTRIES) return { counter, entries: null, ...steps };
  const describe = entryMaker(project, log, new PairPlaces(project), viewer);
  return { counter, entries: pairs.flatMap((key) => describe(state.pairs.get(key)!) ?? []), ...steps };
}

/** A function that says what an entry of the log is to somebody; undefined for pairs that are not of their embedding. */
function entryMaker(
  project: Project,
  { state, vocabulary }: AnnotationLog,
  places: PairPlaces,
  { author, blind, embedding }: Viewer,
): (log: PairLog) => AnnotationEntry | undefined {
  const embeddingKey = places.embeddingKey(embedding);
  const keys = new Map(
    listCouplingKeys(project.database, embedding).map((one) => [`${one.layerId} ${one.movieRun} ${one.direction}`, one.key]),
  );
  const checkpoint = places.checkpoint(embedding);
  const ids = new Map(listEmbeddings(project.database).map((one) => [one.key, one.id]));
  const isChanged = (layer: number, { basis }: DecisionEvent) =>
    basis.checkpoint !== checkpoint ||
    basis.couplings.some((one) => keys.get(`${layer} ${one.movieRun} ${one.direction}`) !== one.key);
  return (log) => {
    const { identity } = log;
    const layer = places.layerOf(identity);
    if (identity.embedding !== embeddingKey || layer === undefined) return undefined;
    const own = currentDecision(state, log, author);
    const mine = own?.after ?? null;
    const others = blind ? [] : standingDecisions(state, log).filter((one) => one.author !== author);
    const adjudication = blind ? undefined : currentAdjudication(state, log);
    return {
      ...{ layer, fbn: identity.fbn, filter: identity.filter, mine, at: mine ? own!.at : null },
      others: others.map((one) => ({ author: one.author, annotation: one.after! })),
      adjudicated: adjudication?.after
        ? { by: adjudication.author, taken: adjudication.taken, annotation: adjudication.after }
        : null,
      isDisagreement: !blind && isDisagreement(state, log, vocabulary),
      isChanged: mine !== null && isChanged(layer, own!),
      carried: mine && own!.carried ? { ...own!.carried, embedding: ids.get(own!.carried.embedding) ?? null } : null,
    };
  };
}

/** What an author can take back and do again, and how fast the work goes. */
function stepsOf(state: LogState, author: string): Pick<AnnotationChange, 'undo' | 'redo' | 'pace'> {
  const name = (way: 'undo' | 'redo') => {
    const group = nextStep(state, author, way);
    return group === undefined ? null : describeStep(state.steps.get(group)!);
  };
  return { undo: name('undo'), redo: name('redo'), pace: paceOf(state, author) };
}

/** Filters that were saved under a name and not removed since. */
export function savedFilters(state: LogState): AnnotationStateView['filters'] {
  const filters = new Map<string, AnnotationStateView['filters'][number]['filter']>();
  for (const { name, filter, group } of state.filters) {
    if (state.undone.has(group)) continue;
    if (filter) filters.set(name, filter);
    else filters.delete(name);
  }
  return [...filters].map(([name, filter]) => ({ name, filter }));
}

/** Actions that are about many pairs at once: they say nothing of how fast somebody judges. */
const atOnce: ReadonlySet<DecisionAction> = new Set(['bulk', 'import', 'carry']);

/** How fast an author decides, from the times of the last hour's decisions. */
function paceOf(state: LogState, author: string): AnnotationStateView['pace'] {
  // Times of one format: as text they are in order too, and few are read as times.
  const since = new Date(Date.now() - PACE_MS).toISOString();
  const times: number[] = [];
  for (const { decisions } of state.pairs.values()) {
    for (const { at, group, action } of decisions.get(author) ?? []) {
      if (at >= since && !atOnce.has(action) && !state.undone.has(group)) times.push(Date.parse(at));
    }
  }
  times.sort((a, b) => a - b);
  const gaps = times.slice(1).map((time, i) => time - times[i]!);
  const worked = gaps.filter((gap) => gap > 0 && gap < BREAK_MS).sort((a, b) => a - b);
  const middle = worked[Math.floor(worked.length / 2)];
  return { lastHour: times.length, secondsEach: middle === undefined ? null : middle / 1000 };
}

/** One pair: what is offered, what happened to it, and what lies beneath it now. */
export function viewPair(project: Project, pair: PairPlace, { author, blind }: Omit<Viewer, 'embedding'>): AnnotatedPairView {
  const { state } = annotationLog(project);
  const places = new PairPlaces(project);
  const identity = places.identity(pair);
  const log = state.pairs.get(pairKey(identity));
  const own = currentDecision(state, log, author);
  return {
    suggestion: suggestionSource(project, state, author, pair)(identity),
    history: log ? historyOf(state, log, blind ? author : undefined) : [],
    changes: own?.after ? describeChanges(own.basis, places.basis(pair), identity) : [],
  };
}

/** @param only whose events; everybody's where it is left out */
function historyOf(state: LogState, log: PairLog, only: string | undefined): PairHistoryEntry[] {
  const events = [...[...log.decisions.values()].flat(), ...log.adjudications];
  const adjudication = currentAdjudication(state, log);
  return events
    .filter(({ author }) => only === undefined || author === only)
    .sort((a, b) => b.counter - a.counter || (a.id < b.id ? 1 : -1))
    .map((event) => ({
      ...{ event: event.id, at: event.at, author: event.author, annotation: event.after },
      action: event.kind === 'decision' ? event.action : ('adjudicate' as const),
      isUndone: state.undone.has(event.group),
      isCurrent: event === adjudication || event === currentDecision(state, log, event.author),
    }));
}
