import { existsSync } from 'node:fs';
import type { TrainResult } from '../../../src-preload/shared/contract/compute-tasks';
import type { Project } from '../../project/project';
import { completeEmbedding, deleteEpochsFrom, storeEpoch, type Embedding } from '../../project/queries/embeddings';

/** Where a training keeps its files, relative to the project. */
export function trainingFiles(key: string): { checkpoints: string; maps: string } {
  const name = key.slice(0, 16);
  return { checkpoints: `checkpoints/${name}`, maps: `maps/${name}.nii.gz` };
}

/** Records a training that has come to its end; its test subjects are not encoded yet. */
export function recordResult(project: Project, embedding: Embedding, result: TrainResult): Embedding {
  const { database } = project;
  const { bestEpoch, secondsPerEpoch, best, last, maps } = result;
  const { engineVersion, provider, threads } = result;
  const provenance = { ...embedding.provenance, engineVersion, provider, threads };
  const stored = { bestEpoch, secondsPerEpoch, best, last, maps, testSubjects: [], explainedVariance: null };
  database.transaction(() => {
    // A resumed training knows all its epochs; those recorded before a kill are the same numbers.
    deleteEpochsFrom(database, embedding.id, result.epochs.length + 1);
    for (const epoch of result.epochs) storeEpoch(database, embedding.id, epoch);
    completeEmbedding(database, embedding.id, stored, provenance);
  })();
  return { ...embedding, state: 'complete', result: stored, provenance };
}

/** Whether the files of a complete embedding are there. */
export function filesExist(project: Project, { result }: Embedding): boolean {
  return result !== null && [result.best, result.maps].every(({ file }) => existsSync(project.path(file)));
}
