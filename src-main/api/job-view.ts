import type { JobView } from '../../src-preload/shared/contract/views';
import type { TimedProgress } from '../../src-preload/shared/domain/work';
import type { JobRecord } from '../project/queries/jobs';

/** A job as windows show it. @param progress the latest one in memory; the stored one is older */
export function toJobView(job: JobRecord, progress: TimedProgress | null): JobView {
  return { ...job, progress: progress ?? (job.state === 'running' ? (job.progress as TimedProgress | null) : null) };
}
