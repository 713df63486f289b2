import { readFileSync } from 'node:fs';
import { KnownFault } from '../../src-preload/shared/domain/errors';
import { memoryRemedy, outOfMemory, saidOutOfMemory } from '../../src-preload/shared/domain/out-of-memory';

/** Bytes of the error output that are kept: the last ones. */
const KEPT = 4000;

/** Watches a compute process from its start, to say of its death what a person can understand. */
export class ComputeDeath {
  private output = '';
  /** V8 says it first, and then prints all functions that were at work. */
  private memoryLine: string | undefined;
  private readonly killsBefore: number;

  /** @param countKills how many processes the system has killed for want of memory */
  constructor(private readonly countKills = killsForMemory) {
    this.killsBefore = countKills();
  }

  /** More of the error output. */
  hear(text: string): void {
    this.output += text;
    this.memoryLine ??= saidOutOfMemory(this.output);
    this.output = this.output.slice(-KEPT);
  }

  /** Why the process ended without a result. */
  explain(task: string, code: number | null, signal: NodeJS.Signals | null): Error {
    if (this.memoryLine !== undefined) return outOfMemory(task, this.memoryLine);
    if (signal === 'SIGKILL' && this.countKills() > this.killsBefore)
      return outOfMemory(task, 'its process killed by the system, for want of memory');
    const how = signal ? `was killed (${signal})` : `ended with exit code ${code}`;
    const hint = signal === 'SIGKILL' ? `; if memory ran out: ${memoryRemedy(task)}` : '';
    const lastLine = this.output.trim().split('\n').at(-1);
    return new KnownFault('compute-ended', `the compute process of "${task}" ${how}${hint}${lastLine ? `: ${lastLine}` : ''}`);
  }
}

/** Linux counts them; elsewhere nobody does. */
function killsForMemory(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
