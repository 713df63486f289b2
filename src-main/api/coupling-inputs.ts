import type { ControlTask } from '../../src-preload/shared/contract/corrections';
import {
  frameFeatures,
  isUncontrolled,
  lagsInTrs,
  parseCouplingForm,
  type Controls,
} from '../../src-preload/shared/domain/controls';
import type { Project } from '../project/project';
import type { Coupling } from '../project/queries/couplings';
import { listEmbeddings } from '../project/queries/embeddings';
import { listLayers, listModels } from '../project/queries/models';
import { listMovieRuns, listMovies, type Movie } from '../project/queries/movie-runs';
import { listRuns } from '../project/queries/runs';
import { layerActivationKey } from './activation-keys';
import { activationRuns } from './activation-runs';
import { confoundsKey, couplingKey } from './keys';

/** What makes a coupling this one and no other. */
export type CouplingIdentity = Pick<Coupling, 'embeddingId' | 'layerId' | 'movieRunId' | 'reducer'>;

/** What a coupling is computed from. */
export interface CouplingInputs {
  /** Keys of the runs whose FBN activations are averaged: those of the embedding's test subjects, or what was imported with it. */
  runs: string[];
  filterActivation: string;
  timePoints: number;
  /** What is done to the activations first; null: nothing. */
  controls: ControlTask | null;
  /** The key that follows from all of it. */
  key: string;
}

/**
 * Gives what a coupling would be computed from now; undefined when one of its inputs is gone. Reads the project once; made anew
 * for each question.
 */
export function currentCouplingInputs(project: Project): (coupling: CouplingIdentity) => CouplingInputs | undefined {
  const { database } = project;
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
    const form = parseCouplingForm(reducer);
    const filterActivation = layerActivationKey(found.model, found.layer, movie, form.activations);
    const { timePoints } = movieRun;
    const controls = isUncontrolled(form.controls) ? null : controlsOf(form.controls, movie, project.path(movie.file));
    return {
      runs,
      filterActivation,
      ...{ timePoints, controls },
      key: couplingKey({
        embedding: embedding.key,
        runs,
        filterActivation,
        timePoints,
        ...(controls && { controls: keyOf(controls) }),
      }),
    };
  };
}

function controlsOf(controls: Controls, movie: Movie, frames: string): ControlTask {
  const rows = frameFeatures.flatMap((name, row) => (controls.confounds.includes(name) ? [row] : []));
  const confounds = {
    ...{ key: confoundsKey({ movie: movie.key, features: frameFeatures }), frames, rows },
    sound: controls.confounds.includes('sound level') ? soundOf(movie) : null,
  };
  return {
    ...{ response: controls.response, lags: lagsInTrs(controls, movie.trSeconds), trSeconds: movie.trSeconds },
    confounds: controls.confounds.length === 0 ? null : confounds,
  };
}

function soundOf(movie: Movie): NonNullable<NonNullable<ControlTask['confounds']>['sound']> {
  const { source: video, trSeconds, offsetSeconds, frames: count } = movie;
  return { key: confoundsKey({ movie: movie.key, features: ['sound level'] }), video, trSeconds, offsetSeconds, count };
}

/** Where the files lie decides nothing. */
function keyOf({ confounds, ...controls }: ControlTask): unknown {
  return {
    ...controls,
    confounds: confounds && { key: confounds.key, rows: confounds.rows, ...(confounds.sound && { sound: confounds.sound.key }) },
  };
}
