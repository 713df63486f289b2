import { trainInput, type JobInput } from '../../src-preload/shared/contract/job-inputs';
import type { Project } from '../project/project';
import { listJobs } from '../project/queries/jobs';

/** Settings of the newest training that did not come to its end; none when there is no such training. */
export function trainingToResume({ database }: Project): JobInput<'train'> {
  const [newest] = listJobs(database).filter((job) => job.type === 'train');
  if (!newest || newest.state === 'done') return {};
  const stored = trainInput.safeParse(newest.input);
  // Older versions cut no runs, and their jobs do not say so.
  const crop = Object.hasOwn(newest.input as object, 'crop') ? {} : { crop: 'none' as const };
  return stored.success ? { ...stored.data, ...crop, keep: false } : {};
}
