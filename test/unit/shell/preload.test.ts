import { beforeEach, expect, test, vi } from 'vitest';

const told = vi.hoisted(() => ({ exposed: {} as Record<string, object>, sent: [] as unknown[], invoked: [] as unknown[] }));
const ipc = vi.hoisted(() => ({ on: vi.fn(), off: vi.fn() }));
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, api: object) => (told.exposed[name] = api) },
  ipcRenderer: {
    ...ipc,
    send: (...message: unknown[]) => told.sent.push(message),
    invoke: (...message: unknown[]) => told.invoked.push(message),
  },
  webUtils: { getPathForFile: (file: { path: string }) => file.path },
}));

const listeners: Record<string, [(event: unknown) => void, boolean]> = {};
vi.stubGlobal('addEventListener', (type: string, listener: (event: unknown) => void, capture: boolean) => {
  listeners[type] = [listener, capture];
});
await import('../../../src-preload/index');

beforeEach(() => (told.sent.length = 0));

/** A drag of these files over the window. */
function drag(type: 'dragover' | 'drop', files: { path: string }[], isTrusted = true) {
  const preventDefault = vi.fn();
  listeners[type]![0]({ isTrusted, preventDefault, dataTransfer: { types: files.length ? ['Files'] : ['text/plain'], files } });
  return preventDefault;
}

test('the page is given request and on, and nothing else', () => {
  expect(Object.keys(told.exposed)).toEqual(['syncact']);
  expect(Object.keys(told.exposed.syncact!).sort()).toEqual(['on', 'request']);
});

test('requests go out on one channel, and only events of the contract can be heard', () => {
  const { request, on } = told.exposed.syncact as { request(...args: unknown[]): void; on(...args: unknown[]): () => void };
  request('app.state', {});
  expect(told.invoked).toEqual([['request', 'app.state', {}]]);
  expect(() => on('open-dropped', () => undefined)).toThrow(/no event/);
  const stop = on('notice', () => undefined);
  expect(ipc.on).toHaveBeenCalledWith('event:notice', expect.any(Function));
  stop();
  expect(ipc.off).toHaveBeenCalledWith(...ipc.on.mock.lastCall!);
});

test('the first of the files dropped is sent by its path', () => {
  expect(listeners.drop![1] && listeners.dragover![1]).toBe(true);
  expect(drag('dragover', [{ path: '/data/one.syncact' }])).toHaveBeenCalled();
  expect(drag('drop', [{ path: '/data/one.syncact' }, { path: '/data/other.syncact' }])).toHaveBeenCalled();
  expect(told.sent).toEqual([['open-dropped', '/data/one.syncact']]);
});

test('text, files that the page has made up, and drops that it plays are not sent', () => {
  expect(drag('dragover', [])).not.toHaveBeenCalled();
  expect(drag('drop', [])).not.toHaveBeenCalled();
  drag('drop', [{ path: '' }]);
  drag('drop', [{ path: '/data/one.syncact' }], false);
  expect(told.sent).toEqual([]);
});
