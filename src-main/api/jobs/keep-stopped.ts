import { cpSync, existsSync, rmSync } from 'node:fs';
import type { TrainResult } from '../../../src-preload/shared/contract/compute-tasks';
import type { Project } from '../../project/project';
import {
  deleteEmbedding,
  findEmbedding,
  rekeyEmbedding,
  setEmbeddingRemoved,
  type Embedding,
  type StoredFile,
} from '../../project/queries/embeddings';
import { filesExist, recordResult, trainingFiles } from './train-record';

/**
 * Keeps a training that the user ended early as what it is now: a training of the epochs done. Under its old key it would pass for
 * the whole one. Files are copied before the database changes and removed after, so that a crash in between loses nothing.
 * @param key of a training with the epochs done
 * @param settings of such a training
 * @returns the embedding that stands for it: a complete one with the same key where there is one, since its numbers are the same
 */
export function keepStopped(
  project: Project,
  embedding: Embedding,
  result: TrainResult,
  { key, settings }: { key: string; settings: Record<string, unknown> },
): Embedding {
  const { database } = project;
  const [old, kept] = [trainingFiles(embedding.key), trainingFiles(key)];
  const twin = findEmbedding(database, key);
  const isThere = twin?.state === 'complete' && filesExist(project, twin);
  if (!isThere) copyFiles(project, old, kept);
  const moved = ({ file, hash }: StoredFile): StoredFile => ({
    file: file.replace(old.checkpoints, kept.checkpoints).replace(old.maps, kept.maps),
    hash,
  });
  const { best, last, maps } = result;
  const stored = database.transaction(() => {
    if (!twin) {
      rekeyEmbedding(database, embedding.id, key, settings);
      const renamed = { ...embedding, key, settings };
      return recordResult(project, renamed, { ...result, best: moved(best), last: moved(last), maps: moved(maps) });
    }
    // An unfinished training has no couplings, so its row can go.
    deleteEmbedding(database, embedding.id);
    setEmbeddingRemoved(database, twin.id, false);
    if (isThere) return twin;
    return recordResult(project, twin, { ...result, best: moved(best), last: moved(last), maps: moved(maps) });
  })();
  rmSync(project.path(old.checkpoints), { recursive: true, force: true });
  rmSync(project.path(old.maps), { force: true });
  return stored;
}

function copyFiles(project: Project, from: ReturnType<typeof trainingFiles>, to: ReturnType<typeof trainingFiles>): void {
  for (const name of ['checkpoints', 'maps'] as const) {
    rmSync(project.path(to[name]), { recursive: true, force: true });
    if (existsSync(project.path(from[name]))) cpSync(project.path(from[name]), project.path(to[name]), { recursive: true });
  }
}
