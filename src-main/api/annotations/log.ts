import type { AnnotationEvent } from '../../../src-preload/shared/contract/annotations';
import { NOT_SAVED } from '../../../src-preload/shared/contract/annotation-views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { applyEvent, replay, type LogState } from '../../annotation/replay';
import { hashEvent, readEvent, type SealedEvent } from '../../annotation/sealing';
import { vocabularyOf, type Vocabulary } from '../../annotation/tags';
import { explainWriteError } from '../../project/database';
import type { Project } from '../../project/project';
import {
  appendAnnotationEvents,
  findAnnotationEvent,
  listAnnotationEvents,
  type StoredAnnotationEvent,
} from '../../project/queries/annotation-events';

type WithoutPlace<Event> = Event extends unknown ? Omit<Event, 'counter' | 'at'> : never;
/** An event before it has a place in the log. */
export type NewEvent = WithoutPlace<AnnotationEvent>;

/**
 * The annotation log of an open project and the state that it comes to. The log on the disk is the truth: the state is read from it
 * at the first use and changes only by what has been committed.
 */
export class AnnotationLog {
  private current: LogState;
  private words: Vocabulary | undefined;

  constructor(private readonly project: Project) {
    this.current = replay(listAnnotationEvents(project.database).map(({ content }) => JSON.parse(content) as AnnotationEvent));
  }

  get state(): LogState {
    return this.current;
  }

  get vocabulary(): Vocabulary {
    return (this.words ??= vocabularyOf(this.current));
  }

  /** Whether an event was committed before: whoever did not hear of it asks again under the same id. */
  has(id: string): boolean {
    return findAnnotationEvent(this.project.database, id) !== undefined;
  }

  /**
   * Commits events, all or none, with the next places of the log and the time; then they are part of the state.
   * @throws UserError when they could not be written: nothing has changed then
   */
  append(events: readonly NewEvent[]): void {
    const at = new Date().toISOString();
    const placed = events.map((event, i) => ({ ...event, at, counter: this.current.counter + 1 + i }) as AnnotationEvent);
    this.write(placed.map((event) => ({ event, hash: hashEvent(event) })));
    for (const event of placed) applyEvent(this.current, event);
    this.words = undefined;
  }

  /** Adds events of another log; those that are here already are left out. @returns how many were new */
  merge(events: readonly SealedEvent[]): number {
    const fresh = new Map<string, SealedEvent>();
    for (const sealed of events) {
      const { id } = sealed.event;
      const known = fresh.get(id)?.hash ?? findAnnotationEvent(this.project.database, id)?.hash;
      if (known !== undefined && known !== sealed.hash)
        throw new UserError({
          code: 'annotation-refused',
          what: 'two logs differ in what one event says',
          found: `event ${id}`,
          remedy: 'one was altered',
        });
      if (known === undefined) fresh.set(id, sealed);
    }
    this.write([...fresh.values()]);
    // Their places may be among those that are here: the state is made anew.
    const all = listAnnotationEvents(this.project.database).map(({ content }) => JSON.parse(content) as AnnotationEvent);
    this.current = replay(all);
    this.words = undefined;
    return fresh.size;
  }

  private write(sealed: readonly SealedEvent[]): void {
    const rows = sealed.map(({ event, hash }): StoredAnnotationEvent => {
      return { id: event.id, counter: event.counter, author: event.author, content: JSON.stringify(event), hash };
    });
    try {
      appendAnnotationEvents(this.project.database, rows);
    } catch (caught) {
      throw explainWriteError(caught, NOT_SAVED, this.project.path('project.sqlite'));
    }
  }
}

const logs = new WeakMap<Project, AnnotationLog>();

/** The one log of an open project. */
export function annotationLog(project: Project): AnnotationLog {
  let log = logs.get(project);
  if (!log) logs.set(project, (log = new AnnotationLog(project)));
  return log;
}

/** What is wrong with a project's log, one line each: content that does not match its hash, events in the wrong place. */
export function checkAnnotationLog({ database }: Project): { events: number; problems: string[] } {
  const problems: string[] = [];
  const rows = listAnnotationEvents(database);
  const groups = new Map<string, string>();
  for (const { id, counter, author, content, hash } of rows) {
    try {
      const { event } = readEvent(content, hash);
      if (event.id !== id || event.counter !== counter || event.author !== author)
        problems.push(`annotation event ${id}: its row says otherwise than its content`);
      if (event.kind !== 'undo' && event.kind !== 'redo') groups.set(event.group, event.author);
      else if (!groups.has(event.target)) problems.push(`annotation event ${id}: takes back what is not in the log`);
    } catch (caught) {
      problems.push(`annotation event ${id}: ${(caught as Error).message}`);
    }
  }
  return { events: rows.length, problems };
}
