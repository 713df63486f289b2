import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { app, electron, emitPreventable, FakeEvent, FakeWindow, resetElectron } from '../../fixtures/fake-electron';
import { fakeHost } from '../../fixtures/fake-host';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron')).fakeElectron);
const { startElectron } = await import('../../../src-main/shell/electron/start');
const { chooseBounds } = await import('../../../src-main/shell/electron/window-state');

let host: ReturnType<typeof fakeHost>;
const settled = () => new Promise((done) => setTimeout(done, 5));
const file = () => join(electron.userData, 'window.json');
const saved = { x: 100, y: 50, width: 1300, height: 700, maximised: false, fullScreen: false };
const left = { x: 0, y: 0, width: 1920, height: 1080 };
const right = { x: 1920, y: 0, width: 1280, height: 1024 };
const window = () => FakeWindow.all[0]!;
const notices = () => host.told.filter(([event]) => event === 'notice').map(([, detail]) => detail as { message: string });

beforeEach(() => {
  resetElectron();
  host = fakeHost();
});
afterEach(() => vi.useRealTimers());

test('the window opens where it was, unless nobody could reach it there', () => {
  expect(chooseBounds(saved, [left])).toEqual({ x: 100, y: 50, width: 1300, height: 700 });
  expect(chooseBounds({ ...saved, x: 2000 }, [left, right])).toEqual({ x: 2000, y: 50, width: 1280, height: 700 });
  for (const lost of [{ x: 2000 }, { x: -1250 }, { y: -200 }, { y: 1070 }])
    expect(chooseBounds({ ...saved, ...lost }, [left])).toEqual({ width: 1300, height: 700 });
  expect(chooseBounds({ ...saved, width: 5000, height: 10 }, [left])).toMatchObject({ width: 1920, height: 640 });
  expect(chooseBounds(undefined, [left])).toEqual({ width: 1440, height: 900 });
});

test('a start uses what was kept, on the displays there are', async () => {
  writeFileSync(file(), JSON.stringify({ ...saved, maximised: true, fullScreen: true }));
  await startElectron(host);
  expect(window().options).toMatchObject({ x: 100, y: 50, width: 1300, height: 700, show: false });
  expect(window().calls).toEqual([]);
  window().emit('ready-to-show');
  expect(window().calls).toEqual(['maximize', 'full screen', 'show']);
});

test.each(['', '{', '{"x":"1"}', '[]'])('a damaged file (%s) counts as none', async (content) => {
  writeFileSync(file(), content);
  await startElectron(host);
  expect(window().options).toMatchObject({ width: 1440, height: 900 });
  expect(window().options).not.toHaveProperty('x');
});

test('where the window is gets written a moment after it moved, whole', async () => {
  await startElectron(host);
  vi.useFakeTimers();
  for (const event of ['move', 'resize', 'move']) window().emit(event);
  window().state.maximised = true;
  vi.advanceTimersByTime(400);
  expect(readdirSync(electron.userData)).toEqual([]);
  vi.advanceTimersByTime(200);
  vi.useRealTimers();
  await vi.waitFor(() => expect(readdirSync(electron.userData)).toEqual(['window.json']));
  const written: unknown = JSON.parse(readFileSync(file(), 'utf8'));
  expect(written).toEqual({ x: 10, y: 20, width: 1200, height: 800, maximised: true, fullScreen: false });
});

test.each(['move', 'resize'])('%s alone writes it', async (event) => {
  await startElectron(host);
  window().emit(event);
  await vi.waitFor(() => expect(readdirSync(electron.userData)).toEqual(['window.json']), 5000);
});

test('closing writes it too, before the program ends', async () => {
  await startElectron(host);
  let atTheEnd: unknown;
  app.on('quit', () => (atTheEnd = JSON.parse(readFileSync(file(), 'utf8'))));
  window().bounds = { ...window().bounds, x: 77 };
  window().close();
  await vi.waitFor(() => expect(electron.order).toContain('ended'));
  expect(atTheEnd).toMatchObject({ x: 77 });
});

test('the program ends once the project is closed', async () => {
  await startElectron(host);
  let finish = () => {};
  host.close = vi.fn(() => new Promise<void>((done) => (finish = done)));
  window().close();
  app.quit();
  await settled();
  expect(electron.order).not.toContain('ended');
  finish();
  await vi.waitFor(() => expect(electron.order).toContain('ended'));
  expect(host.close).toHaveBeenCalledTimes(1);
});

test('a project that cannot be closed does not keep the program', async () => {
  await startElectron(host);
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  host.close = () => Promise.reject(new Error('disk gone'));
  window().close();
  await vi.waitFor(() => expect(electron.order).toContain('ended'));
  expect(log).toHaveBeenCalled();
  log.mockRestore();
});

test.each([
  ['closing the window', () => window().close()],
  ['quitting', () => app.quit()],
])('%s while jobs run asks once, and keeps working where that is wanted', async (_how, leave) => {
  await startElectron(host);
  host.jobs = 2;
  electron.answers = [0, 1];
  leave();
  leave();
  expect(FakeWindow.all).toHaveLength(1);
  await settled();
  expect(electron.questions).toHaveLength(1);
  expect(electron.questions[0]).toMatchObject({
    ...{
      message: '2 jobs are running or queued.',
      detail: expect.stringMatching(/resumed/) as string,
      defaultId: 0,
      cancelId: 0,
    },
    buttons: ['Keep working', 'Stop the jobs and quit'],
  });
  expect([FakeWindow.all.length, host.closed]).toEqual([1, false]);
  leave();
  await vi.waitFor(() => expect(electron.order).toContain('ended'));
  expect([electron.questions.length, FakeWindow.all.length, host.closed]).toEqual([2, 0, true]);
});

test('quitting asks before any window is closed', async () => {
  await startElectron(host);
  host.jobs = 1;
  expect(emitPreventable(app, 'before-quit')).toBe(true);
  await settled();
  expect(electron.questions[0]!.message).toBe('A job is running.');
});

test('a crashed window is opened again and says so once it is loaded', async () => {
  await startElectron(host);
  window().webContents.emit('render-process-gone', new FakeEvent(), { reason: 'clean-exit' });
  await settled();
  expect(window().webContents.reload).not.toHaveBeenCalled();
  window().webContents.reload = vi.fn();
  window().webContents.emit('render-process-gone', new FakeEvent(), { reason: 'oom' });
  await settled();
  expect(window().webContents.reload).toHaveBeenCalledTimes(1);
  expect(notices()).toEqual([]);
  window().webContents.emit('did-finish-load');
  const message = 'The window crashed (oom) and was opened again; nothing of the project is lost.';
  expect(notices()).toEqual([{ kind: 'failure', message }]);
});

/** Crashes at these seconds. */
async function crashAt(...seconds: number[]): Promise<void> {
  for (const second of seconds) {
    vi.setSystemTime(second * 1000);
    FakeWindow.all[0]?.webContents.emit('render-process-gone', new FakeEvent(), { reason: 'crashed' });
    await settled();
  }
}

test('three crashes within a minute ask, slower ones do not', async () => {
  await startElectron(host);
  vi.useFakeTimers({ toFake: ['Date'] });
  await crashAt(0, 40, 80, 120);
  expect(electron.questions).toEqual([]);
  expect(window().webContents.reload).toHaveBeenCalledTimes(4);
  await crashAt(130);
  expect(electron.questions[0]!.buttons).toEqual(['Reload', 'Quit']);
  expect(window().webContents.reload).toHaveBeenCalledTimes(5);
  electron.answers = [1];
  await crashAt(131);
  await vi.waitFor(() => expect(electron.order).toContain('ended'));
});

test('a crash of the graphics process is told, the ends of others are not', async () => {
  await startElectron(host);
  app.emit('child-process-gone', new FakeEvent(), { type: 'Utility', reason: 'crashed' });
  app.emit('child-process-gone', new FakeEvent(), { type: 'GPU', reason: 'clean-exit' });
  expect(notices()).toEqual([]);
  app.emit('child-process-gone', new FakeEvent(), { type: 'GPU', reason: 'crashed' });
  expect(notices()).toEqual([
    { kind: 'failure', message: expect.stringMatching(/graphics process crashed \(crashed\)/) as string },
  ]);
});

test('a window that hangs is waited for, or ended and opened again', async () => {
  await startElectron(host);
  electron.answers = [0, 1];
  window().emit('unresponsive');
  window().emit('unresponsive');
  await settled();
  expect(electron.questions.map(({ buttons }) => buttons)).toEqual([['Wait', 'Reload']]);
  expect(window().webContents.forcefullyCrashRenderer).not.toHaveBeenCalled();
  window().emit('unresponsive');
  await settled();
  expect(window().webContents.forcefullyCrashRenderer).toHaveBeenCalledTimes(1);
  expect(window().webContents.reload).toHaveBeenCalledTimes(1);
});

test('closing a window without jobs asks nothing', async () => {
  await startElectron(host);
  expect(emitPreventable(window(), 'close')).toBe(false);
  await settled();
  expect(electron.questions).toEqual([]);
});
