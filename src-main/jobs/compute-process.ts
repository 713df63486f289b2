import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FromCompute, ToCompute } from '../../src-preload/shared/contract/compute-messages';
import { CancelledError, fromErrorReport, KnownFault } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { ComputeDeath } from './compute-death';

export interface ComputeOptions extends WorkContext {
  /** A piece of the result that is finished and may be recorded now: a run imported, an epoch trained. */
  part?(part: unknown): void;
  /** Time between asking a process to stop and killing it. ONNX Runtime cannot be interrupted within a batch. */
  graceMilliseconds?: number;
  /** The process is killed after so long, and the task has failed. */
  limitMilliseconds?: number;
  /** The compute entry; another one in tests. */
  entry?: string;
}

/**
 * Runs one task in a compute process of its own and waits for its result. The process is plain Node (never the Electron binary,
 * whose allocator caps native allocations); it may crash or be killed without the host noticing more than a failed task.
 * @throws what the task threw; CancelledError when the signal was aborted; an Error with the reason when the process died
 */
export function runInComputeProcess(task: string, input: unknown, options: ComputeOptions): Promise<unknown> {
  if (options.signal.aborted) return Promise.reject(new CancelledError());
  const child = forkCompute(options.entry);
  const death = new ComputeDeath();
  child.stderr!.on('data', (chunk: Buffer) => death.hear(chunk.toString()));
  const stopListening = listenTo(child, options);
  const limit = options.limitMilliseconds;
  let isOverdue = false;
  const overdue = limit === undefined ? undefined : setTimeout(() => (isOverdue = child.kill('SIGKILL')), limit);
  return new Promise<unknown>((resolve, reject) => {
    // The first outcome counts; it is told when the process is gone.
    let settle: (() => void) | undefined;
    child.on('message', (message: FromCompute) => {
      if (message.type === 'progress') options.progress(message.progress);
      else if (message.type === 'warning') options.warn(message.message);
      else if (message.type === 'done') settle ??= () => resolve(message.result);
      else if (message.type === 'failed') settle ??= () => reject(fromErrorReport(message.error));
      else {
        try {
          options.part?.(message.part);
        } catch (caught) {
          // The part could not be recorded (disk full, say): the task is of no use any more.
          settle ??= () => reject(caught);
          child.kill('SIGKILL');
        }
      }
    });
    child.on('error', (caught) => (settle ??= () => reject(caught)));
    // 'close' comes after the last message and the last error output.
    child.on('close', (code, signal) => {
      stopListening();
      clearTimeout(overdue);
      if (settle) settle();
      else if (options.signal.aborted) reject(new CancelledError());
      else if (isOverdue) reject(new KnownFault('compute-ended', `no answer within ${limit! / 1000} s`));
      else reject(death.explain(task, code, signal));
    });
    child.send({ type: 'start', task, input } satisfies ToCompute);
    if (options.finishSignal?.aborted) child.send({ type: 'finish' } satisfies ToCompute);
  });
}

/** Starts a compute process, which waits for a task. @param entry another compute entry, in tests */
export function forkCompute(entry = defaultEntry()): ChildProcess {
  return fork(entry, [], {
    execPath: nodeBinary(),
    execArgv: ['--enable-source-maps'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** Tells the child to stop or to finish when the signals are aborted; one that does not stop is killed after the grace period. */
function listenTo(child: ChildProcess, { signal, finishSignal, graceMilliseconds = 10_000 }: ComputeOptions): () => void {
  let timer: NodeJS.Timeout | undefined;
  const tell = (message: ToCompute) => void (child.connected && child.send(message));
  const cancel = () => {
    tell({ type: 'cancel' });
    timer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
  };
  const finish = () => tell({ type: 'finish' });
  signal.addEventListener('abort', cancel, { once: true });
  finishSignal?.addEventListener('abort', finish, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    finishSignal?.removeEventListener('abort', finish);
  };
}

/** The built compute entry lies beside the built entry that is running (or in out/main when run from sources, in tests). */
function defaultEntry(): string {
  const beside = join(import.meta.dirname, 'compute.js');
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../out/main/compute.js');
}

/** Plain Node: this process's own binary, or inside Electron the one that the node package brings. */
function nodeBinary(): string {
  if (!process.versions.electron) return process.execPath;
  const platformPackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  return require.resolve(`${platformPackage}/bin/node${process.platform === 'win32' ? '.exe' : ''}`);
}
