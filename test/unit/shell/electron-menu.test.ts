import type { MenuItemConstructorOptions } from 'electron';
import { readFileSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';
import { electron, resetElectron } from '../../fixtures/fake-electron';
import { fakeHost } from '../../fixtures/fake-host';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron')).fakeElectron);
const { keepMenu, menuScreens, menuTemplate } = await import('../../../src-main/shell/electron/menu');

const project = { name: 'one', folder: '/data/one.syncact' };
const recent = [
  { name: 'one & two', folder: '/data/one.syncact', openedAt: '', exists: true },
  { name: 'gone', folder: '/data/gone.syncact', openedAt: '', exists: false },
];
const [act, open] = [vi.fn(), vi.fn()];
const template = (changes: Partial<Parameters<typeof menuTemplate>[0]> = {}) =>
  menuTemplate({ state: { project, recent }, mac: false, development: false, act, open, ...changes });

/** Every item of a menu with those of its submenus. */
function flatten(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);
}
const find = (items: MenuItemConstructorOptions[], label: string) => flatten(items).find((item) => item.label === label)!;
const roles = (items: MenuItemConstructorOptions[]) => flatten(items).flatMap(({ role }) => role ?? []);
const click = (item: MenuItemConstructorOptions) => (item.click as () => void)();

beforeEach(() => {
  resetElectron();
  vi.clearAllMocks();
});

test('items ask the page for what they say', () => {
  const items = template();
  for (const [label, action] of [
    ['New project…', 'new-project'],
    ['Open project…', 'open-project'],
    ['Close project', 'close-project'],
    ['Undo change of the project', 'undo'],
    ['Search everything', 'search'],
    ['Jobs', 'jobs'],
    ['Movies', 'go:movies'],
    ['Keys (?)', 'keys'],
    ['Error codes', 'errors'],
    ['Diagnostics', 'diagnostics'],
    ['About Sync-ACT Workstation', 'about'],
  ] as const) {
    act.mockClear();
    click(find(items, label));
    expect(act.mock.calls).toEqual([[action]]);
  }
});

test('keys that the page handles are shown and not registered', () => {
  const keyed = flatten(template()).filter(({ accelerator }) => accelerator);
  expect(keyed.map(({ label, accelerator }) => `${label} ${accelerator}`)).toEqual([
    'Open project… CmdOrCtrl+O',
    'Undo change of the project CmdOrCtrl+Z',
    'Search everything CmdOrCtrl+K',
    'Jobs CmdOrCtrl+J',
    ...menuScreens.slice(0, 10).map(([, title], index) => `${title} CmdOrCtrl+${(index + 1) % 10}`),
  ]);
  for (const item of keyed) expect([item.label, item.registerAccelerator]).toEqual([item.label, false]);
});

test('text is edited, zoomed and quit by the usual roles', () => {
  expect(roles(template())).toEqual([
    ...['quit', 'cut', 'copy', 'paste', 'selectAll'],
    ...['resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen', 'help'],
  ]);
  expect(roles(template({ development: true }))).toContain('toggleDevTools');
});

test('a Mac has the menu of the program, and undoes typing by its own item', () => {
  const items = template({ mac: true });
  expect(items[0]!.label).toBe('Sync-ACT');
  expect(roles(items)).toEqual(
    expect.arrayContaining(['services', 'hide', 'hideOthers', 'unhide', 'quit', 'close', 'windowMenu']),
  );
  expect(find(items, 'Undo typing').role).toBe('undo');
  expect(find(items, 'Undo change of the project').accelerator).toBeUndefined();
});

test('without a project there is nothing to close, undo, search or go to', () => {
  for (const [state, enabled] of [
    [{ project, recent }, true],
    [{ project: null, recent }, false],
  ] as const) {
    const items = template({ state: { ...state, recent } });
    for (const label of ['Close project', 'Undo change of the project', 'Search everything', 'Jobs', 'Report'])
      expect([label, find(items, label).enabled]).toEqual([label, enabled]);
  }
});

test('recent projects that are still there can be opened', () => {
  const submenu = find(template(), 'Open recent').submenu as MenuItemConstructorOptions[];
  expect(submenu.map(({ label }) => label)).toEqual(['one && two (/data/one.syncact)']);
  click(submenu[0]!);
  expect(open).toHaveBeenCalledWith('/data/one.syncact');
  expect(find(template({ state: { project, recent: [] } }), 'Open recent').submenu).toEqual([{ label: 'None', enabled: false }]);
});

test('the menu is made again when another project is open, and tells the windows', () => {
  const host = fakeHost();
  keepMenu(host, open);
  host.recent = recent;
  host.tell('job.changed', {});
  expect(electron.menus).toHaveLength(1);
  host.tell('app.changed', { folder: null });
  expect(electron.menus).toHaveLength(2);
  const items = electron.menus[1] as MenuItemConstructorOptions[];
  expect(find(items, 'one && two (/data/one.syncact)')).toBeDefined();
  click(find(items, 'Open project…'));
  expect(host.told).toContainEqual(['menu', { action: 'open-project' }]);
});

test('screens are those of the rail, in its order', () => {
  const rail = readFileSync(new URL('../../../src-renderer/app/screens.ts', import.meta.url), 'utf8');
  const screens = [...rail.matchAll(/name: '(\w+)', title: '([^']+)'/g)].map(([, name, title]) => [name, title]);
  expect(menuScreens).toEqual(screens);
});
