import { v7 as newId } from 'uuid';
import type { PairPlace } from '../../../src-preload/shared/contract/annotation-views';
import { emptyAnnotation, type Annotation } from '../../../src-preload/shared/contract/annotations';
import type { ParsedRouteInput } from '../../../src-preload/shared/contract/routes';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { standingDecisions } from '../../annotation/compare';
import { annotationOf, currentAdjudication, pairKey } from '../../annotation/replay';
import type { Project } from '../../project/project';
import { annotationLog, type NewEvent } from './log';
import { PairPlaces } from './pairs';

/** One decision about one pair. */
export function decisionEvents(project: Project, input: ParsedRouteInput<'annotations.decide'>): NewEvent[] {
  const { id, author, action, pair, annotation, suggestion } = input;
  checkTags(project, annotation?.tags ?? []);
  return [{ kind: 'decision', id, group: id, author, action, suggestion, ...aboutPair(project, author, pair, () => annotation) }];
}

/** The same change of many pairs: one event for each, one step of undo. */
export function bulkEvents(project: Project, input: ParsedRouteInput<'annotations.decideMany'>): NewEvent[] {
  const { id, author, pairs } = input;
  const { addTags = [], ...patch } = input.patch;
  checkTags(project, addTags);
  const places = new PairPlaces(project);
  const fields = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<Annotation>;
  const change = (before: Annotation | null): Annotation => {
    const old = before ?? emptyAnnotation;
    return { ...old, ...fields, tags: [...new Set([...old.tags, ...addTags])] };
  };
  return pairs.map((pair) => ({
    ...{ kind: 'decision', id: newId(), group: id, author, action: 'bulk', suggestion: null },
    ...aboutPair(project, author, pair, change, places),
  }));
}

function aboutPair(
  project: Project,
  author: string,
  pair: PairPlace,
  change: (before: Annotation | null) => Annotation | null,
  places = new PairPlaces(project),
) {
  const identity = places.identity(pair);
  const before = annotationOf(annotationLog(project).state, identity, author);
  return { pair: identity, before, after: change(before), basis: places.basis(pair) };
}

/** A decision between raters. */
export function adjudicationEvents(project: Project, input: ParsedRouteInput<'annotations.adjudicate'>): NewEvent[] {
  const { id, author, pair, taken, annotation } = input;
  const { state } = annotationLog(project);
  const places = new PairPlaces(project);
  const identity = places.identity(pair);
  const log = state.pairs.get(pairKey(identity));
  const between = log ? standingDecisions(state, log) : [];
  if (between.length < 2)
    throw new UserError({
      code: 'annotation-refused',
      what: 'there is nothing to adjudicate',
      expected: 'two people who decided on this pair',
    });
  const chosen = between.find((decision) => decision.author === taken);
  if (taken !== null && !chosen)
    throw new UserError({ code: 'annotation-refused', what: `${taken} has not decided on this pair` });
  return [
    {
      ...{ kind: 'adjudication', id, group: id, author, pair: identity, taken },
      before: currentAdjudication(state, log)?.after ?? null,
      after: chosen?.after ?? annotation,
      between: between.map((decision) => decision.id),
      basis: places.basis(pair),
    },
  ];
}

/** A change of the vocabulary of tags. @throws UserError where the name is taken, or the tag is not there */
export function tagEvents(project: Project, { id, author, tag, change }: ParsedRouteInput<'annotations.tag'>): NewEvent[] {
  const { vocabulary } = annotationLog(project);
  const isTaken = (name: string) =>
    vocabulary.tags.some((one) => one.id !== tag && one.name.toLocaleLowerCase('en') === name.toLocaleLowerCase('en'));
  if (change.what === 'merge') {
    checkTags(project, [tag, change.into]);
    if (vocabulary.resolve(tag) === vocabulary.resolve(change.into))
      throw new UserError({ code: 'annotation-refused', what: 'these two are one tag already' });
    return [{ kind: 'tag', id, group: id, author, tag, change }];
  }
  if (isTaken(change.name))
    throw new UserError({
      code: 'annotation-refused',
      what: `there is a tag “${change.name}” already`,
      remedy: 'merge the two, or choose another name',
    });
  if (change.what === 'add') return [{ kind: 'tag', id, group: id, author, tag, change }];
  checkTags(project, [tag]);
  const from = vocabulary.resolve(tag)!.name;
  return [{ kind: 'tag', id, group: id, author, tag, change: { ...change, from } }];
}

export function filterEvents({ id, author, name, filter }: ParsedRouteInput<'annotations.saveFilter'>): NewEvent[] {
  return [{ kind: 'saved-filter', id, group: id, author, name, filter }];
}

function checkTags(project: Project, ids: readonly string[]): void {
  const { vocabulary } = annotationLog(project);
  const unknown = ids.find((id) => !vocabulary.resolve(id));
  if (unknown !== undefined) throw new UserError({ code: 'annotation-refused', what: 'there is no such tag', found: unknown });
}
