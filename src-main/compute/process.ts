import type { FromCompute, ToCompute } from '../../src-preload/shared/contract/compute-messages';
import { toErrorReport } from '../../src-preload/shared/domain/errors';
import type { Progress, WorkContext } from '../../src-preload/shared/domain/work';

/** What a task's handler works with: a WorkContext, and a way to hand over finished parts. */
export interface TaskContext<Part = unknown> extends WorkContext {
  part(part: Part): void;
}

/** Does one kind of task. */
export type TaskHandler = (input: never, context: TaskContext<never>) => Promise<unknown>;

/** Progress messages closer together than this are dropped, but for a stage's last. */
const PROGRESS_INTERVAL_MILLISECONDS = 100;

/**
 * The compute process: waits for one task, does it, reports, ends. Ends too when the host is gone, so that a killed host leaves
 * no process behind; Ctrl-C reaches the whole process group and is the host's to handle.
 */
export function serveOneTask(handlers: Readonly<Record<string, TaskHandler>>): void {
  const canceller = new AbortController();
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message: ToCompute) => {
    if (message.type === 'cancel') canceller.abort();
    else void perform(handlers, message.task, message.input, canceller.signal);
  });
}

async function perform(
  handlers: Readonly<Record<string, TaskHandler>>,
  task: string,
  input: unknown,
  signal: AbortSignal,
): Promise<void> {
  try {
    const handler = handlers[task];
    if (!handler) throw new Error(`there is no task called "${task}"`);
    const result = await handler(input as never, createContext(signal) as TaskContext<never>);
    await send({ type: 'done', result });
  } catch (caught) {
    await send({ type: 'failed', error: toErrorReport(caught) });
  }
  process.disconnect();
  process.exit(0);
}

function createContext(signal: AbortSignal): TaskContext {
  let sentAt = -Infinity;
  return {
    signal,
    progress(progress: Progress) {
      const now = performance.now();
      if (now - sentAt < PROGRESS_INTERVAL_MILLISECONDS && progress.done !== progress.total) return;
      sentAt = now;
      void send({ type: 'progress', progress });
    },
    warn: (message) => void send({ type: 'warning', message }),
    part: (part) => void send({ type: 'part', part }),
  };
}

/** Resolves when the message has been handed to the operating system; messages arrive in the order sent. */
function send(message: FromCompute): Promise<void> {
  return new Promise((resolve) => process.send!(message, () => resolve()));
}
