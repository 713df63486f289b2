import { app, BrowserWindow, ipcMain, protocol, session, type IpcMainInvokeEvent } from 'electron';
import { join } from 'node:path';
import { serveRendererFile } from '../renderer-files';
import type { Host } from '../../api/host';

/** The renderer's own origin; nothing else is ever loaded. */
const ORIGIN = 'app://syncact';

/**
 * Starts the desktop window over an open project: sandboxed, isolated, no navigation, no permission, no request that leaves the
 * program, and only messages of this window's own page answered.
 */
export async function startElectron(host: Host): Promise<void> {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  app.enableSandbox();
  await app.whenReady();
  protocol.handle('app', (request) => {
    const { pathname } = new URL(request.url);
    return pathname.startsWith('/resource/') ? host.resource(request) : serveRendererFile(decodeURIComponent(pathname));
  });
  host.listen((event, detail) => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.send(`event:${event}`, detail);
  });
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !isOwnUrl(details.url) }));
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
  ipcMain.handle('request', (event: IpcMainInvokeEvent, route: unknown, input: unknown) => {
    if (event.senderFrame === null || !isOwnUrl(event.senderFrame.url)) throw new Error('refused: not a page of this program');
    return host.answer(route, input);
  });
  app.on('window-all-closed', () => void host.close().finally(() => app.quit()));
  await openWindow();
}

async function openWindow(): Promise<void> {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 640,
    backgroundColor: '#14161A',
    show: false,
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  await window.loadURL(`${ORIGIN}/`);
}

function isOwnUrl(url: string): boolean {
  return url.startsWith(`${ORIGIN}/`) || url.startsWith('devtools://') || url.startsWith(`blob:${ORIGIN}`);
}
