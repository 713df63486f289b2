import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuAction } from '../../../src-preload/shared/contract/events';
import type { AppState } from '../../../src-preload/shared/contract/views';
import type { DesktopHost } from '../../api/host';

type Items = MenuItemConstructorOptions[];

/** What the menu shows and does. */
export interface MenuContext {
  state: Pick<AppState, 'project' | 'recent'>;
  mac: boolean;
  /** Whether the tools of developers are there. */
  development: boolean;
  act(action: MenuAction): void;
  open(folder: string): void;
}

/** The screens in the order of the rail, as its titles name them. */
export const menuScreens = [
  ['overview', 'Overview'],
  ['data', 'Data'],
  ['movies', 'Movies'],
  ['models', 'Models'],
  ['embedding', 'Embedding'],
  ['fbns', 'FBNs'],
  ['coupling', 'Coupling'],
  ['semantics', 'Semantics'],
  ['curate', 'Curate'],
  ['report', 'Report'],
  ['figures', 'Figures'],
] as const;

const separator = { type: 'separator' } as const;

/** Keeps the program's menu up to date with the open project and the recent ones. */
export function keepMenu(host: DesktopHost, open: (folder: string) => void): void {
  const rebuild = () => {
    const template = menuTemplate({
      ...{ state: host.state(), mac: process.platform === 'darwin', development: !app.isPackaged, open },
      act: (action) => host.emit('menu', { action }),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  host.listen((event) => {
    if (event === 'app.changed') rebuild();
  });
  rebuild();
}

/** The whole menu. */
export function menuTemplate(context: MenuContext): Items {
  return [
    ...(context.mac ? [macMenu(context)] : []),
    { label: '&File', submenu: fileItems(context) },
    { label: '&Edit', submenu: editItems(context) },
    { label: '&View', submenu: viewItems(context) },
    { label: '&Go', submenu: goItems(context) },
    ...(context.mac ? [{ role: 'windowMenu' } as const] : []),
    { role: 'help', label: '&Help', submenu: helpItems(context) },
  ];
}

function macMenu(context: MenuContext): MenuItemConstructorOptions {
  const submenu: Items = [
    { label: 'About Sync-ACT Workstation', click: () => context.act('about') },
    separator,
    { role: 'services' },
    separator,
    ...(['hide', 'hideOthers', 'unhide'] as const).map((role) => ({ role })),
    separator,
    { role: 'quit' },
  ];
  return { label: 'Sync-ACT', submenu };
}

function fileItems(context: MenuContext): Items {
  const { mac, state, act } = context;
  return [
    { label: 'New project…', click: () => act('new-project') },
    shown('Open project…', 'CmdOrCtrl+O', () => act('open-project')),
    { label: 'Open recent', submenu: recentItems(context) },
    separator,
    { label: 'Close project', enabled: state.project !== null, click: () => act('close-project') },
    separator,
    { role: mac ? 'close' : 'quit' },
  ];
}

function recentItems({ state, open }: MenuContext): Items {
  const items = state.recent
    .filter(({ exists }) => exists)
    .map(({ name, folder }) => ({ label: literal(`${name} (${folder})`), click: () => open(folder) }));
  return items.length > 0 ? items : [{ label: 'None', enabled: false }];
}

function editItems({ mac, state, act }: MenuContext): Items {
  const enabled = state.project !== null;
  const undo = { label: 'Undo change of the project', enabled, click: () => act('undo') };
  const edit = (['cut', 'copy', 'paste', 'selectAll'] as const).map((role) => ({ role }));
  // On a Mac text fields undo by their menu item alone; the page takes the key first, where it is not in a text field.
  if (mac) return [{ role: 'undo', label: 'Undo typing' }, undo, separator, ...edit];
  return [{ ...shown(undo.label, 'CmdOrCtrl+Z', undo.click), enabled }, separator, ...edit];
}

function viewItems({ state, development, act }: MenuContext): Items {
  const enabled = state.project !== null;
  return [
    { ...shown('Search everything', 'CmdOrCtrl+K', () => act('search')), enabled },
    { ...shown('Jobs', 'CmdOrCtrl+J', () => act('jobs')), enabled },
    separator,
    ...(['resetZoom', 'zoomIn', 'zoomOut'] as const).map((role) => ({ role })),
    separator,
    { role: 'togglefullscreen' },
    ...(development ? [separator, { role: 'toggleDevTools' } as const] : []),
  ];
}

function goItems({ state, act }: MenuContext): Items {
  const go = (name: (typeof menuScreens)[number][0]) => () => act(`go:${name}`);
  return menuScreens.map(([name, label], index) => ({
    // There are ten digits.
    ...(index < 10 ? shown(label, `CmdOrCtrl+${(index + 1) % 10}`, go(name)) : { label, click: go(name) }),
    enabled: state.project !== null,
  }));
}

function helpItems({ mac, act }: MenuContext): Items {
  const keys = { label: 'Keys (?)', click: () => act('keys') };
  const diagnostics = { label: 'Diagnostics', click: () => act('diagnostics') };
  const errors = { label: 'Error codes', click: () => act('errors') };
  return mac
    ? [keys, errors, diagnostics]
    : [keys, errors, diagnostics, { label: 'About Sync-ACT Workstation', click: () => act('about') }];
}

/**
 * An item whose key the page handles itself (app-keys.ts): the menu shows it and leaves it alone, or it would act twice. A Mac
 * registers it all the same, but asks the page first, and the page keeps what it has used.
 */
function shown(label: string, accelerator: string, click: () => void): MenuItemConstructorOptions {
  return { label, accelerator, registerAccelerator: false, click };
}

/** A label with its ampersands, which a menu would take for marks of keys. */
function literal(label: string): string {
  return label.replaceAll('&', '&&');
}
