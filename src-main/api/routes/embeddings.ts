import { existsSync } from 'node:fs';
import type { EmbeddingView } from '../../../src-preload/shared/contract/views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listEmbeddings, listEpochs, setEmbeddingRemoved, type Embedding } from '../../project/queries/embeddings';
import { readMask } from '../../project/queries/masks';
import { listRuns, type Run } from '../../project/queries/runs';
import { measuredEmbedding } from '../quality';
import { staleEmbeddings } from '../staleness';
import type { RouteHandlers } from '../requests';
import { changeWithUndo } from './undo';

export const embeddingRoutes: Pick<RouteHandlers, 'embeddings.list' | 'embeddings.remove'> = {
  'embeddings.list': (_input, workstation) => viewEmbeddings(workstation.project.project),
  'embeddings.remove': ({ id }, workstation) => {
    const { project } = workstation.project;
    if (!listEmbeddings(project.database).some((embedding) => embedding.id === id))
      throw new UserError({ what: `there is no embedding ${id}` });
    const label = `removal of embedding ${id}`;
    changeWithUndo(project, 'embedding-removal', label, { id }, () => setEmbeddingRemoved(project.database, id, true));
    workstation.changed('embeddings', 'couplings', 'undo');
    return null;
  },
};

function viewEmbeddings(project: Project): EmbeddingView[] {
  const stale = new Map(staleEmbeddings(project).map(({ what, why }) => [what, why]));
  const runs = listRuns(project.database);
  const cache = existsSync(project.activationsFile) ? ActivationCache.openReadOnly(project.activationsFile) : undefined;
  try {
    return listEmbeddings(project.database).map((embedding) =>
      viewEmbedding(project, embedding, stale.get(`embedding ${embedding.id}`) ?? null, runs, cache),
    );
  } finally {
    cache?.close();
  }
}

function viewEmbedding(
  project: Project,
  embedding: Embedding,
  stale: string | null,
  runs: readonly Run[],
  cache?: ActivationCache,
): EmbeddingView {
  const { id, variant, fbns, state, settings, provenance, result, createdAt, finishedAt, inputs } = embedding;
  const epochs = listEpochs(project.database, id);
  const mask = readMask(project.database, embedding.maskId)!;
  const subjects = new Set(result?.testSubjects);
  const encoded = runs.filter((run) => subjects.has(run.subject) && cache?.hasFbnActivation(embedding.key, run.key));
  return {
    ...{ id, variant, fbns, state, settings, provenance, stale, createdAt, finishedAt },
    epochs: epochs.length,
    bestEpoch: result?.bestEpoch ?? null,
    trainLoss: epochs.at(-1)?.trainLoss ?? null,
    validationLoss: epochs.at(-1)?.validationLoss ?? null,
    bestValidationLoss: epochs.find(({ epoch }) => epoch === result?.bestEpoch)?.validationLoss ?? null,
    secondsPerEpoch: result?.secondsPerEpoch ?? null,
    explainedVariance: result?.explainedVariance ?? null,
    quality: measuredEmbedding(project, embedding)?.quality ?? null,
    trainRuns: inputs.trainRuns.length,
    validationRuns: inputs.validationRuns.length,
    testSubjects: result?.testSubjects ?? [],
    movieRuns: [...new Set(encoded.map((run) => run.movieRun))],
    mask: { voxels: mask.voxels, grid: mask.grid },
  };
}
