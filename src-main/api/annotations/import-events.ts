import { v7 as newId } from 'uuid';
import type { ParsedRouteInput } from '../../../src-preload/shared/contract/routes';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { annotationOf } from '../../annotation/replay';
import type { Project } from '../../project/project';
import { placeFinder, readEdited } from './exchange';
import { annotationLog, type NewEvent } from './log';
import { PairPlaces } from './pairs';

/**
 * The events that apply an edited table: new tags first, then one decision for each changed line, as one step of undo.
 * @throws UserError when the file has changed since its plan was shown, or has lines that cannot be read
 */
export async function importEvents(
  project: Project,
  { id, author, file, hash }: Pick<ParsedRouteInput<'annotations.import'>, 'id' | 'author' | 'file' | 'hash'>,
): Promise<NewEvent[]> {
  const found = await readEdited(project, file, author);
  if (found.hash !== hash)
    throw new UserError({
      code: 'file-changed',
      what: 'the file has changed since it was looked at',
      file,
      remedy: 'look again',
    });
  const { plan } = found;
  if (plan.problems.length > 0)
    throw new UserError({
      code: 'file-content',
      what: 'the file cannot be imported',
      file,
      found: plan.problems[0]!,
      remedy: 'mend it, then try again',
    });
  if (plan.changes.length === 0) throw new UserError({ code: 'nothing-to-do', what: 'the file changes nothing', file });
  const { state, vocabulary } = annotationLog(project);
  const fold = (name: string) => name.toLocaleLowerCase('en');
  const ids = new Map(vocabulary.tags.map((tag) => [fold(tag.name), tag.id]));
  const added = plan.newTags.map((name): NewEvent => {
    const tag = newId();
    ids.set(fold(name), tag);
    return { kind: 'tag', id: newId(), group: id, author, tag, change: { what: 'add', name } };
  });
  const place = placeFinder(project);
  const places = new PairPlaces(project);
  const nowhere = { checkpoint: null, modelName: '', couplings: [], bestFilters: [], program: '' };
  const decisions = plan.changes.map(({ identity, after }): NewEvent => {
    const here = place(identity);
    return {
      ...{ kind: 'decision', id: newId(), group: id, author, action: 'import', pair: identity, suggestion: null },
      before: annotationOf(state, identity, author),
      after: { ...after, tags: after.tags.map((name) => ids.get(fold(name))!) },
      basis: here ? places.basis(here) : nowhere,
    };
  });
  return [...added, ...decisions];
}
