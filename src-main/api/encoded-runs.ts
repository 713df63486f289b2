import type { AssessTask } from '../../src-preload/shared/contract/compute-tasks';
import { ActivationCache } from '../project/activation-cache';
import type { Project } from '../project/project';
import type { Embedding } from '../project/queries/embeddings';
import { listMovieRuns } from '../project/queries/movie-runs';
import { listRuns } from '../project/queries/runs';
import { activationRuns } from './activation-runs';
import { toTaskRun } from './jobs/encode-missing';

/**
 * The activations that are there, with the scans they are measured by (a mean over subjects by those of all test subjects) and the
 * time points that count.
 */
export function encodedRuns(project: Project, embedding: Embedding): AssessTask['runs'] {
  const { database } = project;
  const lengths = new Map(listMovieRuns(database).map(({ name, timePoints }) => [name, timePoints]));
  const scans = listRuns(database).filter((run) => run.maskIsCurrent);
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return activationRuns(embedding, scans)
      .filter(({ key }) => cache.hasFbnActivation(embedding.key, key))
      .flatMap(({ key, subject, movieRun, timePoints }): AssessTask['runs'] => {
        const ofMovieRun = scans.filter((run) => run.movieRun === movieRun && run.volumes === timePoints);
        const used = ofMovieRun.filter((run) => (subject === null ? run.split === 'test' : run.subject === subject));
        const shared = { subject, key, movieRun, timePoints: Math.min(timePoints, lengths.get(movieRun) ?? timePoints) };
        if (used.length === 0) return [{ ...shared, name: `${subject ?? 'mean'} ${movieRun}`, file: null }];
        return used.map((run) => ({ ...shared, ...toTaskRun(run) }));
      });
  } finally {
    cache.close();
  }
}
