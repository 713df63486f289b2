import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Host } from '../../api/host';
import { decodePath, serveRendererFile } from '../renderer-files';

export interface BrowserHost {
  /** The address to open once; its token works one time only. */
  url: string;
  close(): Promise<void>;
}

/** A request body larger than this is refused; requests are small, data goes the other way. */
const LARGEST_BODY = 1 << 20;
const SESSION_COOKIE = 'syncact-session';
/** Wrong tokens within a minute after which none is looked at any more, until the minute is over. */
const MOST_GUESSES = 20;
const GUESSING_MILLISECONDS = 60_000;
/** How a browser says that a request is the page's own, or the person's (an address typed in): other ports of 127.0.0.1 are neither. */
const OWN_SITES = new Set([undefined, 'same-origin', 'none']);

/**
 * Serves the renderer and its requests over HTTP on the loopback interface. The one-time token in the address is exchanged for a
 * cookie; the Host header must name this address (DNS rebinding), and requests must come from this origin.
 * @param port 0 takes any free one
 */
export async function startBrowserHost(host: Host, port = 0): Promise<BrowserHost> {
  const session = new Session();
  const server = createServer((request, response) => {
    handle(request, response, session, host).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const stopEvents = serveEvents(server, session, host);
  await listen(server, port);
  const actualPort = (server.address() as AddressInfo).port;
  session.listenOn(actualPort);
  return {
    url: `http://127.0.0.1:${actualPort}/?token=${session.token}`,
    close: () =>
      new Promise((resolve) => {
        stopEvents();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The secrets of one host: a token that works once, and the cookie it is exchanged for. */
class Session {
  readonly token = randomBytes(32).toString('hex');
  private readonly cookie = randomBytes(32).toString('hex');
  private tokenUsed = false;
  private guesses: number[] = [];
  private cookieName = SESSION_COOKIE;
  hosts: string[] = [];

  /** The port is part of the cookie's name: hosts on one machine share the cookies of 127.0.0.1. */
  listenOn(port: number): void {
    this.hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    this.cookieName = `${SESSION_COOKIE}-${port}`;
  }

  /** The cookie for a right token that was not used before. */
  exchange(token: string): string | undefined {
    if (this.tokenUsed || this.isGuessed || !equalSecrets(token, this.token)) {
      this.guesses = [...this.guesses, performance.now()].slice(-MOST_GUESSES);
      return undefined;
    }
    this.tokenUsed = true;
    return `${this.cookieName}=${this.cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Whether somebody tries tokens faster than a person would open addresses. */
  get isGuessed(): boolean {
    return this.guesses.length === MOST_GUESSES && performance.now() - this.guesses[0]! < GUESSING_MILLISECONDS;
  }

  knows(cookieHeader: string | undefined): boolean {
    const value = (cookieHeader ?? '').split('; ').find((cookie) => cookie.startsWith(`${this.cookieName}=`));
    return value !== undefined && equalSecrets(value.slice(this.cookieName.length + 1), this.cookie);
  }
}

async function handle(request: IncomingMessage, response: ServerResponse, session: Session, workstation: Host): Promise<void> {
  const host = request.headers.host ?? '';
  if (!session.hosts.includes(host)) return end(response, 403, 'wrong host');
  const address = request.url ?? '/';
  // "//elsewhere/x" is an address of its own.
  if (!URL.canParse(address, `http://${host}`) || address.startsWith('//')) return end(response, 400, 'not a path');
  const url = new URL(address, `http://${host}`);
  const token = url.searchParams.get('token');
  if (request.method === 'GET' && url.pathname === '/' && token !== null) {
    if (session.isGuessed) return end(response, 429, 'Too many wrong addresses were tried. Wait a minute.');
    const cookie = session.exchange(token);
    // A browser that was let in may come back with the address: `--open` has used its token before the user clicks on it.
    if (!cookie && !session.knows(request.headers.cookie))
      return end(response, 403, 'This address was used before. Start `syncact web` again for a new one.');
    const headers = { location: '/', 'cache-control': 'no-store', ...(cookie && { 'set-cookie': cookie }) };
    return void response.writeHead(303, headers).end();
  }
  if (!session.knows(request.headers.cookie)) return end(response, 403, 'Open the address that `syncact web` printed.');
  if (url.pathname.startsWith('/resource/')) {
    if (!OWN_SITES.has(request.headers['sec-fetch-site'] as string | undefined)) return end(response, 403, 'wrong origin');
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'only GET and HEAD');
    return sendResource(request, response, url, workstation);
  }
  if (request.method === 'GET') {
    const file = decodePath(url.pathname);
    return file === undefined ? end(response, 400, 'not a path') : sendRendererFile(response, file);
  }
  if (request.method !== 'POST' || url.pathname !== '/api/request') return end(response, 404, 'not found');
  if (request.headers.origin !== `http://${host}`) return end(response, 403, 'wrong origin');
  if (request.headers['content-type'] !== 'application/json') return end(response, 415, 'expected application/json');
  const body = await readBody(request);
  if (body === undefined) return end(response, 413, 'the request is too large');
  const { route, input } = parseRequest(body);
  response
    .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(await workstation.answer(route, input)));
}

async function sendRendererFile(response: ServerResponse, pathname: string): Promise<void> {
  const file = await serveRendererFile(pathname);
  response.writeHead(file.status, Object.fromEntries(file.headers)).end(Buffer.from(await file.arrayBuffer()));
}

/** Of what a page asks for besides itself: read by it only, as what it says it is. */
const resourceHeaders = { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' };

/** Streams a resource; when the window goes away, so does the reading. */
async function sendResource(request: IncomingMessage, response: ServerResponse, url: URL, host: Host): Promise<void> {
  const aborter = new AbortController();
  response.once('close', () => aborter.abort());
  const { method = 'GET' } = request;
  const range = request.headers.range;
  const answer = await host.resource(new Request(url, { method, signal: aborter.signal, headers: range ? { range } : {} }));
  response.writeHead(answer.status, { ...resourceHeaders, ...Object.fromEntries(answer.headers) });
  if (!answer.body || method === 'HEAD') return void response.end();
  await pipeline(Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream), response).catch(() =>
    response.destroy(),
  );
}

/** Tells every window what happens, over WebSockets from this origin with the cookie; nothing is taken from them. */
function serveEvents(server: Server, session: Session, host: Host): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  server.on('upgrade', (request, socket, head) => {
    const named = request.headers.host ?? '';
    const allowed =
      request.url === '/api/events' &&
      session.hosts.includes(named) &&
      request.headers.origin === `http://${named}` &&
      session.knows(request.headers.cookie);
    if (!allowed) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, () => undefined);
  });
  const stop = host.listen((event, detail) => {
    const message = JSON.stringify({ event, detail });
    for (const client of sockets.clients) if (client.readyState === client.OPEN) client.send(message);
  });
  return () => {
    stop();
    for (const client of sockets.clients) client.terminate();
  };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parseRequest(body: string): { route?: unknown; input?: unknown } {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function end(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(message);
}

function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (caught: NodeJS.ErrnoException) => {
      const inUse = caught.code === 'EADDRINUSE';
      reject(
        inUse
          ? new UserError({
              code: 'port-in-use',
              what: `port ${port} is in use`,
              remedy: 'choose another with --port, or leave it out',
            })
          : caught,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
