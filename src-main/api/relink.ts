import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LeftReason, SourceFolder } from '../../src-preload/shared/contract/sources';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { Project } from '../project/project';
import { listRecordedSources, recordedState, type RecordedSource } from '../project/queries/recorded-sources';
import { commonFolders, namesBelow, placesBelow } from './source-places';

/** A source that is gone from its old place, and where it may be. */
export interface PlannedSource {
  source: RecordedSource;
  /** Where something of its kind, and of its size, is; its content is still to be compared. */
  places: string[];
  /** Why there is none; null where there is one. */
  why: LeftReason | null;
}

export interface RelinkPlan {
  sources: PlannedSource[];
  /** How many are at their old place, unchanged. */
  unmoved: number;
}

/** Sources that are no longer what was read, or not there; and the folders that hold all that are not there, most first. */
export function findMissingSources({ database }: Project): { sources: RecordedSource[]; folders: SourceFolder[] } {
  const sources = listRecordedSources(database).filter((source) => recordedState(source) === 'missing');
  return { sources, folders: commonFolders([...new Set(sources.map(({ path }) => path))]) };
}

/**
 * What there is to do to have a project find its sources where they are now, without reading them: of those that lay below a folder and
 * are no longer what was read there, each is looked for at the same place below another folder.
 * @param from folder, or a source itself, where it was when it was imported; need not exist, nor be of this system
 * @param to where it is now
 * @throws UserError where no source lies below `from`, or there is no `to`
 */
export function planRelink(project: Project, from: string, to: string): RelinkPlan {
  const recorded = listRecordedSources(project.database);
  const below = recorded.flatMap((source) => {
    const names = namesBelow(from, source.path);
    return names ? [{ source, names }] : [];
  });
  if (below.length === 0) throw nothingBelow(project, from, recorded.length);
  const place = resolve(to);
  if (!look(place))
    throw new UserError({
      code: 'file-missing',
      what: 'no such file or folder',
      file: place,
      remedy: 'name the folder where the sources are now',
    });
  const plan: RelinkPlan = { sources: [], unmoved: 0 };
  for (const { source, names } of below) {
    if (recordedState(source) === 'unchanged') plan.unmoved += 1;
    else plan.sources.push(lookFor(project, source, placesBelow(place, source.path, names)));
  }
  return plan;
}

function nothingBelow(project: Project, from: string, sources: number): UserError {
  const { folders } = findMissingSources(project);
  if (sources === 0)
    return new UserError({
      code: 'not-found',
      what: 'the project has no sources to look for',
      file: project.folder,
      remedy: 'import data first',
    });
  return new UserError({
    ...{ code: 'not-found', what: 'no source of the project was there', file: from },
    ...(folders.length > 0
      ? { expected: `a folder such as ${folders[0]!.folder}, which ${folders[0]!.sources} missing sources were in` }
      : { found: 'all sources are where they were' }),
    remedy: '`syncact check` lists those that are missing',
  });
}

/** What is at a path; undefined where there is nothing, or it may not be looked at. */
function look(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function lookFor(project: Project, source: RecordedSource, places: readonly string[]): PlannedSource {
  const looked = places.map((place) => ({ place, why: judge(project, source, place) }));
  const possible = looked.filter(({ why }) => why === null).map(({ place }) => place);
  if (possible.length > 0) return { source, places: possible, why: null };
  return { source, places: [], why: looked.find(({ why }) => why !== 'not there')?.why ?? 'not there' };
}

/** Why something cannot be the source, as far as that can be told without reading it. */
function judge(project: Project, { kind, hash, file }: RecordedSource, place: string): LeftReason | null {
  let stats;
  try {
    stats = statSync(place, { throwIfNoEntry: false });
  } catch {
    return 'cannot be read';
  }
  const isFile = kind === 'file' || kind === 'model with weights beside it';
  if (!stats || (isFile ? !stats.isFile() : !stats.isDirectory())) return 'not there';
  if (hash === null) return 'no hash to compare with';
  if (file && stats.size !== file.bytes) return 'another content';
  return refused.get(project)?.get(refusalKey(place, hash, stats.mtimeMs)) ?? null;
}

/** What was compared and found to be something else, so that nobody waits for that again while the project is open. */
const refused = new WeakMap<Project, Map<string, LeftReason>>();

function refusalKey(place: string, hash: string, modifiedMilliseconds: number): string {
  return `${hash} ${modifiedMilliseconds} ${place}`;
}

/** Remembers that what is at these places is not the source, as long as it does not change. */
export function rememberRefused(project: Project, { hash }: RecordedSource, places: readonly string[], why: LeftReason): void {
  const known = refused.get(project) ?? new Map<string, LeftReason>();
  refused.set(project, known);
  for (const place of places) {
    const stats = look(place);
    if (stats && hash !== null) known.set(refusalKey(place, hash, stats.mtimeMs), why);
  }
}
