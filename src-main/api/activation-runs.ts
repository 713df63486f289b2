import type { Embedding } from '../project/queries/embeddings';
import type { Run } from '../project/queries/runs';

/** FBN activations of an embedding over one movie run: of one subject, or a mean over subjects made elsewhere. */
export interface ActivationRun {
  /** What they are stored under, beside the embedding's key. */
  key: string;
  /** null: a mean over subjects. */
  subject: string | null;
  movieRun: string;
  timePoints: number;
}

/**
 * Where an embedding has its FBN activations from: what was imported with it, else the runs of its test subjects. They may not be
 * computed yet.
 */
export function activationRuns({ result }: Pick<Embedding, 'result'>, runs: readonly Run[]): ActivationRun[] {
  if (!result) return [];
  if (result.imported) return result.imported;
  const subjects = new Set(result.testSubjects);
  return runs
    .filter((run) => subjects.has(run.subject))
    .map(({ key, subject, movieRun, volumes }) => ({ key, subject, movieRun, timePoints: volumes }));
}
