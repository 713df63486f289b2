import WebSocket from 'ws';
import type { RunningHost } from '../e2e/browser/host';

/** What a window has of a host: its requests, resources and events, without the window. */
export interface BareWindow {
  /** @throws where the host refuses */
  ask<Answer = unknown>(route: string, input?: object): Promise<Answer>;
  /** Reads a resource to its end. @returns its bytes */
  read(path: string): Promise<number>;
  /** How many events came so far. */
  events(): number;
  close(): void;
}

/** Signs in to a host as a browser does, and listens to its events. */
export async function openBareWindow({ url }: RunningHost): Promise<BareWindow> {
  const { origin } = new URL(url);
  const cookie = (await fetch(url, { redirect: 'manual' })).headers.get('set-cookie')!.split(';')[0]!;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/events`, { headers: { cookie, origin } });
  let events = 0;
  socket.on('message', () => events++);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const headers = { cookie, origin, 'content-type': 'application/json' };
  return {
    async ask<Answer>(route: string, input: object = {}) {
      const reply = await fetch(`${origin}/api/request`, { method: 'POST', headers, body: JSON.stringify({ route, input }) });
      const answer = (await reply.json()) as { ok: boolean; data: Answer; error?: unknown };
      if (!answer.ok) throw new Error(`${route}: ${JSON.stringify(answer.error)}`);
      return answer.data;
    },
    async read(path) {
      const answer = await fetch(`${origin}${path}`, { headers: { cookie, origin } });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.arrayBuffer()).byteLength;
    },
    events: () => events,
    close: () => socket.close(),
  };
}
