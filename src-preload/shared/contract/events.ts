import type { TimedProgress } from '../domain/work';
import type { JobView } from './views';

/** Parts of a project that may have changed; a screen asks again for what it shows. */
export type Topic = 'data' | 'movies' | 'models' | 'embeddings' | 'couplings' | 'semantics' | 'figures' | 'undo';

/** What a menu item, an accelerator of the menu, or a dropped folder asks of the renderer. */
export type MenuAction =
  | 'open-project'
  | 'new-project'
  | 'close-project'
  | 'search'
  | 'undo'
  | 'jobs'
  | 'keys'
  | 'about'
  | 'diagnostics'
  | 'errors'
  | `go:${'overview' | 'data' | 'movies' | 'models' | 'embedding' | 'fbns' | 'coupling' | 'semantics' | 'curate' | 'report' | 'figures'}`;

/** What the host tells every window (types only: the host is trusted). */
export interface HostEvents {
  /** Another project is open, or none; the list of recent ones changed. */
  'app.changed': { folder: string | null };
  'project.changed': { topics: Topic[] };
  /** Something was added to the log of annotations; `counter` is that of its last event. */
  'annotations.changed': { counter: number };
  'job.changed': { job: JobView };
  'job.progress': { id: number; type: string; progress: TimedProgress };
  'job.warning': { id: number; type: string; message: string };
  menu: { action: MenuAction };
  /** Something the user should know: a window came back after a crash, a project could not be opened. */
  notice: { kind: 'info' | 'failure'; message: string };
}

export const hostEventNames = [
  'app.changed',
  'project.changed',
  'annotations.changed',
  'job.changed',
  'job.progress',
  'job.warning',
  'menu',
  'notice',
] as const satisfies readonly (keyof HostEvents)[];

/** What changes where sources are found at another place. */
export const sourceTopics: Topic[] = ['data', 'movies', 'models', 'embeddings', 'semantics'];
