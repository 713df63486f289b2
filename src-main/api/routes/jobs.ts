import { listJobs } from '../../project/queries/jobs';
import { toJobView } from '../job-view';
import type { RouteHandlers } from '../requests';
import type { Workstation } from '../workstation';

export const jobRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `jobs.${string}`>> = {
  'jobs.list': (_input, workstation) =>
    listJobs(workstation.project.project.database).map((job) => toJobView(job, workstation.progressOf(job.id))),
  'jobs.start': ({ type, input }, workstation) => {
    checkPaths(input, workstation);
    return { id: workstation.startJob(type, input) };
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

/** Names of settings that hold paths, wherever they lie in a job's input. */
const pathNames = new Set(['bids', 'files', 'mask', 'like', 'video', 'folder', 'file', 'table', 'template']);

/** Refuses a job whose input names a path that the renderer may not name. */
export function checkPaths(input: unknown, workstation: Workstation): void {
  if (typeof input !== 'object' || input === null) return;
  for (const [name, value] of Object.entries(input)) {
    const texts = [value].flat().filter((one): one is string => typeof one === 'string');
    if (pathNames.has(name)) for (const text of texts) workstation.options.paths.check(text);
    else checkPaths(value, workstation);
  }
}
