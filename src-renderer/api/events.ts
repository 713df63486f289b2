import type { HostEvents } from '../../src-preload/shared/contract/events';

type Callback<Name extends keyof HostEvents> = (detail: HostEvents[Name]) => void;
type AnyCallback = (detail: never) => void;

/** The part of a WebSocket that is used here, so that a test can stand in for it. */
export interface EventSocket {
  addEventListener(type: 'open' | 'close', callback: () => void): void;
  addEventListener(type: 'message', callback: (message: { data: unknown }) => void): void;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/**
 * The host's events over one WebSocket that comes back by itself: it waits 0.5 s, 1 s, 2 s … up to 10 s between attempts. Events
 * missed in between are lost, so whoever listens to `onReconnect` asks again for what is shown.
 */
export class EventChannel {
  private readonly callbacks = new Map<string, Set<AnyCallback>>();
  private readonly reconnectCallbacks = new Set<() => void>();
  private started = false;
  private wasOpen = false;
  private failures = 0;

  constructor(private readonly openSocket: () => EventSocket) {}

  /** Calls back at every such event until the returned function is called; opens the socket at the first use. */
  on<Name extends keyof HostEvents>(event: Name, callback: Callback<Name>): () => void {
    const set = this.callbacks.get(event) ?? new Set();
    this.callbacks.set(event, set.add(callback as AnyCallback));
    if (!this.started) this.connect();
    return () => set.delete(callback as AnyCallback);
  }

  /** Calls back when the connection is there again after it was lost. */
  onReconnect(callback: () => void): () => void {
    this.reconnectCallbacks.add(callback);
    return () => this.reconnectCallbacks.delete(callback);
  }

  private connect(): void {
    this.started = true;
    const socket = this.openSocket();
    socket.addEventListener('open', () => {
      this.failures = 0;
      if (this.wasOpen) for (const callback of this.reconnectCallbacks) callback();
      this.wasOpen = true;
    });
    socket.addEventListener('message', ({ data }) => {
      const { event, detail } = JSON.parse(String(data)) as { event: string; detail: never };
      for (const callback of this.callbacks.get(event) ?? []) callback(detail);
    });
    socket.addEventListener('close', () => {
      setTimeout(() => this.connect(), Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures));
      this.failures += 1;
    });
  }
}
