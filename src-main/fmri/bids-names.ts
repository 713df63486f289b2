import { basename } from 'node:path';

/** A file name of BIDS: entities (`sub-01_task-movie_…`), a suffix (`bold`) and an extension (`.nii.gz`). */
export interface BidsName {
  path: string;
  /** In the order of the name. */
  entities: ReadonlyMap<string, string>;
  suffix: string;
  extension: string;
}

/** Takes a file name apart; undefined where it is not of that form. */
export function parseBidsName(path: string): BidsName | undefined {
  const matched = /^((?:[a-zA-Z]+-[^_.]+_)*)([a-zA-Z0-9]+)(\..+)$/.exec(basename(path));
  if (!matched) return undefined;
  const [, pairs = '', suffix = '', extension = ''] = matched;
  const entities = new Map(
    pairs
      .split('_')
      .filter(Boolean)
      .map((pair) => [pair.slice(0, pair.indexOf('-')), pair.slice(pair.indexOf('-') + 1)]),
  );
  return { path, entities, suffix, extension };
}

/** Whether every entity of one name is in the other with the same value, apart from those in `except`. */
export function entitiesWithin(inner: BidsName, outer: BidsName, except: readonly string[] = []): boolean {
  return [...inner.entities].every(([name, value]) => except.includes(name) || outer.entities.get(name) === value);
}

/** Compares names so that run-2 comes before run-10. */
export const naturalOrder = new Intl.Collator('en', { numeric: true }).compare;
