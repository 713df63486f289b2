/** What a person needs to mend a bad input: every part but `what` may be left out where it does not apply. */
export interface UserErrorDetails {
  /** What failed, as the start of a sentence without a full stop: "cannot read the NIfTI header". */
  what: string;
  /** The file or folder concerned. */
  file?: string;
  expected?: string;
  found?: string;
  /** What to do, as an imperative: "pass --tr SECONDS". */
  remedy?: string;
}

/**
 * Bad input or bad usage: the user can mend it. The command line prints its one line and exits with 2.
 * Everything else that is thrown is a fault of ours (exit 1).
 */
export class UserError extends Error {
  readonly details: UserErrorDetails;

  constructor(details: UserErrorDetails, options?: ErrorOptions) {
    super(describeUserError(details), options);
    this.name = 'UserError';
    this.details = details;
  }
}

/** One line: `what: file (expected …, found …): remedy`. Line breaks in any part become spaces. */
export function describeUserError({ what, file, expected, found, remedy }: UserErrorDetails): string {
  const comparison = [expected && `expected ${expected}`, found && `found ${found}`].filter(Boolean).join(', ');
  let line = what;
  if (file !== undefined) line += `: ${file}`;
  if (comparison) line += ` (${comparison})`;
  if (remedy) line += `: ${remedy}`;
  return line.replace(/\s*[\r\n]+\s*/g, ' ');
}

/** The work was cancelled by the user; it can be resumed. The command line exits with 130. */
export class CancelledError extends Error {
  constructor(message = 'cancelled') {
    super(message);
    this.name = 'CancelledError';
  }
}

/** Throws CancelledError when the signal has been aborted; call between batches, volumes, epochs. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}

/** An error as it crosses a process boundary. */
export type ErrorReport =
  | { kind: 'user'; details: UserErrorDetails }
  | { kind: 'cancelled'; message: string }
  | { kind: 'fault'; message: string; stack?: string };

/** Turns anything thrown into a report; system errors about files (ENOENT, ENOSPC, …) become user errors. */
export function toErrorReport(caught: unknown): ErrorReport {
  if (caught instanceof UserError) return { kind: 'user', details: caught.details };
  if (caught instanceof CancelledError) return { kind: 'cancelled', message: caught.message };
  const fileError = describeFileError(caught);
  if (fileError) return { kind: 'user', details: fileError };
  if (caught instanceof Error) return { kind: 'fault', message: caught.message, ...(caught.stack && { stack: caught.stack }) };
  return { kind: 'fault', message: String(caught) };
}

/** The inverse of toErrorReport, on the other side of the boundary. */
export function fromErrorReport(report: ErrorReport): Error {
  if (report.kind === 'user') return new UserError(report.details);
  if (report.kind === 'cancelled') return new CancelledError(report.message);
  const fault = new Error(report.message);
  if (report.stack) fault.stack = report.stack;
  return fault;
}

function describeFileError(caught: unknown): UserErrorDetails | undefined {
  if (!(caught instanceof Error) || !('code' in caught)) return undefined;
  const file = 'path' in caught && typeof caught.path === 'string' ? { file: caught.path } : {};
  switch (caught.code) {
    case 'ENOENT':
      return { what: 'no such file or folder', ...file, remedy: 'check the path' };
    case 'EISDIR':
      return { what: 'this is a folder, not a file', ...file, remedy: 'name a file' };
    case 'ENOTDIR':
      return { what: 'this is not a folder', ...file, remedy: 'check the path' };
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return { what: 'permission denied', ...file, remedy: 'check the rights of the file and its folder' };
    case 'ENOSPC':
    case 'EDQUOT':
      return { what: 'the disk is full', ...file, remedy: 'free some space, then run the command again' };
    case 'SQLITE_FULL':
      return { what: 'the disk is full', ...file, remedy: 'free some space, then run the command again' };
    default:
      return undefined;
  }
}
