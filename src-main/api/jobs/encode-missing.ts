import { existsSync } from 'node:fs';
import type { EncodeTask } from '../../../src-preload/shared/contract/compute-tasks';
import type { Device } from '../../../src-preload/shared/domain/engine';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { JobContext } from '../../jobs/queue';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { completeEmbedding, type Embedding } from '../../project/queries/embeddings';
import { listRuns, type Run } from '../../project/queries/runs';

/** Runs under the current mask, by the split. */
export interface RunParts {
  train: Run[];
  validation: Run[];
  /** Those whose activations are used: of the test subjects, or all where the split leaves none. */
  test: Run[];
}

/** @throws UserError where there is no run to train on */
export function chooseRuns({ database }: Project, warn: (message: string) => void): RunParts {
  const runs = listRuns(database).filter((run) => run.maskIsCurrent);
  const part = (split: string) => runs.filter((run) => run.split === split);
  const train = part('train');
  if (train.length === 0) {
    throw new UserError({
      code: 'earlier-step-missing',
      what: 'there are no runs to train on',
      remedy: 'import fMRI with `syncact import-fmri`, or change the split with `syncact split`',
    });
  }
  return { train, validation: part('validation'), test: runsToEncode(runs, warn) };
}

/** The test subjects' runs; a small project without test subjects is encoded on all of them. */
export function runsToEncode(runs: readonly Run[], warn: (message: string) => void): Run[] {
  const test = runs.filter((run) => run.split === 'test');
  if (test.length > 0) return test;
  warn('there are no test subjects: FBN activations are averaged over all subjects, training ones included');
  return [...runs];
}

export function toTaskRun(run: Run): { name: string; file: string } {
  return { name: `${run.subject} ${run.movieRun}`, file: run.file };
}

/**
 * Brings the FBN activations of an embedding up to date: of test runs imported since, or after activations.sqlite was deleted.
 */
export async function encodeMissing(
  embedding: Embedding,
  test: readonly Run[],
  place: { engine: EncodeTask['engine']; device: Device },
  { project, runTask }: JobContext,
): Promise<Embedding> {
  const cache = existsSync(project.activationsFile) ? ActivationCache.openReadOnly(project.activationsFile) : undefined;
  const missing = test.filter((run) => !cache?.hasFbnActivation(embedding.key, run.key));
  cache?.close();
  const result = { ...embedding.result!, testSubjects: [...new Set(test.map((run) => run.subject))] };
  if (missing.length > 0) {
    const { explainedVariance } = await runTask('encode', {
      ...{ project: project.folder, checkpoint: result.best.file, embeddingKey: embedding.key, ...place, threads: null },
      encode: missing.map((run) => ({ ...toTaskRun(run), key: run.key })),
    });
    if (missing.length === test.length) result.explainedVariance = explainedVariance;
  }
  completeEmbedding(project.database, embedding.id, result, embedding.provenance);
  return { ...embedding, result };
}
