import type { FromCompute, ToCompute } from '../../src-preload/shared/contract/compute-messages';
import type { TaskInput, TaskName, TaskPart, TaskResult } from '../../src-preload/shared/contract/compute-tasks';
import { toErrorReport, UserError } from '../../src-preload/shared/domain/errors';
import { outOfMemory, saidOutOfMemory } from '../../src-preload/shared/domain/out-of-memory';
import type { Progress, WorkContext } from '../../src-preload/shared/domain/work';

/** What a task's handler works with: a WorkContext, and a way to hand over finished parts. */
export interface TaskContext<Part = unknown> extends WorkContext {
  part(part: Part): void;
}

/** Does one kind of task. */
export type TaskHandler<Name extends TaskName> = (
  input: TaskInput<Name>,
  context: TaskContext<TaskPart<Name>>,
) => Promise<TaskResult<Name>>;

/** How to load the handler of every task of the contract; a missing one does not compile. */
export type TaskLoaders = { readonly [Name in TaskName]: () => Promise<TaskHandler<Name>> };

/** Progress messages closer together than this are dropped, but for a stage's last. */
const PROGRESS_INTERVAL_MILLISECONDS = 100;

/**
 * The compute process: waits for one task, does it, reports, ends (or waits for the next, where it is to stay). Ends too when the host is gone, so that a killed host leaves
 * no process behind; Ctrl-C reaches the whole process group and is the host's to handle.
 */
export function serveOneTask(loaders: TaskLoaders): void {
  const canceller = new AbortController();
  const finisher = new AbortController();
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message: ToCompute) => {
    if (message.type === 'cancel') canceller.abort();
    else if (message.type === 'finish') finisher.abort();
    else void perform(loaders, message, createContext(canceller.signal, finisher.signal));
  });
}

type Start = Extract<ToCompute, { type: 'start' }>;

async function perform(loaders: TaskLoaders, { task, input, stay }: Start, context: TaskContext): Promise<void> {
  try {
    if (!Object.hasOwn(loaders, task)) throw new Error(`there is no task called "${task}"`);
    const handler = (await loaders[task as TaskName]()) as (input: unknown, context: TaskContext) => Promise<unknown>;
    const result = await handler(input, context);
    await send({ type: 'done', result });
  } catch (caught) {
    await send({ type: 'failed', error: toErrorReport(explain(task, caught)) });
  }
  if (stay) return;
  process.disconnect();
  process.exit(0);
}

/** An allocation that failed is said to be one, whoever made it. */
function explain(task: string, caught: unknown): unknown {
  if (!(caught instanceof Error) || caught instanceof UserError) return caught;
  const said = saidOutOfMemory(`${'code' in caught ? `${String(caught.code)}: ` : ''}${caught.message}`);
  return said === undefined ? caught : outOfMemory(task, said);
}

function createContext(signal: AbortSignal, finishSignal: AbortSignal): TaskContext {
  let sentAt = -Infinity;
  return {
    signal,
    finishSignal,
    progress(progress: Progress) {
      const now = performance.now();
      if (now - sentAt < PROGRESS_INTERVAL_MILLISECONDS && progress.done !== progress.total) return;
      sentAt = now;
      void send({ type: 'progress', progress: { ...progress, memoryBytes: process.memoryUsage.rss() } });
    },
    warn: (message) => void send({ type: 'warning', message }),
    part: (part) => void send({ type: 'part', part }),
  };
}

/** Resolves when the message has been handed to the operating system; messages arrive in the order sent. */
function send(message: FromCompute): Promise<void> {
  return new Promise((resolve) => process.send!(message, () => resolve()));
}
