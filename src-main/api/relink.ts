import { statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import { hashFile } from '../files/hash';
import type { Project } from '../project/project';
import { listSources, moveSource, RECIPE, sourceState, type Source } from '../project/queries/sources';

export interface RelinkReport {
  /** Sources that are found at their new place, with the same content. */
  relinked: { from: string; to: string }[];
  /** Sources below the old place that stay as they are, and why. */
  left: { path: string; why: 'not there' | 'another content' }[];
}

/**
 * Has a project find its sources where they are now: of those that lay in a folder and are no longer what was read there, each is looked
 * for at the same place in another folder, and changed only where the content is the same to the byte.
 * @param from folder, or file, where sources were when they were imported; need not exist
 * @param to where they are now
 * @throws UserError where no source lies below `from`, or there is no `to`
 */
export async function relinkSources(project: Project, from: string, to: string, signal?: AbortSignal): Promise<RelinkReport> {
  const place = resolve(to);
  if (!statSync(place, { throwIfNoEntry: false }))
    throw new UserError({
      code: 'file-missing',
      what: 'no such file or folder',
      file: place,
      remedy: 'name where the sources are now',
    });
  const files = listSources(project.database).filter(({ path }) => !path.startsWith(RECIPE));
  const below = files.flatMap((source) => {
    const inside = relative(from, source.path);
    return inside.startsWith('..') || isAbsolute(inside) ? [] : [{ source, path: inside === '' ? place : join(place, inside) }];
  });
  if (below.length === 0)
    throw new UserError({
      ...{ code: 'not-found', what: 'no source of the project is there', file: from },
      expected: files.length > 0 ? `a part of ${files[0]!.path}` : 'sources',
      remedy: '`syncact check` lists those that are missing',
    });
  const report: RelinkReport = { relinked: [], left: [] };
  for (const { source, path } of below) {
    throwIfCancelled(signal);
    if (path === source.path || sourceState(source) === 'unchanged') continue;
    const found = await compare(source, path, signal);
    if (found !== 'the same') report.left.push({ path: source.path, why: found });
    else {
      moveSource(project.database, source, path);
      report.relinked.push({ from: source.path, to: path });
    }
  }
  return report;
}

async function compare(
  { hash, bytes }: Source,
  path: string,
  signal?: AbortSignal,
): Promise<'the same' | RelinkReport['left'][0]['why']> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return 'not there';
  // The size tells most without reading.
  return found.size === bytes && (await hashFile(path, signal)) === hash ? 'the same' : 'another content';
}
