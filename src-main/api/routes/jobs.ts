import { jobInputs } from '../../../src-preload/shared/contract/job-inputs';
import { parseJobInput } from '../../jobs/queue';
import { listJobs } from '../../project/queries/jobs';
import { toJobView } from '../job-view';
import { checkPaths } from '../path-access';
import type { RouteHandlers } from '../requests';

export const jobRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `jobs.${string}`>> = {
  'jobs.list': (_input, workstation) =>
    listJobs(workstation.project.project.database).map((job) => toJobView(job, workstation.progressOf(job.id))),
  'jobs.start': ({ type, input }, workstation) => {
    const settings = parseJobInput(type, jobInputs[type], input);
    checkPaths(jobInputs[type], settings, workstation.options.paths);
    return { id: workstation.startJob(type, settings) };
  },
  'jobs.cancel': ({ id }, workstation) => {
    workstation.project.jobs.cancel(id);
    return null;
  },
  'jobs.finish': ({ id }, workstation) => {
    workstation.project.jobs.finish(id);
    return null;
  },
  'jobs.resume': ({ id }, workstation) => {
    const { id: resumed, finished } = workstation.project.jobs.resume(id);
    finished.catch(() => undefined);
    return { id: resumed };
  },
};
