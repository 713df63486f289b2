import { readdirSync, rmSync } from 'node:fs';
import type { MergeShardsResult, WantedActivation } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { JobContext } from '../../jobs/queue';
import { ActivationCache } from '../../project/activation-cache';
import { missingRanges, PartialActivations, type FrameRange } from '../../project/partial-activations';
import type { Project } from '../../project/project';
import { listModels } from '../../project/queries/models';
import { listMovies } from '../../project/queries/movie-runs';
import { activationForm, layerActivationKey } from '../activation-keys';

export interface MergeShardsOutput extends MergeShardsResult {
  shards: number;
  removed: number;
}

/** A shard as found on disk. */
interface FoundShard {
  file: string;
  /** The request that it belongs to: the beginning of its name. */
  request: string;
  index: number;
  count: number;
  /** What all shards of its request come to. */
  wanted: WantedActivation[];
  ranges: Map<string, FrameRange[]>;
}

/**
 * Merges all shards of the project, if they are complete: otherwise what is missing is named and nothing is merged. May be done
 * again at any time; activations of models and movies that the project no longer has in this form are left out, with a warning.
 */
export async function mergeShards(
  { remove }: ParsedJobInput<'merge-shards'>,
  { project, runTask, warn }: JobContext,
): Promise<MergeShardsOutput> {
  const shards = findShards(project);
  if (shards.length === 0)
    throw new UserError({
      code: 'earlier-step-missing',
      what: 'there are no shards',
      file: project.path('shards'),
      remedy: 'run `syncact extract --shard i/n`',
    });
  const current = currentKeys(project);
  const wanted = new Map(shards.flatMap((shard) => shard.wanted.map((one) => [one.key, one])));
  const old = [...wanted.values()].filter(({ key }) => !current.has(key)).map(({ model }) => model);
  for (const model of new Set(old))
    warn(`shards of ${model} were made from another model file or movie than the project has now`);
  const keys = [...wanted.keys()].filter((key) => current.has(key));
  checkComplete(project, shards, new Set(keys));
  const result = await runTask('merge-shards', { project: project.folder, files: shards.map(({ file }) => file), keys });
  if (remove) for (const { file } of shards) rmSync(project.path(file), { force: true });
  return { ...result, shards: shards.length, removed: remove ? shards.length : 0 };
}

function findShards(project: Project): FoundShard[] {
  return readdirSync(project.path('shards'))
    .sort()
    .flatMap((name) => {
      const match = /^(.+)\.(\d+)-of-(\d+)\.shard$/.exec(name);
      if (!match) return [];
      const file = `shards/${name}`;
      const [, request, index, count] = match;
      return [{ file, request: request!, index: Number(index), count: Number(count), ...readShard(project.path(file)) }];
    });
}

/** Opened for writing: a shard that was killed in the middle of a batch is brought back to the batch before. */
function readShard(path: string): Pick<FoundShard, 'wanted' | 'ranges'> {
  const shard = PartialActivations.open(path);
  try {
    const ranges = new Map(shard.list().map(({ id, key }) => [key, shard.ranges(id)]));
    return { wanted: (shard.note('wanted') ?? []) as WantedActivation[], ranges };
  } finally {
    shard.close();
  }
}

/** Keys of everything that could be extracted now. */
function currentKeys({ database }: Project): Set<string> {
  const movies = listMovies(database);
  const forms = (['last', 'mean'] as const).flatMap((rule) =>
    (['max', 'mean', 'norm2'] as const).map((reducer) => activationForm(reducer, rule)),
  );
  const keys = new Set<string>();
  for (const model of listModels(database)) {
    for (const name of layerNames(model.summary))
      for (const movie of movies) for (const form of forms) keys.add(layerActivationKey(model, { name }, movie, form));
  }
  return keys;
}

function layerNames(summary: unknown): string[] {
  return (summary as { description: { layers: { name: string }[] } }).description.layers.map(({ name }) => name);
}

/** @throws UserError naming the shards that were not run, and what of others is missing */
function checkComplete(project: Project, shards: readonly FoundShard[], keys: ReadonlySet<string>): void {
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  const problems: string[] = [];
  try {
    for (const [request, own] of Map.groupBy(shards, (shard) => shard.request)) {
      const gaps = own[0]!.wanted
        .filter(({ key }) => keys.has(key) && !cache.findFilterActivation(key))
        .flatMap(({ key, movieRun, frames }) => {
          const there = own.flatMap((shard) => shard.ranges.get(key) ?? []);
          return missingRanges(there, frames).map((gap) => `${movieRun} ${describe(gap)}`);
        });
      if (gaps.length === 0) continue;
      const absent = notRun(own);
      problems.push(
        `${request}: ${absent.length > 0 ? `shards ${enumerate(absent)} not run, ` : ''}missing ${enumerate([...new Set(gaps)])}`,
      );
    }
  } finally {
    cache.close();
  }
  if (problems.length === 0) return;
  throw new UserError({
    code: 'earlier-step-missing',
    what: 'the shards are not complete',
    file: project.path('shards'),
    found: problems.join('; '),
    remedy: 'run what is missing (a shard that was stopped goes on), then merge again',
  });
}

/** Shards without a file, "3/8": of every number of shards that the request was cut into. */
function notRun(own: readonly FoundShard[]): string[] {
  return [...Map.groupBy(own, ({ count }) => count)].flatMap(([count, same]) => {
    const there = new Set(same.map(({ index }) => index));
    return Array.from({ length: count }, (_, i) => i + 1)
      .filter((index) => !there.has(index))
      .map((index) => `${index}/${count}`);
  });
}

function describe({ start, end }: FrameRange): string {
  return end - start === 1 ? `TR ${start}` : `TRs ${start}–${end - 1}`;
}

function enumerate(items: readonly string[]): string {
  return items.length <= 6 ? items.join(', ') : `${items.slice(0, 6).join(', ')} and ${items.length - 6} more`;
}
