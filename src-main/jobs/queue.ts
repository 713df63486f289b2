import { EventEmitter } from 'node:events';
import type { ZodType } from 'zod';
import type { TaskInput, TaskName, TaskPart, TaskResult } from '../../src-preload/shared/contract/compute-tasks';
import { CancelledError, toErrorReport, UserError, type ErrorReport } from '../../src-preload/shared/domain/errors';
import type { TimedProgress, WorkContext } from '../../src-preload/shared/domain/work';
import type { Project } from '../project/project';
import {
  addJob,
  readJob,
  setJobFinished,
  setJobProgress,
  setJobRunning,
  type JobRecord,
  type JobState,
} from '../project/queries/jobs';
import { runInComputeProcess } from './compute-process';
import { ProgressClock } from './progress-clock';

/** Bounds of a task that may hang. */
export interface TaskLimits {
  /** Its process is killed after so long. */
  limitMilliseconds: number;
}

/** Runs a task in a compute process as part of a job: cancelled with it, its progress the job's. */
export type TaskRunner = <Name extends TaskName>(
  task: Name,
  input: TaskInput<Name>,
  options?: ((part: TaskPart<Name>) => void) | TaskLimits,
) => Promise<TaskResult<Name>>;

/** What a job's handler works with. */
export interface JobContext extends WorkContext {
  project: Project;
  runTask: TaskRunner;
  /** Aborted when the user wants the result of what is done so far. */
  finishSignal: AbortSignal;
}

/** A kind of job: what it takes, and what it does. Everything it finishes is recorded before it returns. */
export interface JobDefinition<Input = unknown, Output = unknown> {
  type: string;
  /** Stored jobs are parsed by this before they run (again). */
  input: ZodType<Input>;
  run(input: Input, context: JobContext): Promise<Output>;
}

export interface JobEvents {
  progress: [{ id: number; type: string; progress: TimedProgress }];
  warning: [{ id: number; type: string; message: string }];
  changed: [{ id: number; type: string; state: JobState; error?: ErrorReport }];
}

/** What a job is told by. */
interface JobControls {
  cancel: AbortController;
  finish: AbortController;
}

/** A job under way. */
export interface StartedJob {
  id: number;
  /** Settles when the job has ended and its end is stored. */
  finished: Promise<unknown>;
}

/**
 * The jobs of one open project: stored before they are dispatched, run one after another (each may use all cores), and their
 * every change stored before it is told.
 */
export class JobQueue extends EventEmitter<JobEvents> {
  private readonly controls = new Map<number, JobControls>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly project: Project,
    private readonly definitions: ReadonlyMap<string, JobDefinition>,
  ) {
    super();
  }

  /** Stores a job and queues it. @throws UserError when its input is not what the job takes */
  start(type: string, input: unknown): StartedJob {
    const definition = this.definition(type);
    const parsed = parseJobInput(type, definition.input, input);
    const id = addJob(this.project.database, type, parsed);
    const controls = { cancel: new AbortController(), finish: new AbortController() };
    this.controls.set(id, controls);
    this.emit('changed', { id, type, state: 'queued' });
    const finished = this.last.then(() => this.run(id, definition, parsed, controls));
    // The next job waits for this one however it ends; whoever started it hears of its failure through `finished`.
    this.last = finished.catch(() => undefined);
    return { id, finished };
  }

  /** Starts an interrupted, failed or cancelled job again with the input it had; what it finished before is not done again. */
  resume(id: number): StartedJob {
    const job = readJob(this.project.database, id);
    if (!job) throw new UserError({ code: 'not-found', what: `there is no job ${id}` });
    return this.start(job.type, job.input);
  }

  /** Cancels a queued or running job; harmless when it has ended. */
  cancel(id: number): void {
    this.controls.get(id)?.cancel.abort();
  }

  /** Asks a queued or running job to end soon with what it has come to; one that cannot goes on. Harmless when it has ended. */
  finish(id: number): void {
    this.controls.get(id)?.finish.abort();
  }

  /** Cancels everything and waits until nothing runs any more. */
  async close(): Promise<void> {
    for (const { cancel } of this.controls.values()) cancel.abort();
    await this.last;
  }

  private definition(type: string): JobDefinition {
    const definition = this.definitions.get(type);
    if (!definition)
      throw new UserError({
        code: 'request-refused',
        what: `there is no kind of job called "${type}"`,
        expected: [...this.definitions.keys()].join(', '),
      });
    return definition;
  }

  private async run(id: number, definition: JobDefinition, input: unknown, controls: JobControls): Promise<unknown> {
    const { type } = definition;
    try {
      if (controls.cancel.signal.aborted) throw new CancelledError();
      setJobRunning(this.project.database, id);
      this.emit('changed', { id, type, state: 'running' });
      const output = await definition.run(input, this.context(id, type, controls));
      this.end(id, type, 'done');
      return output;
    } catch (caught) {
      const error = toErrorReport(caught);
      this.end(id, type, error.kind === 'cancelled' ? 'cancelled' : 'failed', error);
      throw caught;
    } finally {
      this.controls.delete(id);
    }
  }

  private end(id: number, type: string, state: JobState, error?: ErrorReport): void {
    setJobFinished(this.project.database, id, state, error);
    this.emit('changed', { id, type, state, ...(error && { error }) });
  }

  private context(id: number, type: string, { cancel, finish }: JobControls): JobContext {
    const [signal, finishSignal] = [cancel.signal, finish.signal];
    const clock = new ProgressClock();
    const warnings: string[] = [];
    let storedAt = -Infinity;
    const tell = (report: TimedProgress) => {
      const now = performance.now();
      if (now - storedAt > 1000) {
        storedAt = now;
        setJobProgress(this.project.database, id, report, warnings);
      }
      this.emit('progress', { id, type, progress: report });
    };
    const warn = (message: string) => {
      warnings.push(message);
      this.emit('warning', { id, type, message });
    };
    const progress: WorkContext['progress'] = (report) => tell(clock.update(report));
    const runTask: TaskRunner = (task, input, options) =>
      runInComputeProcess(task, input, {
        signal,
        finishSignal,
        ...{ warn, progress },
        ...(typeof options === 'function' ? { part: options as (part: unknown) => void } : options),
      }) as Promise<never>;
    return { project: this.project, runTask, signal, finishSignal, progress, warn };
  }
}

/** A job's settings as it takes them. @throws UserError that names the first that is not understood */
export function parseJobInput(type: string, schema: ZodType, input: unknown): unknown {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError({
    code: 'setting-invalid',
    what: `bad setting for ${type}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`,
  });
}

export type { JobRecord };
