import { UserError } from '../../src-preload/shared/domain/errors';
import { splitSubjects } from '../fmri/split';
import type { Project } from '../project/project';
import { listSubjects, storeSplit, type Split, type Subject } from '../project/queries/subjects';

export interface SplitChange {
  /** Split everybody anew by this seed first. */
  seed?: number;
  train?: string[];
  validation?: string[];
  test?: string[];
}

/** Changes the split of subjects. Embeddings trained on the older split become stale. @throws UserError for unknown subjects */
export function changeSplit({ database }: Project, change: SplitChange): Subject[] {
  const names = listSubjects(database).map((subject) => subject.name);
  const split = new Map<string, Split>(change.seed === undefined ? [] : splitSubjects(names, change.seed));
  for (const part of ['train', 'validation', 'test'] as const) {
    for (const name of change[part] ?? []) {
      if (!names.includes(name))
        throw new UserError({ code: 'not-found', what: `there is no subject "${name}"`, expected: names.join(', ') });
      split.set(name, part);
    }
  }
  storeSplit(database, split, change.seed);
  return listSubjects(database);
}
