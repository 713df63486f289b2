import type { HostBridge, Reply, Route, RouteInput, RouteOutputs } from '../../src-preload/shared/contract/routes';
import { fromErrorReport } from '../../src-preload/shared/domain/errors';

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

const browserBridge: HostBridge = {
  async request<Name extends Route>(route: Name, input: RouteInput<Name>) {
    const response = await fetch('/api/request', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ route, input }),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Reply<Name>;
  },
};
