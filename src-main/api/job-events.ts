import { sourceTopics, type HostEvents, type Topic } from '../../src-preload/shared/contract/events';
import type { TimedProgress } from '../../src-preload/shared/domain/work';
import { readJob } from '../project/queries/jobs';
import type { OpenProject } from './application';
import { toJobView } from './job-view';

/** Where events go. */
export interface EventSink {
  emit<Name extends keyof HostEvents>(event: Name, detail: HostEvents[Name]): void;
}

/** What each kind of job makes. */
const topicsOf: Record<string, Topic[]> = {
  'import-fmri': ['data', 'movies'],
  'import-movie': ['movies'],
  'import-model': ['models'],
  'random-model': ['models'],
  train: ['embeddings'],
  decompose: ['embeddings'],
  'import-embedding': ['embeddings'],
  assess: ['embeddings'],
  extract: ['models'],
  'merge-shards': ['models'],
  couple: ['couplings', 'embeddings'],
  analyse: ['couplings'],
  compare: ['couplings'],
  'measure-pairs': ['couplings'],
  'import-terms': ['semantics'],
  decode: ['semantics'],
  'import-labels': ['semantics'],
  'filter-images': ['semantics'],
  dissect: ['semantics'],
  relink: sourceTopics,
  phantom: ['data', 'movies', 'models', 'embeddings', 'couplings', 'semantics'],
};
const PROGRESS_INTERVAL_MS = 200;
/** While a job runs, screens ask again no more often than this. */
const CHANGE_INTERVAL_MS = 2000;

/** Tells windows what the jobs of an open project do, seldom enough not to drown them. */
export class JobEventRelay {
  private readonly latest = new Map<number, TimedProgress>();
  private readonly running = new Set<number>();
  private toldAt = 0;
  private changedAt = 0;

  constructor(
    open: OpenProject,
    private readonly sink: EventSink,
  ) {
    open.jobs.on('progress', ({ id, type, progress }) => this.progress(id, type, progress));
    open.jobs.on('warning', (warning) => sink.emit('job.warning', warning));
    open.jobs.on('changed', ({ id, type, state }) => {
      const ended = state !== 'queued' && state !== 'running';
      if (ended) {
        this.running.delete(id);
        this.latest.delete(id);
      } else this.running.add(id);
      const job = readJob(open.project.database, id);
      if (job) sink.emit('job.changed', { job: toJobView(job, this.progressOf(id)) });
      if (ended) sink.emit('project.changed', { topics: topicsOf[type] ?? [] });
    });
  }

  /** Jobs queued or running. */
  get active(): number {
    return this.running.size;
  }

  progressOf(id: number): TimedProgress | null {
    return this.latest.get(id) ?? null;
  }

  private progress(id: number, type: string, progress: TimedProgress): void {
    this.latest.set(id, progress);
    const now = performance.now();
    if (now - this.toldAt >= PROGRESS_INTERVAL_MS) {
      this.toldAt = now;
      this.sink.emit('job.progress', { id, type, progress });
    }
    if (now - this.changedAt >= CHANGE_INTERVAL_MS) {
      this.changedAt = now;
      this.sink.emit('project.changed', { topics: topicsOf[type] ?? [] });
    }
  }
}
