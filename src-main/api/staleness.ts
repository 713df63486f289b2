import type { Project } from '../project/project';
import { listCouplings, type Coupling } from '../project/queries/couplings';
import { listEmbeddings } from '../project/queries/embeddings';
import { listLayers, listModels } from '../project/queries/models';
import { listMovieRuns, listMovies } from '../project/queries/movie-runs';
import { listRuns } from '../project/queries/runs';
import { listSources, sourceState } from '../project/queries/sources';
import { currentMask } from '../project/queries/masks';
import { layerActivationKey } from './activation-keys';
import { couplingKey } from './keys';

export interface Stale {
  what: string;
  why: string;
}

/** What no longer follows from its inputs: sources that changed, runs under an older mask, results of older runs or splits. */
export function findStale(project: Project): Stale[] {
  return [...staleSources(project), ...staleRuns(project), ...staleEmbeddings(project), ...staleCouplings(project)];
}

function staleSources({ database }: Project): Stale[] {
  return listSources(database)
    .filter((source, _, all) => !all.some((other) => other.path === source.path && other.id > source.id))
    .map((source) => ({ source, state: sourceState(source) }))
    .filter(({ state }) => state !== 'unchanged')
    .map(({ source, state }) => ({
      what: source.path,
      why: state === 'missing' ? 'the file is no longer there' : 'the file has changed since it was read',
    }));
}

function staleRuns({ database }: Project): Stale[] {
  const stale = listRuns(database).filter((run) => !run.maskIsCurrent);
  return stale.map((run) => ({
    what: `${run.subject} ${run.movieRun}`,
    why: 'imported under another mask than the current one',
  }));
}

function staleEmbeddings({ database }: Project): Stale[] {
  const mask = currentMask(database);
  const runs = listRuns(database).filter((run) => run.maskIsCurrent);
  const keys = (split: string) => runs.filter((run) => run.split === split).map((run) => run.key);
  const test = new Set(runs.filter((run) => run.split === 'test').map((run) => run.subject));
  const current = { trainRuns: keys('train'), validationRuns: keys('validation') };
  return listEmbeddings(database).flatMap((embedding): Stale[] => {
    const what = `embedding ${embedding.id}`;
    if (mask && embedding.maskId !== mask.id) return [{ what, why: 'trained under another mask than the current one' }];
    if (!sameSet(embedding.inputs.trainRuns, current.trainRuns))
      return [{ what, why: 'the training runs or the split have changed since' }];
    if (!sameSet(embedding.inputs.validationRuns, current.validationRuns))
      return [{ what, why: 'the validation runs have changed since' }];
    if (embedding.result && test.size > 0 && !sameSet(embedding.result.testSubjects, [...test])) {
      return [{ what, why: 'the test subjects have changed since: run `train` again to encode them (nothing is trained anew)' }];
    }
    return [];
  });
}

/**
 * Gives, for couplings, the key each would have if it were computed now (undefined when one of its inputs is gone). Reads the
 * project once; made anew for each question.
 */
export function currentCouplingKeys({ database }: Project): (coupling: CouplingIdentity) => string | undefined {
  const embeddings = new Map(listEmbeddings(database).map((embedding) => [embedding.id, embedding]));
  const movieRuns = new Map(listMovieRuns(database).map((movieRun) => [movieRun.id, movieRun]));
  const movies = new Map(listMovies(database).map((movie) => [movie.movieRunId, movie]));
  const layers = new Map(
    listModels(database).flatMap((model) => listLayers(database, model.id).map((layer) => [layer.id, { model, layer }] as const)),
  );
  const runs = listRuns(database);
  return ({ embeddingId, layerId, movieRunId, reducer }) => {
    const embedding = embeddings.get(embeddingId);
    const movieRun = movieRuns.get(movieRunId);
    const movie = movies.get(movieRunId);
    const found = layers.get(layerId);
    if (!embedding?.result || !movieRun?.timePoints || !movie || !found) return undefined;
    const subjects = new Set(embedding.result.testSubjects);
    return couplingKey({
      embedding: embedding.key,
      runs: runs.filter((run) => run.movieRun === movieRun.name && subjects.has(run.subject)).map((run) => run.key),
      filterActivation: layerActivationKey(found.model, found.layer, movie, reducer),
      timePoints: movieRun.timePoints,
    });
  };
}

/** What makes a coupling this one and no other. */
export type CouplingIdentity = Pick<Coupling, 'embeddingId' | 'layerId' | 'movieRunId' | 'reducer'>;

function staleCouplings(project: Project): Stale[] {
  const currentKey = currentCouplingKeys(project);
  return listCouplings(project.database)
    .filter((coupling) => currentKey(coupling) !== coupling.key)
    .map((coupling) => ({
      what: `pairs of embedding ${coupling.embeddingId} with ${coupling.model} ${coupling.layer}, ${coupling.movieRun}, ${coupling.direction}`,
      why: 'the embedding, the runs or the movie have changed since: run `couple` again',
    }));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
}
