import { beforeEach, expect, test, vi } from 'vitest';
import {
  app,
  callHandler,
  electron,
  emitPreventable,
  FakeContents,
  FakeWindow,
  resetElectron,
} from '../../fixtures/fake-electron';
import { fakeHost } from '../../fixtures/fake-host';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron')).fakeElectron);
const { startElectron } = await import('../../../src-main/shell/electron/start');
const { rendererFolder } = await import('../../../src-main/shell/renderer-files');

let host: ReturnType<typeof fakeHost>;
const page = { senderFrame: { url: 'app://syncact/' } };
const get = (url: string, options?: RequestInit) => callHandler('protocol:app', new Request(url, options)) as Promise<Response>;

beforeEach(async () => {
  resetElectron();
  host = fakeHost();
  await startElectron(host);
});

test('schemes and sandbox come before the app is ready, the window after', () => {
  expect(electron.order).toEqual(['schemes', 'sandbox', 'ready', 'spell checker false', 'load']);
});

test('the window is isolated and sandboxed and shows the own origin', () => {
  const [window] = FakeWindow.all;
  // These and no others: what is left out is as safe as Electron makes it.
  expect(window!.options.webPreferences).toEqual({
    ...{ contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false, spellcheck: false, devTools: true },
    preload: expect.stringMatching(/preload[\\/]index\.cjs$/) as string,
  });
  expect(window!.url).toBe('app://syncact/');
});

test('the tools of developers are there in development only', async () => {
  expect(FakeWindow.all[0]!.options.webPreferences.devTools).toBe(true);
  resetElectron();
  app.isPackaged = true;
  await startElectron(host);
  expect(FakeWindow.all[0]!.options.webPreferences.devTools).toBe(false);
  const decide = vi.fn();
  callHandler('before-request', { url: 'devtools://devtools/bundled/devtools_app.html' }, decide);
  expect(decide).toHaveBeenCalledWith({ cancel: true });
});

test('permissions and devices are denied', () => {
  const decide = vi.fn();
  callHandler('permission-request', null, 'geolocation', decide);
  expect(decide).toHaveBeenCalledWith(false);
  expect(callHandler('permission-check')).toBe(false);
  expect(callHandler('device-permission', { deviceType: 'usb' })).toBe(false);
  const choose = vi.fn();
  expect(emitPreventable(FakeWindow.all[0]!.webContents, 'select-bluetooth-device', [{ deviceId: 'first' }], choose)).toBe(true);
  expect(choose).toHaveBeenCalledWith('');
});

test('requests that leave the program are cancelled', () => {
  for (const [url, cancel] of [
    ['https://example.com/', true],
    ['ws://127.0.0.1:80/', true],
    ['file:///etc/passwd', true],
    ['app://other/', true],
    ['app://syncact.example/', true],
    ['blob:app://syncact.example/1', true],
    ['app://syncact/index.html', false],
    ['blob:app://syncact/1', false],
    ['devtools://devtools/bundled/devtools_app.html', false],
  ] as const) {
    const decide = vi.fn();
    callHandler('before-request', { url }, decide);
    expect([url, decide.mock.calls]).toEqual([url, [[{ cancel }]]]);
  }
});

test('no name is resolved, no service of Chromium runs in the background, no WebRTC gets out', () => {
  expect(electron.switches).toEqual({ 'host-resolver-rules': 'MAP * ~NOTFOUND', 'disable-background-networking': '' });
  expect(FakeWindow.all[0]!.webContents.setWebRTCIPHandlingPolicy).toHaveBeenCalledWith('disable_non_proxied_udp');
});

test('broken certificates are refused and none are given', () => {
  const [trust, choose] = [vi.fn(), vi.fn()];
  expect(emitPreventable(app, 'certificate-error', null, 'https://example.com', 'expired', {}, trust)).toBe(true);
  expect(trust).toHaveBeenCalledWith(false);
  expect(emitPreventable(app, 'select-client-certificate', null, 'https://example.com', [{}], choose)).toBe(true);
  expect(choose).toHaveBeenCalledWith();
});

test.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])('%s is prevented', (event) => {
  const contents = new FakeContents();
  app.emit('web-contents-created', {}, contents);
  expect(emitPreventable(contents, event)).toBe(true);
});

test('new windows are refused', () => {
  expect(FakeWindow.all[0]!.webContents.openWindow()).toEqual({ action: 'deny' });
});

test('messages are answered for the own page only', async () => {
  expect(await callHandler('ipc:request', page, 'project.info', {})).toMatchObject({ ok: true, route: 'project.info' });
  for (const url of [
    'https://example.com/',
    'app://other/',
    'app://syncact.example/',
    'devtools://devtools/',
    'blob:app://syncact/1',
  ])
    expect(() => callHandler('ipc:request', { senderFrame: { url } }, 'project.info', {})).toThrow(/refused/);
  expect(() => callHandler('ipc:request', { senderFrame: null }, 'project.info', {})).toThrow(/refused/);
});

test('resources come from the host over the own protocol, events go to the window', async () => {
  expect(await (await get('app://syncact/resource/mask.nii.gz')).text()).toBe('resource /resource/mask.nii.gz');
  host.tell('menu', { action: 'search' });
  expect(FakeWindow.all[0]!.webContents.sent).toContainEqual(['event:menu', { action: 'search' }]);
});

test('the own protocol reads only, and only for its own host', async () => {
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await get('app://syncact/resource/mask.nii.gz', { method })).status).toBe(405);
  expect((await get('app://syncact/resource/mask.nii.gz', { method: 'HEAD' })).status).toBe(200);
  for (const url of ['app://other/resource/mask.nii.gz', 'app://syncact.example/index.html', 'app://syncact:1/index.html'])
    expect((await get(url)).status).toBe(404);
  expect((await get('app://syncact/%ff')).status).toBe(400);
  expect((await get('app://syncact/%2e%2e%2fmain/index.js')).status).toBeGreaterThanOrEqual(404);
});

test.skipIf(!rendererFolder)('pages carry the content security policy', async () => {
  const answer = await get('app://syncact/index.html');
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
});

test('a second start hands over its project and ends before anything is opened', async () => {
  resetElectron();
  electron.lock = false;
  const second = fakeHost();
  await startElectron(second, '/data/one.syncact');
  expect(electron.order).toEqual(['quit', 'ended']);
  expect(electron.lockData).toEqual({ folder: '/data/one.syncact' });
  expect([second.opened, FakeWindow.all]).toEqual([[], []]);
});
