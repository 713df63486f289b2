import { v7 as newId } from 'uuid';
import { shallowRef, type ShallowRef } from 'vue';
import type { RouteInput, RouteOutputs } from '../../../src-preload/shared/contract/routes';
import { codeOfError } from '../../../src-preload/shared/domain/errors';
import { isPassing } from '../../api/failures';
import { request } from '../../api/host';

/** Routes that write to the log, each under an id that makes asking twice harmless. */
export type WritingRoute =
  | 'annotations.decide'
  | 'annotations.decideMany'
  | 'annotations.adjudicate'
  | 'annotations.step'
  | 'annotations.tag'
  | 'annotations.saveFilter';

type ItemOf<Name extends WritingRoute> = Name extends unknown ? { route: Name; input: RouteInput<Name>; what: string } : never;
/** An action on its way to the log, with what it is in words. */
export type OutboxItem = ItemOf<WritingRoute>;

const FIRST_WAIT = 400;
const LONGEST_WAIT = 4000;

/** Who is told how an action went. */
export interface OutboxListener {
  /** The action is committed. */
  saved(item: OutboxItem, answer: RouteOutputs[WritingRoute]): void;
  /** The host refuses it for good (it was never possible); it is dropped. */
  refused(item: OutboxItem, error: Error): void;
}

/**
 * Actions on their way to the log, one after another in their order. They are kept in the window's storage until the host has
 * committed them: a reload, or a host that was killed, loses none. What cannot be written is tried again until it can.
 */
export class Outbox {
  readonly items: ShallowRef<readonly OutboxItem[]>;
  /** Why what waits is not saved; undefined while all is well. */
  readonly trouble = shallowRef<Error>();
  readonly lastSaved = shallowRef<{ id: string; what: string; at: string }>();
  private readonly own: string;
  private isBusy = false;
  private isGone = false;
  private wait = FIRST_WAIT;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param place name in the storage: one for each project */
  constructor(
    place: string,
    private readonly listener: OutboxListener,
  ) {
    this.own = `${place} ${windowName()}`;
    this.items = shallowRef(adoptItems(place, this.own));
    void this.send();
  }

  put(item: OutboxItem): void {
    this.keep([...this.items.value, item]);
    void this.send();
  }

  /** Tries at once what waits. */
  retry(): void {
    void this.send();
  }

  /** Gives up the first of what waits. */
  discard(): void {
    this.drop();
    this.trouble.value = undefined;
    void this.send();
  }

  /** Sends nothing more; what waits stays in the storage. */
  close(): void {
    this.isGone = true;
    clearTimeout(this.timer);
  }

  private async send(): Promise<void> {
    const [item] = this.items.value;
    if (this.isBusy || this.isGone || !item) return;
    clearTimeout(this.timer);
    this.isBusy = true;
    try {
      const answer = await request(item.route, item.input as never);
      this.drop();
      this.trouble.value = undefined;
      this.wait = FIRST_WAIT;
      this.lastSaved.value = { id: item.input.id, what: item.what, at: new Date().toISOString() };
      this.listener.saved(item, answer as RouteOutputs[WritingRoute]);
    } catch (caught) {
      const error = caught instanceof Error ? caught : new Error(String(caught));
      if (mayWorkLater(error)) return this.tryLater(error);
      this.drop();
      this.listener.refused(item, error);
    }
    this.isBusy = false;
    void this.send();
  }

  private tryLater(error: Error): void {
    this.isBusy = false;
    this.trouble.value = error;
    this.timer = setTimeout(() => void this.send(), this.wait);
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }

  private drop(): void {
    this.keep(this.items.value.slice(1));
  }

  private keep(items: readonly OutboxItem[]): void {
    this.items.value = items;
    try {
      if (items.length > 0) localStorage.setItem(this.own, JSON.stringify(items));
      else localStorage.removeItem(this.own);
    } catch {
      // The window's storage is full: the actions are still here, and are sent all the same.
    }
  }
}

/** Whether it is the disk, the lock or the connection that stands in the way, and not the action itself. */
export function mayWorkLater(error: Error): boolean {
  return isPassing(error) || codeOfError(error) === 'annotation-unsaved';
}

/** A name that a window keeps over reloads. */
function windowName(): string {
  const known = sessionStorage.getItem('syncact-window') ?? newId();
  sessionStorage.setItem('syncact-window', known);
  return known;
}

/**
 * What this window, and windows that are gone, have left. One that is still there keeps its own in memory: what is sent by both is
 * written once.
 */
function adoptItems(place: string, own: string): OutboxItem[] {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(`${place} `));
  const found = new Map<string, OutboxItem>();
  for (const name of names.sort()) {
    for (const item of parseItems(localStorage.getItem(name))) found.set(item.input.id, item);
  }
  // Ids rise with time.
  const items = [...found.values()].sort((a, b) => (a.input.id < b.input.id ? -1 : 1));
  if (items.length > 0) localStorage.setItem(own, JSON.stringify(items));
  for (const name of names) if (name !== own) localStorage.removeItem(name);
  return items;
}

function parseItems(text: string | null): OutboxItem[] {
  try {
    return JSON.parse(text ?? '[]') as OutboxItem[];
  } catch {
    return [];
  }
}
