import { app, type BrowserWindow } from 'electron';
import type { DesktopHost } from '../../api/host';
import { ask } from './dialogs';

/** So many crashes within so long are not mended by opening the window once more. */
const MANY = { crashes: 3, withinMs: 60_000 };

/** Brings the window back after a crash, and asks where it hangs. Crashes of compute processes are the job queue's. */
export function watchCrashes(window: BrowserWindow, host: DesktopHost): void {
  let crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    crashes = [...crashes.filter((time) => Date.now() - time < MANY.withinMs), Date.now()];
    void reopen(window, host, reason, crashes.length >= MANY.crashes);
  });
  app.on('child-process-gone', (_event, { type, reason }) => {
    if (type !== 'GPU' || reason === 'clean-exit') return;
    const message = `The graphics process crashed (${reason}) and was started again. Reload views that stay empty by leaving them.`;
    host.emit('notice', { kind: 'failure', message });
  });
  let asking = false;
  window.on('unresponsive', () => {
    if (asking) return;
    asking = true;
    void askToWait(window).finally(() => (asking = false));
  });
}

async function reopen(window: BrowserWindow, host: DesktopHost, reason: string, again: boolean): Promise<void> {
  if (again) {
    const question = {
      message: `The window crashed ${MANY.crashes} times within a minute (${reason}).`,
      buttons: ['Reload', 'Quit'],
    };
    const detail = 'Jobs go on meanwhile, and nothing of the project is lost.';
    if ((await ask({ ...question, detail })) === 1) return app.quit();
  }
  // Chromium is still taking the old process down when it says so.
  await new Promise(setImmediate);
  if (window.isDestroyed()) return;
  window.webContents.once('did-finish-load', () => {
    const message = `The window crashed (${reason}) and was opened again; nothing of the project is lost.`;
    host.emit('notice', { kind: 'failure', message });
  });
  window.webContents.reload();
}

async function askToWait(window: BrowserWindow): Promise<void> {
  const question = { message: 'The window does not answer.', buttons: ['Wait', 'Reload'] };
  const answer = await ask({ ...question, detail: 'Jobs go on meanwhile, and nothing of the project is lost.' });
  // A page that hangs does not reload; it is ended, and comes back as after any crash.
  if (answer === 1 && !window.isDestroyed()) window.webContents.forcefullyCrashRenderer();
}
