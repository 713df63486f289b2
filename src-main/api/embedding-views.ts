import { existsSync } from 'node:fs';
import type { EmbeddingView } from '../../src-preload/shared/contract/views';
import { ActivationCache } from '../project/activation-cache';
import type { Project } from '../project/project';
import { listCouplings, type NamedCoupling } from '../project/queries/couplings';
import { listEmbeddings, listEpochs, type Embedding } from '../project/queries/embeddings';
import { readMask } from '../project/queries/masks';
import { readMeasure } from '../project/queries/measures';
import { listRuns, type Run } from '../project/queries/runs';
import { activationRuns } from './activation-runs';
import { measuredEmbedding } from './quality';
import { staleEmbeddings } from './staleness';

/** What the embeddings are seen beside: read once for all of them. */
interface Surroundings {
  stale: ReadonlyMap<string, string>;
  runs: readonly Run[];
  couplings: ReadonlyMap<number, NamedCoupling[]>;
  cache: ActivationCache | undefined;
}

/** Every embedding with the numbers that embeddings are compared by, oldest first. */
export function viewEmbeddings(project: Project): EmbeddingView[] {
  const cache = existsSync(project.activationsFile) ? ActivationCache.openReadOnly(project.activationsFile) : undefined;
  try {
    const surroundings: Surroundings = {
      stale: new Map(staleEmbeddings(project).map(({ what, why }) => [what, why])),
      runs: listRuns(project.database),
      couplings: Map.groupBy(listCouplings(project.database), ({ embeddingId }) => embeddingId),
      cache,
    };
    return listEmbeddings(project.database).map((embedding) => viewEmbedding(project, embedding, surroundings));
  } finally {
    cache?.close();
  }
}

function viewEmbedding(project: Project, embedding: Embedding, { stale, runs, couplings, cache }: Surroundings): EmbeddingView {
  const { id, variant, fbns, state, settings, provenance, result, createdAt, finishedAt, inputs } = embedding;
  const epochs = listEpochs(project.database, id);
  const mask = readMask(project.database, embedding.maskId)!;
  const encoded = activationRuns(embedding, runs).filter((run) => cache?.hasFbnActivation(embedding.key, run.key));
  return {
    ...{ id, variant, fbns, state, settings, provenance, createdAt, finishedAt },
    stale: stale.get(`embedding ${id}`) ?? null,
    epochs: epochs.length,
    bestEpoch: result?.bestEpoch ?? null,
    trainLoss: epochs.at(-1)?.trainLoss ?? null,
    validationLoss: epochs.at(-1)?.validationLoss ?? null,
    bestValidationLoss: epochs.find(({ epoch }) => epoch === result?.bestEpoch)?.validationLoss ?? null,
    secondsPerEpoch: result?.secondsPerEpoch ?? null,
    explainedVariance: result?.explainedVariance ?? null,
    quality: measuredEmbedding(project, embedding)?.quality ?? null,
    meanR: meanROf(couplings.get(id) ?? []),
    recovery: recoveryOf(project, id),
    trainRuns: inputs.trainRuns.length,
    crop: inputs.crop ?? null,
    validationRuns: inputs.validationRuns.length,
    testSubjects: result?.testSubjects ?? [],
    movieRuns: [...new Set(encoded.map((run) => run.movieRun))],
    mask: { voxels: mask.voxels, grid: mask.grid },
  };
}

/** Over all pairs FBN to filter at last convolutions, as in the paper's Table 4. */
function meanROf(couplings: readonly NamedCoupling[]): number | null {
  const chosen = couplings.filter(
    ({ direction, isLastConvolution, reducer, meanR }) =>
      direction === 'fbn-to-filter' && isLastConvolution && reducer === 'max' && meanR !== null,
  );
  const pairs = chosen.reduce((sum, coupling) => sum + coupling.pairs, 0);
  return pairs === 0 ? null : chosen.reduce((sum, coupling) => sum + coupling.meanR! * coupling.pairs, 0) / pairs;
}

function recoveryOf({ database }: Project, id: number): EmbeddingView['recovery'] {
  const totals = readMeasure(database, id, 'recovery')?.totals;
  if (!totals) return null;
  const at = (name: string) => totals[name] ?? NaN;
  const control = { fbnToFilter: at('control.fbnToFilter'), filterToFbn: at('control.filterToFbn') };
  return { planted: at('planted'), fbnToFilter: at('fbnToFilter'), filterToFbn: at('filterToFbn'), control };
}
