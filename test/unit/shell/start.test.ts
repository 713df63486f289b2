import { chmodSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { electronBinary, startCommand } from '../../../build/start-command.mjs';
import { FolderAccess } from '../../../src-main/api/path-access';
import { Workstation } from '../../../src-main/api/workstation';
import { openOrMakePhantom } from '../../../src-main/shell/command-line/commands/web';
import { runCommandLine } from '../../../src-main/shell/command-line/program';
import { browserCommand } from '../../../src-main/shell/web/open-browser';

const spawned = vi.hoisted(() => [] as unknown[][]);
vi.mock('node:child_process', async (original) => {
  const actual = await original<typeof import('node:child_process')>();
  const { EventEmitter } = await import('node:events');
  const spawn = (...args: unknown[]) => {
    spawned.push(args);
    const child = Object.assign(new EventEmitter(), { unref: () => undefined });
    queueMicrotask(() => child.emit('error', new Error('no such program')));
    return child;
  };
  return { ...actual, spawn };
});

let folder: string;
const where = { root: '/program', node: '/node' };

beforeEach(() => {
  spawned.length = 0;
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'syncact-start-')));
});
afterEach(() => vi.unstubAllEnvs());

test('with the binary, the desktop window is started, with the project if one is named', () => {
  expect(startCommand({ ...where, binary: '/electron' })).toEqual({ command: '/electron', args: ['/program'] });
  expect(startCommand({ ...where, binary: '/electron', folder: 'one.syncact' }).args).toEqual(['/program', 'one.syncact']);
});

test('without it, one line says so and the browser host is opened, on the phantom where no project is named', () => {
  const syncact = join('/program', 'build/syncact.mjs');
  const { note, command, args } = startCommand({ ...where, folder: 'one.syncact' });
  expect(note).toMatch(/^Electron's binary is not on this machine[^\n]*browser host\.$/);
  expect([command, ...args]).toEqual(['/node', syncact, 'web', 'one.syncact', '--open']);
  expect(startCommand(where).args).toEqual([syncact, 'web', '--phantom', '--open']);
});

test('the binary is where the environment or the package says', () => {
  expect(electronBinary(folder, { ELECTRON_EXEC_PATH: '/electron' })).toBe('/electron');
  expect(electronBinary(folder, {})).toBeUndefined();
  mkdirSync(join(folder, 'node_modules/electron/dist'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/electron/path.txt'), 'electron\n');
  expect(electronBinary(folder, {})).toBeUndefined();
  writeFileSync(join(folder, 'node_modules/electron/dist/electron'), '');
  expect(electronBinary(folder, {})).toBe(join(folder, 'node_modules/electron/dist/electron'));
});

test.skipIf(process.platform === 'win32')('npm start hands the folder to the binary and ends with its code', () => {
  const binary = join(folder, 'electron');
  writeFileSync(binary, '#!/bin/sh\necho "$2"\nexit 3\n');
  chmodSync(binary, 0o755);
  const start = new URL('../../../build/start.mjs', import.meta.url).pathname;
  const env = { ...process.env, ELECTRON_EXEC_PATH: binary };
  const { stdout, status } = spawnSync(process.execPath, [start, 'one.syncact'], { env, encoding: 'utf8' });
  expect([stdout, status]).toEqual(['one.syncact\n', 3]);
});

test('the phantom is made where there is no project, and opened where there is one', async () => {
  const options = { host: 'browser', program: 'a test', stateFile: join(folder, 'recent.json') } as const;
  const workstation = new Workstation({ ...options, paths: new FolderAccess([folder], 'choose another') });
  const startJob = vi.spyOn(workstation, 'startJob').mockReturnValue(1);
  const project = join(folder, 'phantom-demo', 'phantom.syncact');
  await openOrMakePhantom(workstation, project);
  expect(workstation.state().project?.folder).toBe(project);
  expect(startJob.mock.calls).toEqual([['phantom', {}]]);
  await workstation.closeProject();
  await openOrMakePhantom(workstation, project);
  expect(workstation.state().project?.folder).toBe(project);
  expect(startJob).toHaveBeenCalledTimes(1);
  await workstation.close();
});

test('syncact web --phantom --open serves the phantom of the current folder and opens the browser', async () => {
  const startJob = vi.spyOn(Workstation.prototype, 'startJob').mockReturnValue(1);
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  vi.stubEnv('SYNCACT_STATE_FOLDER', join(folder, 'state'));
  vi.stubEnv('DISPLAY', ':0');
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text, done?: unknown) => {
    printed += String(text);
    if (typeof done === 'function') (done as () => void)();
    return true;
  });
  const ended = runCommandLine(['web', '--phantom', '--open']);
  await vi.waitFor(() => expect(printed).toMatch(/^http:\S+\nCtrl-C ends it\.\n/));
  await vi.waitFor(() => expect(spawned).toHaveLength(1));
  const [url] = printed.split('\n');
  expect(spawned[0]!.flat()).toContain(url);
  process.emit('SIGINT');
  await ended;
  write.mockRestore();
  expect(startJob.mock.contexts[0]).toBeInstanceOf(Workstation);
  expect((startJob.mock.contexts[0] as Workstation).state().recent).toMatchObject([
    { folder: join(folder, 'phantom.syncact'), exists: true },
  ]);
  vi.restoreAllMocks();
});

test('the address is opened by the system, and not where there is no desktop', () => {
  const url = 'http://127.0.0.1:1/?token=2';
  expect(browserCommand(url, 'linux', {})).toBeUndefined();
  expect(browserCommand(url, 'linux', { DISPLAY: ':0' })).toEqual(['xdg-open', url]);
  expect(browserCommand(url, 'linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open', url]);
  expect(browserCommand(url, 'darwin', {})).toEqual(['open', url]);
  expect(browserCommand(url, 'win32', {})).toEqual(['cmd', '/c', 'start', '""', url]);
});
