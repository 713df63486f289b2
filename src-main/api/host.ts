import type { HostEvents } from '../../src-preload/shared/contract/events';
import type { Reply } from '../../src-preload/shared/contract/routes';
import type { AppState } from '../../src-preload/shared/contract/views';

/** What a shell (desktop or browser host) gives its windows; the Workstation is one. */
export interface Host {
  /** Answers a request of the untrusted renderer; errors are values, never exceptions. */
  answer(route: unknown, input: unknown): Promise<Reply>;
  /** Answers a GET (or HEAD) below /resource/, with Range where it makes sense. Never throws. */
  resource(request: Request): Promise<Response>;
  /** Hears everything that every window is told, until the returned function is called. */
  listen(listener: <Name extends keyof HostEvents>(event: Name, detail: HostEvents[Name]) => void): () => void;
  /** Jobs queued or running now. */
  activeJobs(): number;
  close(): Promise<void>;
}

/** What the desktop asks for besides: its menu, documents, drops and second starts open projects and tell windows things. */
export interface DesktopHost extends Host {
  state(): AppState;
  /** Opens a project the user named outside of the window, and lets the renderer name what is in it. @throws UserError */
  openProject(folder: string): Promise<AppState>;
  emit<Name extends keyof HostEvents>(event: Name, detail: HostEvents[Name]): void;
}

/** Which files and folders the renderer may name. */
export interface PathAccess {
  /** Roots that the file browser lists; empty where the system's dialogs are used. */
  readonly roots: readonly string[];
  /** @throws UserError for a path outside of what was allowed */
  check(path: string): void;
  /** Allows a path (and what is below it) that the user chose in a dialog of the system. */
  grant(path: string): void;
}

/** A dialog of the operating system. */
export interface FileDialogRequest {
  kind: 'file' | 'files' | 'folder' | 'save';
  title: string;
  extensions?: string[] | undefined;
}
