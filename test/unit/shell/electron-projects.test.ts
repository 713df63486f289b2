import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { app, electron, emitPreventable, FakeEvent, FakeWindow, ipcMain, resetElectron } from '../../fixtures/fake-electron';
import { fakeHost } from '../../fixtures/fake-host';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron')).fakeElectron);
const { startElectron } = await import('../../../src-main/shell/electron/start');
const { namedFolder } = await import('../../../src-main/shell/electron/open-project');

let host: ReturnType<typeof fakeHost>;
let [one, other, plain] = ['', '', ''];
const settled = () => new Promise((done) => setTimeout(done, 5));
const notices = () => host.told.filter(([event]) => event === 'notice').map(([, detail]) => detail);
const failure = (text: RegExp) => ({ kind: 'failure', message: expect.stringMatching(text) as string });

function makeProject(folder: string): string {
  mkdirSync(folder);
  writeFileSync(join(folder, 'project.sqlite'), '');
  return folder;
}

beforeEach(() => {
  resetElectron();
  host = fakeHost();
  const root = mkdtempSync(join(tmpdir(), 'syncact-open-'));
  [one, other, plain] = [makeProject(join(root, 'one.syncact')), makeProject(join(root, 'other.syncact')), root];
});

test('the project of the command line is open before the window is, and among the recent documents', async () => {
  const order: string[] = [];
  host.listen((event) => order.push(`${event} with ${FakeWindow.all.length} windows`));
  await startElectron(host, one);
  expect(host.opened).toEqual([one]);
  expect(order).toEqual(['app.changed with 0 windows']);
  expect(electron.recentDocuments).toEqual([one]);
});

test('what cannot be opened at the start is said once the window can hear', async () => {
  await startElectron(host, join(plain, 'none.syncact'));
  expect(FakeWindow.all[0]!.webContents.sent).toEqual([['event:notice', failure(/cannot be opened.*none\.syncact.*expected/)]]);
});

test('a closed project is no recent document', async () => {
  await startElectron(host);
  host.tell('app.changed', { folder: null });
  expect(electron.recentDocuments).toEqual([]);
});

test('a document is opened, also one named before the app is ready', async () => {
  const started = startElectron(host);
  expect(emitPreventable(app, 'open-file', one)).toBe(true);
  await started;
  expect(host.opened).toEqual([one]);
  app.emit('open-file', new FakeEvent(), other);
  await settled();
  expect(host.opened).toEqual([one, other]);
  expect(FakeWindow.all[0]!.calls).toEqual(['show', 'focus']);
});

test('a second start brings the window forward and opens what it names', async () => {
  await startElectron(host);
  const [window] = FakeWindow.all;
  window!.state.minimised = true;
  app.emit('second-instance', new FakeEvent(), [], '/', {});
  expect(window!.calls).toEqual(['restore', 'show', 'focus']);
  app.emit('second-instance', new FakeEvent(), [], '/', { folder: 7 });
  app.emit('second-instance', new FakeEvent(), [], '/', { folder: one });
  await settled();
  expect(host.opened).toEqual([one]);
});

test('a dropped project is opened', async () => {
  await startElectron(host);
  ipcMain.emit('open-dropped', { senderFrame: { url: 'app://syncact/' } }, one);
  await settled();
  expect(host.opened).toEqual([one]);
  expect(notices()).toEqual([]);
});

test('a dropped folder that is no project is answered with what was expected', async () => {
  await startElectron(host);
  host.jobs = 1;
  ipcMain.emit('open-dropped', { senderFrame: { url: 'app://syncact/' } }, plain);
  await settled();
  expect(host.opened).toEqual([]);
  expect(notices()).toEqual([failure(/expected a project folder/)]);
  expect(electron.questions).toEqual([]);
});

test('a drop is taken from the own page only, and only as a path', async () => {
  await startElectron(host);
  for (const senderFrame of [null, { url: 'https://example.com/' }]) ipcMain.emit('open-dropped', { senderFrame }, one);
  ipcMain.emit('open-dropped', { senderFrame: { url: 'app://syncact/' } }, { path: one });
  await settled();
  expect(host.opened).toEqual([]);
});

test('the menu is there from the start and opens recent projects', async () => {
  host.recent = [{ name: 'one', folder: one, openedAt: '', exists: true }];
  await startElectron(host);
  const items = (electron.menus[0] as { submenu: { label: string; submenu: { click(): void }[] }[] }[])[0]!.submenu;
  items.find(({ label }) => label === 'Open recent')!.submenu[0]!.click();
  await settled();
  expect(host.opened).toEqual([one]);
});

test('another project is opened only when running jobs may be stopped', async () => {
  await startElectron(host, one);
  host.jobs = 2;
  electron.answers = [0, 1];
  app.emit('open-file', new FakeEvent(), one);
  await settled();
  expect(electron.questions).toEqual([]);
  for (const expected of [[other], [other, other]]) {
    app.emit('open-file', new FakeEvent(), other);
    await settled();
    expect(electron.questions).toHaveLength(expected.length);
  }
  expect(electron.questions[0]!.buttons).toEqual(['Keep working', 'Stop the jobs and open the other project']);
  expect(host.opened.at(-1)).toBe(other);
  expect(host.opened.filter((folder) => folder === other)).toHaveLength(1);
});

test('the folder named on the command line is found behind the switches and the own folder', () => {
  expect(namedFolder(['electron', '--no-sandbox', '.', 'one.syncact'], false)).toBe(resolve('one.syncact'));
  expect(namedFolder(['electron', '.'], false)).toBeUndefined();
  expect(namedFolder(['Sync-ACT', '--inspect', 'one.syncact'], true)).toBe(resolve('one.syncact'));
  expect(namedFolder(['Sync-ACT'], true)).toBeUndefined();
});
