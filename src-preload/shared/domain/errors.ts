import type { ErrorCode, FaultCode } from './error-codes';

/** What an error says of a database that is no longer one. Its code has windows offer a backup. */
export const DATABASE_DAMAGED = 'the database is damaged';

/** What a person needs to mend a bad input: every part but `what` may be left out where it does not apply. */
export interface UserErrorDetails {
  /** The kind of error, which docs/errors.md explains. */
  code: ErrorCode;
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
export function describeUserError({ what, file, expected, found, remedy }: Omit<UserErrorDetails, 'code'>): string {
  const comparison = [expected && `expected ${expected}`, found && `found ${found}`].filter(Boolean).join(', ');
  let line = what;
  if (file !== undefined) line += `: ${file}`;
  if (comparison) line += ` (${comparison})`;
  if (remedy) line += `: ${remedy}`;
  return line.replace(/\s*[\r\n]+\s*/g, ' ');
}

/** A fault whose kind is known; everything else that is thrown is a `program-fault`. */
export class KnownFault extends Error {
  constructor(
    readonly code: FaultCode,
    message: string,
  ) {
    super(message);
    this.name = 'KnownFault';
  }
}

/** One line with the code at its end, in square brackets: what the command line says of an error. */
export function errorLine(report: ErrorReport): string {
  if (report.kind === 'cancelled') return `${report.message} [cancelled]`;
  return report.kind === 'user'
    ? `${describeUserError(report.details)} [${report.details.code}]`
    : `${report.message} [${report.code}]`;
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
  | { kind: 'fault'; code: FaultCode; message: string; stack?: string };

/** Turns anything thrown into a report; system errors about files (ENOENT, ENOSPC, …) become user errors. */
export function toErrorReport(caught: unknown): ErrorReport {
  if (caught instanceof UserError) return { kind: 'user', details: caught.details };
  if (caught instanceof CancelledError) return { kind: 'cancelled', message: caught.message };
  const fileError = describeFileError(caught);
  if (fileError) return { kind: 'user', details: fileError };
  if (!(caught instanceof Error)) return { kind: 'fault', code: 'program-fault', message: String(caught) };
  const code = caught instanceof KnownFault ? caught.code : 'program-fault';
  return { kind: 'fault', code, message: caught.message, ...(caught.stack && { stack: caught.stack }) };
}

/** The inverse of toErrorReport, on the other side of the boundary. */
export function fromErrorReport(report: ErrorReport): Error {
  if (report.kind === 'user') return new UserError(report.details);
  if (report.kind === 'cancelled') return new CancelledError(report.message);
  // Jobs of an older version of the program have no code.
  const code: FaultCode | undefined = report.code;
  const isKnown = code !== undefined && code !== 'program-fault';
  const fault = isKnown ? new KnownFault(code, report.message) : new Error(report.message);
  if (report.stack) fault.stack = report.stack;
  return fault;
}

/** The code of anything thrown. Errors of jobs that an older version of the program kept have none. */
export function codeOfError(caught: unknown): ErrorCode | undefined {
  const report = toErrorReport(caught);
  if (report.kind === 'user') return report.details.code;
  return report.kind === 'fault' ? report.code : 'cancelled';
}

function describeFileError(caught: unknown): UserErrorDetails | undefined {
  if (!(caught instanceof Error) || !('code' in caught)) return undefined;
  const file = 'path' in caught && typeof caught.path === 'string' ? { file: caught.path } : {};
  const code = String(caught.code);
  const known = fileErrors.find(([codes]) => codes.test(code));
  if (!known) return undefined;
  const [, kind, what, remedy] = known;
  return { code: kind, what, ...file, ...(code.startsWith('SQLITE_') && { found: caught.message }), remedy };
}

/** What the system's and SQLite's codes mean to a person. */
const fileErrors: readonly (readonly [codes: RegExp, kind: ErrorCode, what: string, remedy: string])[] = [
  [/^ENOENT$/, 'file-missing', 'no such file or folder', 'check the path'],
  [/^EISDIR$/, 'file-kind', 'this is a folder, not a file', 'name a file'],
  [/^ENOTDIR$/, 'file-kind', 'this is not a folder', 'check the path'],
  [
    /^(ERR_FS_FILE_TOO_LARGE|ERR_STRING_TOO_LONG)$/,
    'file-too-large',
    'the file is too large to be what it should be',
    'name another file',
  ],
  [/^(EACCES|EPERM|EROFS)$/, 'file-rights', 'permission denied', 'check the rights of the file and its folder'],
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)$/, 'disk-full', 'the disk is full', 'free some space, then run the command again'],
  [/^(ENOMEM|SQLITE_NOMEM)$/, 'out-of-memory', 'the memory does not suffice', 'close other programs, then try again'],
  [
    /^(SQLITE_CORRUPT|SQLITE_NOTADB)/,
    'database-damaged',
    DATABASE_DAMAGED,
    'put back a backup with `syncact restore`; the source files are untouched',
  ],
  [/^(SQLITE_BUSY|SQLITE_LOCKED)/, 'project-in-use', 'another program has locked the database', 'close it there, then try again'],
  [
    /^(SQLITE_READONLY|SQLITE_CANTOPEN)/,
    'project-read-only',
    'the database may not be written',
    'check the rights of the project and its folder',
  ],
  [
    /^(SQLITE_IOERR|EIO$)/,
    'disk-failure',
    'the disk does not answer as it should',
    'check the disk, and whether it is full; then try again',
  ],
];
