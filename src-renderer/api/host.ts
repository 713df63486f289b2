import type { HostEvents } from '../../src-preload/shared/contract/events';
import type { HostBridge, Reply, Route, RouteInput, RouteOutputs } from '../../src-preload/shared/contract/routes';
import { fromErrorReport, KnownFault } from '../../src-preload/shared/domain/errors';
import { EventChannel } from './events';

declare global {
  interface Window {
    /** Given by the preload script in Electron; absent in a browser. */
    syncact?: HostBridge;
  }
}

/** Asks the host. @throws UserError when the host refuses, Error when it cannot be reached */
export async function request<Name extends Route>(route: Name, input: RouteInput<Name>): Promise<RouteOutputs[Name]> {
  const reply = await (window.syncact ?? browserBridge).request(route, input);
  if (!reply.ok) throw fromErrorReport(reply.error);
  return reply.data;
}

/** Calls back at every such event of the host until the returned function is called. */
export function on<Name extends keyof HostEvents>(event: Name, callback: (detail: HostEvents[Name]) => void): () => void {
  return (window.syncact ?? browserBridge).on(event, callback);
}

/** Calls back when the connection to the host is there again after it was lost (never in Electron). */
export function onReconnect(callback: () => void): () => void {
  return channel.onReconnect(callback);
}

/** The address of a resource (a path of `resourcePaths`) for fetch, images, videos and links. */
export function resourceUrl(path: string): string {
  return new URL(path, window.location.href).href;
}

const channel = new EventChannel(() => {
  const url = new URL('/api/events', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url);
});

const browserBridge: HostBridge = {
  async request<Name extends Route>(route: Name, input: RouteInput<Name>) {
    let response: Response;
    try {
      response = await fetch('/api/request', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ route, input }),
      });
    } catch {
      throw new KnownFault(
        'host-unreachable',
        'The workstation does not answer. Is `syncact web` still running, and the SSH tunnel open?',
      );
    }
    if (!response.ok) throw new Error((await response.text()) || `the host answered ${response.status}`);
    return (await response.json()) as Reply<Name>;
  },
  on: (event, callback) => channel.on(event, callback),
};
