import type { ErrorReport } from '../domain/errors';
import type { Progress } from '../domain/work';

/** What the host tells a compute process. */
export type ToCompute = { type: 'start'; task: string; input: unknown } | { type: 'cancel' } | { type: 'finish' };

/** What a compute process tells the host. After `done` or `failed` it ends. */
export type FromCompute =
  | { type: 'progress'; progress: Progress }
  | { type: 'warning'; message: string }
  | { type: 'part'; part: unknown }
  | { type: 'done'; result: unknown }
  | { type: 'failed'; error: ErrorReport };
