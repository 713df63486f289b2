import type { ChildProcess } from 'node:child_process';
import type { FromCompute, ToCompute } from '../../src-preload/shared/contract/compute-messages';
import type { TaskInput, TaskName, TaskResult } from '../../src-preload/shared/contract/compute-tasks';
import { CancelledError, fromErrorReport } from '../../src-preload/shared/domain/errors';
import { ComputeDeath } from './compute-death';
import { forkCompute } from './compute-process';

/** A process that nothing was asked of for so long is ended: it holds a model in memory. */
const IDLE_MILLISECONDS = 60_000;
/** Who asks for more than this at once has gone on since: the oldest are dropped. */
const LONGEST_QUEUE = 64;

interface Asked {
  task: string;
  input: unknown;
  signal: AbortSignal | undefined;
  resolve(result: unknown): void;
  reject(caught: unknown): void;
}

/**
 * A compute process that stays for a while, for short questions that a person waits for: what was loaded for one answer is there for
 * the next. Questions are answered one after another; those whose asker has gone are passed over.
 */
export class ComputeService {
  private child: ChildProcess | undefined;
  private current: Asked | undefined;
  private readonly queue: Asked[] = [];
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly options: { entry?: string; idleMilliseconds?: number } = {}) {}

  ask<Name extends TaskName>(task: Name, input: TaskInput<Name>, signal?: AbortSignal): Promise<TaskResult<Name>> {
    const answer = new Promise<unknown>((resolve, reject) => this.queue.push({ task, input, signal, resolve, reject }));
    if (this.queue.length > LONGEST_QUEUE) this.queue.shift()!.reject(new CancelledError());
    this.next();
    return answer as Promise<TaskResult<Name>>;
  }

  /** Ends the process; questions not answered yet are refused. */
  close(): void {
    for (const asked of this.queue.splice(0)) asked.reject(new CancelledError());
    this.end();
  }

  private next(): void {
    if (this.current) return;
    clearTimeout(this.idle);
    const asked = this.queue.shift();
    if (!asked) {
      this.idle = setTimeout(() => this.end(), this.options.idleMilliseconds ?? IDLE_MILLISECONDS);
      this.idle.unref();
      return;
    }
    if (asked.signal?.aborted) {
      asked.reject(new CancelledError());
      return this.next();
    }
    this.current = asked;
    this.child ??= this.start();
    this.child.send({ type: 'start', task: asked.task, input: asked.input, stay: true } satisfies ToCompute);
  }

  private start(): ChildProcess {
    const child = forkCompute(this.options.entry);
    const death = new ComputeDeath();
    child.stderr!.on('data', (chunk: Buffer) => death.hear(chunk.toString()));
    child.on('message', (message: FromCompute) => {
      if (message.type === 'done') this.settle((asked) => asked.resolve(message.result));
      else if (message.type === 'failed') this.settle((asked) => asked.reject(fromErrorReport(message.error)));
    });
    child.on('error', () => {});
    child.on('close', (code, signal) => {
      if (this.child && this.child !== child) return;
      this.child = undefined;
      this.settle((asked) => asked.reject(death.explain(asked.task, code, signal)));
    });
    // The program may end while it idles.
    child.unref();
    child.channel?.unref();
    return child;
  }

  private settle(how: (asked: Asked) => void): void {
    const asked = this.current;
    if (!asked) return;
    this.current = undefined;
    how(asked);
    this.next();
  }

  private end(): void {
    const { child } = this;
    this.child = undefined;
    child?.kill('SIGKILL');
  }
}
