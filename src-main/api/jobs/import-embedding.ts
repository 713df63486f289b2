import { basename } from 'node:path';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { cacheKey, hashFile } from '../../files/hash';
import type { JobContext } from '../../jobs/queue';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { beginEmbedding, completeEmbedding, findEmbedding, type Embedding } from '../../project/queries/embeddings';
import { currentMask } from '../../project/queries/masks';
import { listRuns } from '../../project/queries/runs';
import { addSource, findUnchangedSourceHash } from '../../project/queries/sources';
import { resolveDevice } from '../devices';
import { planExternal, type FoundExternal, type PlannedActivation } from '../external-plan';
import { refuseProblems } from '../fmri-plan';
import { externalEmbeddingKey } from '../keys';
import { assessFbns } from './assess';
import { encodeMissing, runsToEncode } from './encode-missing';
import { filesExist, trainingFiles } from './train-record';

type Input = ParsedJobInput<'import-embedding'>;

export interface ImportEmbeddingOutput {
  embedding: number;
  /** "MELODIC", "CanICA" or "maps". */
  method: string;
  name: string;
  fbns: number;
  /** How the activations came about. */
  activations: 'imported' | 'dual-regression';
  tables: Omit<PlannedActivation, 'isTransposed'>[];
  testSubjects: string[];
  /** The FBN maps on the project's grid, a 4D NIfTI file. */
  maps: string;
  remarks: string[];
  alreadyImported: boolean;
}

/**
 * Imports FBN maps and activations made elsewhere as an embedding. Everything is checked before anything is written; the embedding
 * is recorded when all of it is there.
 */
export async function importEmbedding(input: Input, context: JobContext): Promise<ImportEmbeddingOutput> {
  const { project, signal, warn } = context;
  const plan = await planExternal(project, input, signal);
  refuseProblems(plan.problems);
  for (const remark of plan.remarks) warn(remark);
  const sources = await hashSources(project, plan, signal);
  const hashOf = (file: string) => sources.find(({ path }) => path === file)!.hash;
  const imported = plan.activations.map((one) => ({
    ...one,
    key: `imported-${cacheKey({ hash: hashOf(one.file), array: one.array, subject: one.subject, movieRun: one.movieRun })}`,
  }));
  const key = externalEmbeddingKey({
    maps: sources[0]!.hash,
    maskHash: currentMask(project.database)!.hash,
    activations: input.dualRegression ? 'dual-regression' : imported.map((one) => one.key).sort(),
  });
  const known = findEmbedding(project.database, key);
  const isThere = known?.state === 'complete' && filesExist(project, known) && hasActivations(project, key, imported);
  const stored = isThere ? restore(project, known) : await bringIn(input, plan, { key, sources, imported }, context);
  const place = { engine: 'onnxruntime', device: resolveDevice(input.device) } as const;
  const runs = listRuns(project.database).filter((run) => run.maskIsCurrent);
  const embedding = input.dualRegression ? await encodeMissing(stored, runsToEncode(runs, warn), place, context) : stored;
  await assessFbns(embedding, context);
  return {
    ...{ embedding: embedding.id, method: plan.maps!.method, name: String(embedding.settings.name), fbns: embedding.fbns },
    activations: input.dualRegression ? 'dual-regression' : 'imported',
    tables: plan.activations.map(({ isTransposed: _, ...table }) => table),
    ...{ testSubjects: embedding.result!.testSubjects, maps: project.path(embedding.result!.maps.file) },
    ...{ remarks: plan.remarks, alreadyImported: isThere },
  };
}

/** Hashes of the maps, first, and of all files of activations. */
async function hashSources({ database }: Project, plan: FoundExternal, signal: AbortSignal) {
  const paths = [plan.maps!.file, ...new Set(plan.activations.map((one) => one.file))];
  const sources: { path: string; hash: string }[] = [];
  for (const path of paths) {
    const hash = findUnchangedSourceHash(database, path) ?? (await hashFile(path, signal));
    sources.push({ path, hash });
  }
  return sources;
}

function hasActivations(project: Project, key: string, imported: readonly { key: string }[]): boolean {
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return imported.every((one) => cache.hasFbnActivation(key, one.key));
  } finally {
    cache.close();
  }
}

/** One that is there already, brought back where it was removed. */
function restore({ database }: Project, { key, variant, fbns, maskId, settings, inputs, provenance }: Embedding): Embedding {
  return beginEmbedding(database, { key, variant, fbns, maskId, settings, inputs, provenance });
}

async function bringIn(
  input: Input,
  plan: FoundExternal,
  parts: { key: string; sources: { path: string; hash: string }[]; imported: (PlannedActivation & { key: string })[] },
  { project, runTask }: JobContext,
): Promise<Embedding> {
  const { database } = project;
  const { key, sources, imported } = parts;
  const { file, method, header } = plan.maps!;
  const mask = currentMask(database)!;
  const { checkpoints, maps } = trainingFiles(key);
  const result = await runTask('import-embedding', {
    ...{ project: project.folder, mask: mask.file, source: file, method, embeddingKey: key },
    ...{ best: `${checkpoints}/best.safetensors`, maps, threads: input.threads ?? null },
    activations: imported.map((one) => ({ file: one.file, array: one.array, isTransposed: one.isTransposed, key: one.key })),
  });
  const fbns = header.volumes;
  const name = input.name ?? basename(input.file).replace(/\.nii(\.gz)?$/i, '');
  const settings = { method, name, maps: file, activations: input.dualRegression ? 'dual-regression' : 'imported' };
  const provenance = { engine: method, device: { actual: 'elsewhere' }, excludedVoxels: result.excludedVoxels };
  const subjects = [...new Set(imported.flatMap(({ subject }) => subject ?? []))];
  return database.transaction(() => {
    for (const { path, hash } of sources) addSource(database, path, hash);
    const inputs = { trainRuns: [], validationRuns: [], sources };
    const { id } = beginEmbedding(database, { key, variant: 'external', fbns, maskId: mask.id, settings, inputs, provenance });
    const stored = {
      ...{ bestEpoch: null, secondsPerEpoch: null, best: result.best, last: null, maps: result.maps },
      ...{ testSubjects: subjects, explainedVariance: null },
      ...(!input.dualRegression && { imported: imported.map(toStored) }),
    };
    completeEmbedding(database, id, stored, provenance);
    return findEmbedding(database, key)!;
  })();
}

function toStored({ key, subject, movieRun, timePoints }: PlannedActivation & { key: string }) {
  return { key, subject, movieRun, timePoints };
}
