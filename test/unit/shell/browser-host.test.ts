import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { fakeHost } from '../../fixtures/fake-host';
import { startBrowserHost, type BrowserHost } from '../../../src-main/shell/web/browser-host';

let host: BrowserHost;
let workstation: ReturnType<typeof fakeHost>;
const seen: unknown[] = [];

beforeEach(async () => {
  seen.length = 0;
  workstation = fakeHost();
  workstation.answer = async (route, input) => {
    seen.push([route, input]);
    return { ok: true, data: 42 } as never;
  };
  host = await startBrowserHost(workstation);
});
afterEach(() => host.close());

const origin = () => new URL(host.url).origin;

async function signIn(): Promise<string> {
  const response = await fetch(host.url, { redirect: 'manual' });
  return response.headers.get('set-cookie')!.split(';')[0]!;
}

function post(headers: Record<string, string>, body = JSON.stringify({ route: 'project.info', input: {} })) {
  return fetch(`${origin()}/api/request`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}

/** A GET whose Host header is as given; fetch does not let one set it. */
function statusWithHost(hostHeader: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(origin(), { headers: { host: hostHeader } }, (response) => resolve(response.resume().statusCode));
    request.on('error', reject).end();
  });
}

test('listens on the loopback interface only', () => {
  expect(new URL(host.url).hostname).toBe('127.0.0.1');
});

test('the token works once and becomes a cookie that scripts cannot read', async () => {
  const first = await fetch(host.url, { redirect: 'manual' });
  expect(first.status).toBe(303);
  expect(first.headers.get('location')).toBe('/');
  expect(first.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
  expect((await fetch(host.url, { redirect: 'manual' })).status).toBe(403);
});

test('a browser that was let in may use the address again', async () => {
  const again = await fetch(host.url, { redirect: 'manual', headers: { cookie: await signIn() } });
  expect([again.status, again.headers.get('location'), again.headers.get('set-cookie')]).toEqual([303, '/', null]);
});

test('nothing is served without the cookie', async () => {
  expect((await fetch(`${origin()}/`)).status).toBe(403);
  expect((await fetch(`${origin()}/?token=${'0'.repeat(64)}`)).status).toBe(403);
  expect((await post({ origin: origin() })).status).toBe(403);
  expect(seen).toEqual([]);
});

test('requests are answered with the cookie and from this origin only', async () => {
  const cookie = await signIn();
  expect((await post({ cookie })).status).toBe(403);
  expect((await post({ cookie, origin: 'http://evil.example' })).status).toBe(403);
  const answered = await post({ cookie, origin: origin() });
  expect(await answered.json()).toEqual({ ok: true, data: 42 });
  expect(seen).toEqual([['project.info', {}]]);
});

test('a foreign Host header is refused (DNS rebinding), whatever else comes with it', async () => {
  const { port } = new URL(host.url);
  for (const name of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, `127.0.0.1:1`, `0.0.0.0:${port}`])
    expect([name, await statusWithHost(name)]).toEqual([name, 403]);
});

test('pages of other ports of this machine get nothing, though they are the same site and the cookie comes with them', async () => {
  const cookie = await signIn();
  for (const [site, status] of [
    ['same-site', 403],
    ['cross-site', 403],
    ['same-origin', 200],
    ['none', 200],
  ] as const) {
    const answer = await fetch(`${origin()}/resource/x.f32`, { headers: { cookie, 'sec-fetch-site': site } });
    expect([site, answer.status]).toEqual([site, status]);
  }
  const { port } = new URL(host.url);
  expect((await post({ cookie, origin: `http://127.0.0.1:${Number(port) + 1}` })).status).toBe(403);
  expect((await post({ cookie, origin: 'null' })).status).toBe(403);
  expect(seen).toEqual([]);
});

test('forms and simple requests of other pages are not understood', async () => {
  const cookie = await signIn();
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    expect((await post({ cookie, origin: origin(), 'content-type': type })).status).toBe(415);
  expect((await fetch(`${origin()}/resource/x.f32`, { method: 'DELETE', headers: { cookie } })).status).toBe(405);
  expect(seen).toEqual([]);
});

test('whoever tries tokens is held up, and the right one is not given away meanwhile', async () => {
  const { token } = Object.fromEntries(new URL(host.url).searchParams) as { token: string };
  const guess = async (text: string) => (await fetch(`${origin()}/?token=${text}`, { redirect: 'manual' })).status;
  // Of every length, and right up to the last sign.
  for (let length = 0; length < 20; length++) expect(await guess(token.slice(0, length * 3))).toBe(403);
  expect(await guess('0'.repeat(64))).toBe(429);
  expect(await guess(token)).toBe(429);
});

test('large and malformed bodies do no harm', async () => {
  const cookie = await signIn();
  expect((await post({ cookie, origin: origin() }, 'x'.repeat(2 << 20))).status).toBe(413);
  expect((await post({ cookie, origin: origin() }, 'not json')).status).toBe(200);
  expect(seen).toEqual([[undefined, undefined]]);
});

test('files outside the renderer are not served', async () => {
  const cookie = await signIn();
  for (const path of ['/../main/cli.js', '/%2e%2e/main/cli.js', '/..%2f..%2fpackage.json', '/package.json', '/%00']) {
    // 404, or 503 where the renderer is not built.
    expect((await fetch(`${origin()}${path}`, { headers: { cookie } })).status).toBeGreaterThanOrEqual(404);
  }
  for (const path of ['/%ff', '//package.json'])
    expect((await fetch(`${origin()}${path}`, { headers: { cookie } })).status).toBe(400);
});

test('resources need the cookie and keep their shape', async () => {
  expect((await fetch(`${origin()}/resource/x.f32`)).status).toBe(403);
  const answer = await fetch(`${origin()}/resource/x.f32`, { headers: { cookie: await signIn() } });
  expect(answer.headers.get('x-shape')).toBe('1');
  expect(await answer.text()).toBe('resource /resource/x.f32');
});

/** Whether a WebSocket with these headers is let in, and what it is told first. */
function socketWith(headers: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin().replace('http', 'ws')}/api/events`, { headers });
    socket.on('open', () => workstation.tell('notice', { kind: 'info', message: 'hello' }));
    socket.on('message', (data) => (resolve((data as Buffer).toString()), socket.close()));
    socket.on('error', () => resolve('refused'));
  });
}

test('events reach windows with the cookie and from this origin only', async () => {
  const cookie = await signIn();
  expect(await socketWith({ cookie, origin: 'http://example.com' })).toBe('refused');
  expect(await socketWith({ origin: origin() })).toBe('refused');
  expect(JSON.parse(await socketWith({ cookie, origin: origin() }))).toEqual({
    event: 'notice',
    detail: { kind: 'info', message: 'hello' },
  });
});
