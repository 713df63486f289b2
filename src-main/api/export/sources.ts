import { join } from 'node:path';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import type { Embedding } from '../../project/queries/embeddings';
import { listLayers, listModels } from '../../project/queries/models';
import { listMovies } from '../../project/queries/movie-runs';
import { listRuns } from '../../project/queries/runs';
import { activationRuns } from '../activation-runs';
import { layerActivationKey } from '../activation-keys';

/** FBN activations over one movie run, of one subject or (null) as a mean over subjects. */
export interface FbnSeries {
  subject: string | null;
  movieRun: string;
  trSeconds: number | null;
  /** [fbns, time] */
  read(): Matrix;
}

/** Activations (maximum of each feature map) of a layer's filters over one movie run. */
export interface FilterSeries {
  model: string;
  layer: string;
  movieRun: string;
  trSeconds: number;
  /** [filters, time] */
  read(): Matrix;
}

/** Everything of an embedding that can be taken out of a project; matrices are read when they are asked for. */
export interface ExportSources {
  embedding: Embedding;
  fbns: FbnSeries[];
  filters: FilterSeries[];
}

/**
 * Gathers what is there of an embedding and of the layers that were extracted, and hands it out while the cache is open.
 * @throws UserError where no activations are there
 */
export async function withSources<Result>(
  project: Project,
  embedding: Embedding,
  use: (sources: ExportSources) => Promise<Result>,
): Promise<Result> {
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    const fbns = fbnSeries(project, embedding, cache);
    if (fbns.length === 0)
      throw new UserError({
        code: 'earlier-step-missing',
        what: `there are no activations of embedding ${embedding.id}`,
        file: project.folder,
        remedy: 'run `syncact train` again: it encodes the test subjects and trains nothing anew',
      });
    return await use({ embedding, fbns, filters: filterSeries(project, cache) });
  } finally {
    cache.close();
  }
}

function fbnSeries({ database }: Project, embedding: Embedding, cache: ActivationCache): FbnSeries[] {
  const runs = listRuns(database);
  const seconds = new Map(runs.map(({ movieRun, trSeconds }) => [movieRun, trSeconds]));
  return activationRuns(embedding, runs)
    .filter(({ key }) => cache.hasFbnActivation(embedding.key, key))
    .map(({ key, subject, movieRun }) => ({
      ...{ subject, movieRun, trSeconds: seconds.get(movieRun) ?? null },
      read: () => cache.readFbnActivation(embedding.key, key)!,
    }));
}

function filterSeries({ database }: Project, cache: ActivationCache): FilterSeries[] {
  const movies = listMovies(database);
  const there = new Set(cache.listFilterActivations());
  return listModels(database).flatMap((model) =>
    listLayers(database, model.id).flatMap((layer) =>
      movies.flatMap((movie) => {
        const key = layerActivationKey(model, layer, movie, 'max');
        if (!there.has(key)) return [];
        const { movieRun, trSeconds } = movie;
        const read = () => cache.readFilterActivation(key)!;
        return [{ model: model.name, layer: layer.name, movieRun, trSeconds, read }];
      }),
    ),
  );
}

/** Letters and digits only, as BIDS wants its labels. */
export function bidsLabel(...parts: (string | number)[]): string {
  return parts.join(' ').replace(/[^\p{L}\p{N}]+(.)?/gu, (_, next: string | undefined) => next?.toUpperCase() ?? '') || 'x';
}

/** A name of BIDS entities as it is where it is one ("task-movie_run-1"), else made one. */
export function bidsRun(movieRun: string): string {
  const isNamed = /^task-[a-zA-Z0-9]+(_[a-z]+-[a-zA-Z0-9]+)*$/.test(movieRun);
  return isNamed ? movieRun : `task-${bidsLabel(movieRun)}`;
}

/** "sub-01" */
export function bidsSubject(subject: string): string {
  return `sub-${bidsLabel(subject.replace(/^sub-/, ''))}`;
}

/** Where the file of a run lies in a derivative, without its ending. */
export function bidsPath({ subject, movieRun }: Pick<FbnSeries, 'subject' | 'movieRun'>, rest: string): string {
  if (subject === null) return `${bidsRun(movieRun)}_${rest}`;
  const name = bidsSubject(subject);
  return join(name, 'func', `${name}_${bidsRun(movieRun)}_${rest}`);
}
