import type { Project } from '../project/project';
import type { Coupling } from '../project/queries/couplings';
import { listEmbeddings } from '../project/queries/embeddings';
import { listLayers, listModels } from '../project/queries/models';
import { listMovieRuns, listMovies } from '../project/queries/movie-runs';
import { listRuns } from '../project/queries/runs';
import { layerActivationKey } from './activation-keys';
import { activationRuns } from './activation-runs';
import { couplingKey } from './keys';

/** What makes a coupling this one and no other. */
export type CouplingIdentity = Pick<Coupling, 'embeddingId' | 'layerId' | 'movieRunId' | 'reducer'>;

/** What a coupling is computed from. */
export interface CouplingInputs {
  /** Keys of the runs whose FBN activations are averaged: those of the embedding's test subjects, or what was imported with it. */
  runs: string[];
  filterActivation: string;
  timePoints: number;
  /** The key that follows from all of it. */
  key: string;
}

/**
 * Gives what a coupling would be computed from now; undefined when one of its inputs is gone. Reads the project once; made anew
 * for each question.
 */
export function currentCouplingInputs({ database }: Project): (coupling: CouplingIdentity) => CouplingInputs | undefined {
  const embeddings = new Map(listEmbeddings(database).map((embedding) => [embedding.id, embedding]));
  const movieRuns = new Map(listMovieRuns(database).map((movieRun) => [movieRun.id, movieRun]));
  const movies = new Map(listMovies(database).map((movie) => [movie.movieRunId, movie]));
  const layers = new Map(
    listModels(database).flatMap((model) => listLayers(database, model.id).map((layer) => [layer.id, { model, layer }] as const)),
  );
  const allRuns = listRuns(database);
  return ({ embeddingId, layerId, movieRunId, reducer }) => {
    const embedding = embeddings.get(embeddingId);
    const movieRun = movieRuns.get(movieRunId);
    const movie = movies.get(movieRunId);
    const found = layers.get(layerId);
    if (!embedding?.result || !movieRun?.timePoints || !movie || !found) return undefined;
    const runs = activationRuns(embedding, allRuns)
      .filter((run) => run.movieRun === movieRun.name)
      .map((run) => run.key);
    const filterActivation = layerActivationKey(found.model, found.layer, movie, reducer);
    const { timePoints } = movieRun;
    return {
      runs,
      filterActivation,
      timePoints,
      key: couplingKey({ embedding: embedding.key, runs, filterActivation, timePoints }),
    };
  };
}
