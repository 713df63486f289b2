import { jobInputs } from '../../src-preload/shared/contract/job-inputs';
import type { JobInput, JobType } from '../../src-preload/shared/contract/job-inputs';
import { JobQueue, type JobDefinition, type StartedJob } from '../jobs/queue';
import { createProject, openProject, openProjectReadOnly, type Project } from '../project/project';
import { jobHandlers, type JobOutput } from './jobs';
import { programVersion } from './version';

/** Every kind of job with its schema and handler, as the queue wants them. */
const definitions: ReadonlyMap<string, JobDefinition> = new Map(
  (Object.keys(jobInputs) as JobType[]).map((type) => [
    type,
    { type, input: jobInputs[type], run: jobHandlers[type] } as unknown as JobDefinition,
  ]),
);

/** A project open for writing, with its jobs. The three entries (desktop, browser host, command line) all work through this. */
export class OpenProject {
  readonly jobs: JobQueue;

  private constructor(readonly project: Project) {
    this.jobs = new JobQueue(project, definitions);
  }

  /** @param program who opens it, told to a second opener: "syncact train" */
  static open(folder: string, program: string): OpenProject {
    return new OpenProject(openProject(folder, program));
  }

  static create(folder: string, program: string): OpenProject {
    return new OpenProject(createProject(folder, program, programVersion));
  }

  /** Stores and queues a job. @throws UserError when the input is not what this kind of job takes */
  start<Type extends JobType>(
    type: Type,
    input: JobInput<Type>,
  ): Omit<StartedJob, 'finished'> & { finished: Promise<JobOutput<Type>> } {
    return this.jobs.start(type, input) as ReturnType<typeof this.start<Type>>;
  }

  /** Cancels what runs, waits for it to end, and lets the project go. */
  async close(): Promise<void> {
    await this.jobs.close();
    this.project.close();
  }
}

/** Does something with a project that only reads, also while another process writes it. */
export async function withProjectReadOnly<Result>(
  folder: string,
  use: (project: Project) => Result | Promise<Result>,
): Promise<Result> {
  const project = openProjectReadOnly(folder);
  try {
    return await use(project);
  } finally {
    project.close();
  }
}
