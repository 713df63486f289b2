import type { ErrorReport } from '../domain/errors';
import type { Progress } from '../domain/work';

/** What the host tells a compute process; one that is to stay waits for the next task when it is done with one. */
export type ToCompute = { type: 'start'; task: string; input: unknown; stay?: boolean } | { type: 'cancel' } | { type: 'finish' };

/** What a compute process tells the host. After `done` or `failed` it ends, unless it was told to stay. */
export type FromCompute =
  | { type: 'progress'; progress: Progress }
  | { type: 'warning'; message: string }
  | { type: 'part'; part: unknown }
  | { type: 'done'; result: unknown }
  | { type: 'failed'; error: ErrorReport };
