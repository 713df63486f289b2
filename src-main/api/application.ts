import { jobInputs } from '../../src-preload/shared/contract/job-inputs';
import type { JobInput, JobType } from '../../src-preload/shared/contract/job-inputs';
import { JobQueue, type JobDefinition, type StartedJob } from '../jobs/queue';
import { backUp } from '../project/backups';
import { createProject, openProject, openProjectReadOnly, type Project } from '../project/project';
import { jobHandlers, type JobOutput } from './jobs';
import { tellingWhereSourcesAre } from './moved-sources';
import { programVersion } from './version';

/** Between backups of a project that stays open. */
const BACKUP_MILLISECONDS = 60 * 60_000;

/** Every kind of job with its schema and handler, as the queue wants them. */
const definitions: ReadonlyMap<string, JobDefinition> = new Map(
  (Object.keys(jobInputs) as JobType[]).map((type) => [
    type,
    { type, input: jobInputs[type], run: tellingWhereSourcesAre(jobHandlers[type]) } as unknown as JobDefinition,
  ]),
);

/** A project open for writing, with its jobs. The three entries (desktop, browser host, command line) all work through this. */
export class OpenProject {
  readonly jobs: JobQueue;
  private readonly timer = setInterval(() => void this.backUp(), BACKUP_MILLISECONDS).unref();
  private backup: Promise<void> = Promise.resolve();

  private constructor(
    readonly project: Project,
    private readonly tellTrouble: (message: string) => void = () => undefined,
  ) {
    this.jobs = new JobQueue(project, definitions);
  }

  /**
   * @param program who opens it, told to a second opener: "syncact train"
   * @param tellTrouble hears why the project could not be backed up; work goes on all the same
   */
  static open(folder: string, program: string, tellTrouble?: (message: string) => void): OpenProject {
    const open = new OpenProject(openProject(folder, program), tellTrouble);
    void open.backUp();
    return open;
  }

  static create(folder: string, program: string, tellTrouble?: (message: string) => void): OpenProject {
    return new OpenProject(createProject(folder, program, programVersion), tellTrouble);
  }

  /** Copies the database, unless that was done in the last minutes. */
  private backUp(): Promise<void> {
    return (this.backup = this.backup.then(async () => {
      try {
        await backUp(this.project);
      } catch (caught) {
        this.tellTrouble(`The project could not be backed up: ${caught instanceof Error ? caught.message : String(caught)}`);
      }
    }));
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
    clearInterval(this.timer);
    await this.jobs.close();
    await this.backUp();
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
