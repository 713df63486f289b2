import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { serveRendererFile } from '../renderer-files';

/** Answers one request of the renderer; the api's `answerRequest` bound to the open project. */
export type RequestHandler = (route: unknown, input: unknown) => Promise<unknown>;

export interface BrowserHost {
  /** The address to open once; its token works one time only. */
  url: string;
  close(): Promise<void>;
}

/** A request body larger than this is refused; requests are small, data goes the other way. */
const LARGEST_BODY = 1 << 20;
const SESSION_COOKIE = 'syncact-session';

/**
 * Serves the renderer and its requests over HTTP on the loopback interface. The one-time token in the address is exchanged for a
 * cookie; the Host header must name this address (DNS rebinding), and requests must come from this origin.
 * @param port 0 takes any free one
 */
export async function startBrowserHost(answer: RequestHandler, port = 0): Promise<BrowserHost> {
  const session = new Session();
  const server = createServer((request, response) => {
    handle(request, response, session, answer).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await listen(server, port);
  const actualPort = (server.address() as AddressInfo).port;
  session.hosts = [`127.0.0.1:${actualPort}`, `localhost:${actualPort}`];
  return {
    url: `http://127.0.0.1:${actualPort}/?token=${session.token}`,
    close: () =>
      new Promise((resolve) => {
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
  hosts: string[] = [];

  /** The cookie for a right token that was not used before. */
  exchange(token: string): string | undefined {
    if (this.tokenUsed || !equalSecrets(token, this.token)) return undefined;
    this.tokenUsed = true;
    return `${SESSION_COOKIE}=${this.cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  knows(cookieHeader: string | undefined): boolean {
    const value = (cookieHeader ?? '').split('; ').find((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`));
    return value !== undefined && equalSecrets(value.slice(SESSION_COOKIE.length + 1), this.cookie);
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  session: Session,
  answer: RequestHandler,
): Promise<void> {
  const host = request.headers.host ?? '';
  if (!session.hosts.includes(host)) return end(response, 403, 'wrong host');
  const url = new URL(request.url ?? '/', `http://${host}`);
  const token = url.searchParams.get('token');
  if (request.method === 'GET' && url.pathname === '/' && token !== null) {
    const cookie = session.exchange(token);
    if (!cookie) return end(response, 403, 'This address was used before. Start `syncact web` again for a new one.');
    response.writeHead(303, { location: '/', 'set-cookie': cookie, 'cache-control': 'no-store' }).end();
    return;
  }
  if (!session.knows(request.headers.cookie)) return end(response, 403, 'Open the address that `syncact web` printed.');
  if (request.method === 'GET') return sendRendererFile(response, decodeURIComponent(url.pathname));
  if (request.method !== 'POST' || url.pathname !== '/api/request') return end(response, 404, 'not found');
  if (request.headers.origin !== `http://${host}`) return end(response, 403, 'wrong origin');
  if (request.headers['content-type'] !== 'application/json') return end(response, 415, 'expected application/json');
  const body = await readBody(request);
  if (body === undefined) return end(response, 413, 'the request is too large');
  const { route, input } = parseRequest(body);
  response
    .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(await answer(route, input)));
}

async function sendRendererFile(response: ServerResponse, pathname: string): Promise<void> {
  const file = await serveRendererFile(pathname);
  response.writeHead(file.status, Object.fromEntries(file.headers)).end(Buffer.from(await file.arrayBuffer()));
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
        inUse ? new UserError({ what: `port ${port} is in use`, remedy: 'choose another with --port, or leave it out' }) : caught,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
