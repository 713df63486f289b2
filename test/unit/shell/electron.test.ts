import { beforeEach, expect, test, vi } from 'vitest';
import { fakeHost } from '../../fixtures/fake-host';

/** Everything the start of the app told Electron. */
const electron = vi.hoisted(() => {
  const handlers: Record<string, (...args: never[]) => unknown> = {};
  const windows: { options: { webPreferences: Record<string, unknown> }; url?: string }[] = [];
  return { handlers, windows, order: [] as string[], sent: [] as unknown[] };
});

vi.mock('electron', () => {
  const remember = (name: string) => (handler: (...args: never[]) => unknown) => (electron.handlers[name] = handler);
  return {
    app: {
      enableSandbox: () => electron.order.push('sandbox'),
      whenReady: async () => electron.order.push('ready'),
      on: (event: string, handler: () => void) => remember(event)(handler),
      quit: () => electron.order.push('quit'),
    },
    protocol: {
      registerSchemesAsPrivileged: () => electron.order.push('schemes'),
      handle: (_scheme: string, handler: () => unknown) => remember('protocol')(handler),
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: remember('permission-request'),
        setPermissionCheckHandler: remember('permission-check'),
        webRequest: { onBeforeRequest: remember('before-request') },
      },
    },
    ipcMain: { handle: (_channel: string, handler: () => unknown) => remember('ipc')(handler) },
    BrowserWindow: class {
      private readonly record: (typeof electron.windows)[number];
      constructor(options: (typeof electron.windows)[number]['options']) {
        this.record = { options };
        electron.windows.push(this.record);
      }
      static getAllWindows() {
        return [{ webContents: { send: (...message: unknown[]) => electron.sent.push(message) } }];
      }
      once() {}
      async loadURL(url: string) {
        this.record.url = url;
      }
    },
  };
});

const { startElectron } = await import('../../../src-main/shell/electron/start');
let host: ReturnType<typeof fakeHost>;
const call = (name: string, ...args: unknown[]) => electron.handlers[name]!(...(args as never[]));

beforeEach(async () => {
  electron.order.length = 0;
  electron.windows.length = 0;
  host = fakeHost();
  await startElectron(host);
});

test('schemes and sandbox come before the app is ready', () => {
  expect(electron.order).toEqual(['schemes', 'sandbox', 'ready']);
});

test('the window is isolated and sandboxed and shows the own origin', () => {
  const [window] = electron.windows;
  expect(window!.options.webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false });
  expect(window!.url).toBe('app://syncact/');
});

test('permissions are denied', () => {
  const decide = vi.fn();
  call('permission-request', null, 'geolocation', decide);
  expect(decide).toHaveBeenCalledWith(false);
  expect(call('permission-check')).toBe(false);
});

test('requests that leave the program are cancelled', () => {
  for (const [url, cancel] of [
    ['https://example.com/', true],
    ['file:///etc/passwd', true],
    ['app://other/', true],
    ['app://syncact/index.html', false],
  ] as const) {
    const decide = vi.fn();
    call('before-request', { url }, decide);
    expect(decide).toHaveBeenCalledWith({ cancel });
  }
});

test('navigation and new windows are refused', () => {
  const listeners: Record<string, (event: { preventDefault(): void }) => void> = {};
  let open: () => unknown = () => undefined;
  const contents = {
    on: (event: string, listener: (typeof listeners)[string]) => (listeners[event] = listener),
    setWindowOpenHandler: (handler: () => unknown) => (open = handler),
  };
  call('web-contents-created', null, contents);
  const preventDefault = vi.fn();
  listeners['will-navigate']!({ preventDefault });
  expect(preventDefault).toHaveBeenCalled();
  expect(open()).toEqual({ action: 'deny' });
});

test('messages are answered for the own page only', async () => {
  expect(await call('ipc', { senderFrame: { url: 'app://syncact/' } }, 'project.info', {})).toMatchObject({
    ok: true,
    route: 'project.info',
  });
  expect(() => call('ipc', { senderFrame: { url: 'https://example.com/' } }, 'project.info', {})).toThrow(/refused/);
  expect(() => call('ipc', { senderFrame: null }, 'project.info', {})).toThrow(/refused/);
});

test('resources come from the host over the own protocol, events go to every window', async () => {
  const answer = (await call('protocol', new Request('app://syncact/resource/mask.nii.gz'))) as Response;
  expect(await answer.text()).toBe('resource /resource/mask.nii.gz');
  host.tell('menu', { action: 'search' });
  expect(electron.sent).toContainEqual(['event:menu', { action: 'search' }]);
});
