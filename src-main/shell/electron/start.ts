import { app, BrowserWindow, ipcMain, protocol, session, type IpcMainInvokeEvent } from 'electron';
import { join } from 'node:path';
import type { DesktopHost } from '../../api/host';
import { watchCrashes } from './crashes';
import { Leaving } from './leaving';
import { keepMenu } from './menu';
import { ProjectOpener } from './open-project';
import { serveOwnOrigin } from './own-origin';
import { isOwnPage, ORIGIN, secureApp, secureSession } from './security';
import { WindowStateFile } from './window-state';
import { createWindow } from './window';

/**
 * Starts the desktop program: one instance with one window, sandboxed and isolated, that no request and no navigation leaves. A
 * second start hands its project to the first and ends here, before anything is opened.
 * @param folder the project to open, as an absolute path
 */
export async function startElectron(host: DesktopHost, folder?: string): Promise<void> {
  if (!app.requestSingleInstanceLock(folder === undefined ? {} : { folder })) return app.quit();
  secureApp();
  const projects = new ProjectOpener(host, folder);
  projects.listen();
  const place = new WindowStateFile(join(app.getPath('userData'), 'window.json'));
  const leaving = new Leaving(host, () => place.written);
  leaving.listen();
  await app.whenReady();
  secureSession(session.defaultSession);
  protocol.handle('app', (request) => serveOwnOrigin(request, host));
  connect(host);
  keepMenu(host, (recent) => void projects.open(recent));
  await projects.openWaiting();
  const window = createWindow(place.read());
  place.keep(window);
  leaving.watch(window);
  watchCrashes(window, host);
  await window.loadURL(`${ORIGIN}/`);
  await projects.windowLoaded();
}

/** Tells windows what happens, and answers what their own page asks. */
function connect(host: DesktopHost): void {
  host.listen((event, detail) => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.send(`event:${event}`, detail);
  });
  ipcMain.handle('request', (event: IpcMainInvokeEvent, route: unknown, input: unknown) => {
    if (!isOwnPage(event.senderFrame)) throw new Error('refused: not a page of this program');
    return host.answer(route, input);
  });
}
