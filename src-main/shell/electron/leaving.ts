import { app, type BrowserWindow, type Event } from 'electron';
import type { Host } from '../../api/host';
import { ask } from './dialogs';

/** Whether nothing runs, or what runs may be stopped. @param next what happens then: "quit" */
export async function mayStopJobs(host: Host, next: string): Promise<boolean> {
  const jobs = host.activeJobs();
  if (jobs === 0) return true;
  const answer = await ask({
    message: jobs === 1 ? 'A job is running.' : `${jobs} jobs are running or queued.`,
    detail: `If you stop ${jobs === 1 ? 'it' : 'them'}, what is finished is kept, and the jobs can be resumed from the jobs drawer.`,
    buttons: ['Keep working', `Stop the jobs and ${next}`],
  });
  return answer === 1;
}

/** The end of the program: asked about once while jobs run, and not before the project is closed. */
export class Leaving {
  private asking = false;
  private agreed = false;
  private closing: Promise<void> | undefined;
  private closed = false;

  /** @param finish what else must be done before the end */
  constructor(
    private readonly host: Host,
    private readonly finish: () => Promise<void>,
  ) {}

  listen(): void {
    app.on('before-quit', (event) => this.check(event));
    app.on('window-all-closed', () => app.quit());
    app.on('will-quit', (event) => {
      if (this.closed) return;
      event.preventDefault();
      this.closing ??= this.close();
    });
  }

  /** Closing the window ends the program. */
  watch(window: BrowserWindow): void {
    window.on('close', (event) => this.check(event));
  }

  private check(event: Event): void {
    if (this.agreed || this.host.activeJobs() === 0) return;
    event.preventDefault();
    if (!this.asking) void this.question();
  }

  private async question(): Promise<void> {
    this.asking = true;
    this.agreed = await mayStopJobs(this.host, 'quit').finally(() => (this.asking = false));
    if (this.agreed) app.quit();
  }

  private async close(): Promise<void> {
    const ends = await Promise.allSettled([this.host.close(), this.finish()]);
    for (const end of ends) if (end.status === 'rejected') console.error('While closing:', end.reason);
    this.closed = true;
    app.quit();
  }
}
