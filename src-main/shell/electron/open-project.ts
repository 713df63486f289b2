import { app, ipcMain } from 'electron';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { HostEvents } from '../../../src-preload/shared/contract/events';
import type { DesktopHost } from '../../api/host';
import { isProject } from '../../project/project';
import { mayStopJobs } from './leaving';
import { isOwnPage } from './security';
import { bringForward, mainWindow } from './window';

/** What a second start hands to the first; its arguments would come reordered and mixed with Chromium's. */
export const secondStart = z.object({ folder: z.string().optional() });

/**
 * The project named on the command line, as an absolute path.
 * @param isPackaged else the first argument is the program's own folder: `electron . DIR`
 */
export function namedFolder(argv: readonly string[], isPackaged: boolean): string | undefined {
  const named = argv.slice(1).filter((argument) => !argument.startsWith('-'))[isPackaged ? 0 : 1];
  return named === undefined ? undefined : resolve(named);
}

/** Opens the projects that are named outside of the page: arguments, second starts, documents, drops, the menu. */
export class ProjectOpener {
  private readonly untold: string[] = [];

  /** @param waiting named before there is a window; the latest wins */
  constructor(
    private readonly host: DesktopHost,
    private waiting?: string,
  ) {}

  /** Must be called before Electron is ready: a Mac names its document early. */
  listen(): void {
    app.on('open-file', (event, path) => {
      event.preventDefault();
      void this.open(path);
    });
    app.on('second-instance', (_event, _argv, _folder, data) => {
      const window = mainWindow();
      if (window) bringForward(window);
      const { folder } = secondStart.safeParse(data).data ?? {};
      if (folder) void this.open(folder);
    });
    ipcMain.on('open-dropped', (event, path: unknown) => {
      if (isOwnPage(event.senderFrame) && typeof path === 'string') void this.open(path);
    });
    this.host.listen((event, detail) => {
      if (event !== 'app.changed') return;
      const { folder } = detail as HostEvents['app.changed'];
      if (folder !== null) app.addRecentDocument(folder);
    });
  }

  /** Opens a project before the user's eyes, after asking where that stops jobs; says in the window why it cannot be opened. */
  async open(path: string): Promise<void> {
    const folder = resolve(path);
    const window = mainWindow();
    if (!window) return void (this.waiting = folder);
    bringForward(window);
    const opens = isProject(folder) && this.host.state().project?.folder !== folder;
    if (opens && !(await mayStopJobs(this.host, 'open the other project'))) return;
    await this.tryToOpen(folder);
    this.tell();
  }

  /** Opens what was named so far; before the window is there, so that it opens with the project. */
  async openWaiting(): Promise<void> {
    const folder = this.waiting;
    this.waiting = undefined;
    if (folder !== undefined) await this.tryToOpen(folder);
  }

  /** The window can hear now: what went wrong before is told, what was named meanwhile is opened. */
  async windowLoaded(): Promise<void> {
    await this.openWaiting();
    this.tell();
  }

  private async tryToOpen(folder: string): Promise<void> {
    try {
      await this.host.openProject(folder);
    } catch (caught) {
      this.untold.push(`The project cannot be opened: ${caught instanceof Error ? caught.message : String(caught)}`);
    }
  }

  private tell(): void {
    for (const message of this.untold.splice(0)) this.host.emit('notice', { kind: 'failure', message });
  }
}
