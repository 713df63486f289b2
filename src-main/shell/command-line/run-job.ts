import { OpenProject } from '../../api/application';
import type { JobOutput } from '../../api/jobs';
import type { JobInput, JobType } from '../../../src-preload/shared/contract/job-inputs';
import type { CommandContext } from './run-command';

/** Opens a project for writing, does something with it, and lets it go whatever happens. */
export async function withOpenProject<Result>(
  folder: string,
  command: string,
  use: (open: OpenProject) => Promise<Result>,
): Promise<Result> {
  const open = OpenProject.open(folder, `syncact ${command}`);
  try {
    return await use(open);
  } finally {
    await open.close();
  }
}

/** Runs one job to its end with progress on the terminal; Ctrl-C cancels it. */
export async function runJob<Type extends JobType>(
  open: OpenProject,
  type: Type,
  input: JobInput<Type>,
  { signal, display }: CommandContext,
): Promise<JobOutput<Type>> {
  const { jobs } = open;
  const job = open.start(type, input);
  const onProgress = (event: { progress: Parameters<typeof display.update>[0] }) => display.update(event.progress);
  const onWarning = (event: { message: string }) => display.note(`warning: ${event.message}`);
  const cancel = () => jobs.cancel(job.id);
  jobs.on('progress', onProgress).on('warning', onWarning);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await job.finished;
  } finally {
    jobs.off('progress', onProgress).off('warning', onWarning);
    signal.removeEventListener('abort', cancel);
    display.end();
  }
}
