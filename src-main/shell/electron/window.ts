import { BrowserWindow, screen } from 'electron';
import { join } from 'node:path';
import { webPreferences } from './security';
import { chooseBounds, smallestSize, type WindowState } from './window-state';

/** The one window of the program, where it was the last time; shown once it has something to show. */
export function createWindow(saved: WindowState | undefined): BrowserWindow {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const window = new BrowserWindow({
    ...chooseBounds(
      saved,
      [primary, ...others].map(({ workArea }) => workArea),
    ),
    minWidth: smallestSize.width,
    minHeight: smallestSize.height,
    backgroundColor: '#14161A',
    show: false,
    webPreferences: { preload: join(import.meta.dirname, '../preload/index.cjs'), ...webPreferences() },
  });
  window.once('ready-to-show', () => {
    // Not earlier: to maximise a window is to show it.
    if (saved?.maximised) window.maximize();
    if (saved?.fullScreen) window.setFullScreen(true);
    window.show();
  });
  return window;
}

/** The window, while there is one. */
export function mainWindow(): BrowserWindow | undefined {
  return BrowserWindow.getAllWindows()[0];
}

/** Brings the window before the user, wherever it is. */
export function bringForward(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
