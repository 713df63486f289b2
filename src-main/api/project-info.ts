import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectInfo } from '../../src-preload/shared/contract/project-info';
import { ActivationCache } from '../project/activation-cache';
import type { Project } from '../project/project';
import { listCouplings } from '../project/queries/couplings';
import { listEmbeddings, listEpochs } from '../project/queries/embeddings';
import { listLabelSets } from '../project/queries/filter-labels';
import { listImageSets } from '../project/queries/image-sets';
import { listJobs } from '../project/queries/jobs';
import { currentMask } from '../project/queries/masks';
import { listLayers, listModels, type Layer, type Model } from '../project/queries/models';
import { listMovieRuns, listMovies } from '../project/queries/movie-runs';
import { listRuns } from '../project/queries/runs';
import { listSubjects } from '../project/queries/subjects';
import { listVocabularies } from '../project/queries/vocabularies';
import { layerActivationKey } from './activation-keys';
import { currentDecodings } from './semantics/decodings';
import { findStale } from './staleness';

/** What a project holds, in short. */
export function describeProject(project: Project): ProjectInfo {
  const { database } = project;
  const row = database.prepare('SELECT name, created_at AS createdAt, program_version AS programVersion FROM project').get() as {
    name: string;
    createdAt: string;
    programVersion: string;
  };
  const runs = listRuns(database);
  const movies = listMovies(database);
  const mask = currentMask(database);
  return {
    ...row,
    folder: project.folder,
    bytesOnDisk: folderBytes(project.folder),
    mask: mask ? { voxels: mask.voxels, grid: mask.grid, origin: mask.origin } : null,
    subjects: listSubjects(database).map(({ name, split }) => ({
      name,
      split,
      runs: runs.filter((run) => run.subject === name).length,
    })),
    movieRuns: listMovieRuns(database).map(({ name, trSeconds, timePoints, trimmed }) => {
      const movie = movies.find((candidate) => candidate.movieRun === name);
      return {
        ...{ name, trSeconds, timePoints, trimmed },
        runs: runs.filter((run) => run.movieRun === name).length,
        movie: movie ? { source: movie.source, frames: movie.frames, width: movie.width, height: movie.height } : null,
      };
    }),
    models: describeModels(project),
    embeddings: describeEmbeddings(project),
    couplings: listCouplings(database).length,
    semantics: describeSemantics(project),
    stale: findStale(project),
    unfinishedJobs: listJobs(database)
      .filter((job) => ['queued', 'running', 'interrupted'].includes(job.state))
      .map(({ id, type, state, createdAt }) => ({ id, type, state, createdAt })),
  };
}

function describeSemantics(project: Project): ProjectInfo['semantics'] {
  const { database } = project;
  const vocabularies = listVocabularies(database);
  return {
    vocabularies: vocabularies.length,
    terms: vocabularies.reduce((sum, { content }) => sum + content.terms.length, 0),
    comparedEmbeddings: [...new Set(currentDecodings(project).map(({ embeddingId }) => embeddingId))],
    labelledLayers: new Set(listLabelSets(database).map(({ layerId }) => layerId)).size,
    picturedLayers: new Set(listImageSets(database).map(({ layerId }) => layerId)).size,
  };
}

function describeModels(project: Project): ProjectInfo['models'] {
  const movies = listMovies(project.database);
  const cache = existsSync(project.activationsFile) ? ActivationCache.openReadOnly(project.activationsFile) : undefined;
  const extracted = (model: Model, layer: Layer) =>
    movies.filter((movie) => cache?.findFilterActivation(layerActivationKey(model, layer, movie, 'max'))).length;
  try {
    return listModels(project.database).map((model) => ({
      name: model.name,
      architecture: model.architecture,
      trainedOn: model.trainedOn,
      top1Percent: model.top1Percent,
      layers: listLayers(project.database, model.id).map((layer) => ({
        name: layer.name,
        filters: layer.filters,
        isLastConvolution: layer.isLastConvolution,
        extractedMovieRuns: extracted(model, layer),
      })),
    }));
  } finally {
    cache?.close();
  }
}

function describeEmbeddings(project: Project): ProjectInfo['embeddings'] {
  return listEmbeddings(project.database).map((embedding) => {
    const epochs = listEpochs(project.database, embedding.id);
    const last = epochs.at(-1);
    const { id, variant, fbns, state, createdAt, provenance } = embedding;
    return {
      ...{ id, variant, fbns, state, createdAt },
      epochs: epochs.length,
      trainLoss: last?.trainLoss ?? null,
      validationLoss: last?.validationLoss ?? null,
      device: String((provenance.device as { actual?: string } | undefined)?.actual ?? 'unknown'),
    };
  });
}

/** Bytes of all files of a project folder (one level of folders deep, as projects are). */
function folderBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
