import Sqlite from 'better-sqlite3';
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATABASE_DAMAGED, UserError } from '../../src-preload/shared/domain/errors';
import { migrate, type Migration } from './migrate';

export type Database = Sqlite.Database;

/** A database that its holder may only read from; the type has no way to write. */
export type ReadOnlyDatabase = Pick<Database, 'prepare' | 'close' | 'name'> & { readonly readonly: true };

/**
 * Opens (and creates or migrates) one of a project's SQLite files: WAL, foreign keys, and synchronous=FULL, so that what was
 * committed survives a power cut (better-sqlite3 falls back to NORMAL after the first WAL write otherwise).
 * @param options.sole for a file that one process uses at a time: locked as long as it is open, with a rollback journal, which
 *   network drives can do
 * @param options.remedy what to do about a damaged file
 * @throws UserError when the file is no database, is damaged, or comes from a newer version of the program
 */
export function openDatabase(path: string, migrations: readonly Migration[], { sole = false, remedy = PUT_BACK } = {}): Database {
  let database: Database | undefined;
  try {
    database = new Sqlite(path, sole ? { timeout: 0 } : {});
    if (sole) database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; BEGIN EXCLUSIVE; COMMIT');
    else database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('busy_timeout = 5000');
    migrate(database, migrations, path);
    return database;
  } catch (caught) {
    database?.close();
    throw explainDatabaseError(caught, path, remedy);
  }
}

/**
 * Opens a database for reading beside a possible writer; a copy of it where it cannot be opened in its place, because the disk is full
 * or may only be read.
 * @throws UserError when it is missing, damaged, or of another version than this program reads
 */
export function openDatabaseReadOnly(path: string, migrations: readonly Migration[]): Database {
  try {
    return openedForReading(path, migrations, () => new Sqlite(path, { readonly: true, fileMustExist: true }));
  } catch (caught) {
    if (!NO_INDEX.test(codeOf(causeOf(caught))) || !isReadable(path)) throw caught;
    return openedForReading(path, migrations, () => new Sqlite(readWithLog(path)));
  }
}

/** How SQLite says that it cannot keep the index of a log beside the database: the disk is full, or may only be read. */
const NO_INDEX = /^SQLITE_(READONLY|CANTOPEN|IOERR|FULL)/;
/** Databases up to this size are read into memory where they cannot be opened in their place. */
const LARGEST_IN_MEMORY = 2 ** 30;

function isReadable(path: string): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  return size !== undefined && size <= LARGEST_IN_MEMORY;
}

/** A database with what its log adds to it, as bytes; neither file is touched. */
function readWithLog(path: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-reading-'));
  try {
    for (const ending of ['', '-wal']) if (existsSync(path + ending)) copyFileSync(path + ending, join(folder, `copy${ending}`));
    const copy = new Sqlite(join(folder, 'copy'));
    copy.pragma('journal_mode = DELETE');
    copy.close();
    return readFileSync(join(folder, 'copy'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function causeOf(caught: unknown): unknown {
  return caught instanceof UserError ? caught.cause : caught;
}

/**
 * Reads a database into memory, so that any number of machines can do so at once. Where a writer has it open (it has a log that is
 * not empty) it is opened beside the writer instead, which works on the writer's machine.
 * @throws UserError like openDatabaseReadOnly
 */
export function openDatabaseSnapshot(path: string, migrations: readonly Migration[]): Database {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log && log.size > 0) return openDatabaseReadOnly(path, migrations);
  return openedForReading(path, migrations, () => {
    const bytes = readFileSync(path);
    // Bytes 18 and 19 of the header say whether a WAL belongs to the file (2) or not (1); memory has none.
    if (bytes.byteLength > 19) bytes.fill(1, 18, 20);
    return new Sqlite(bytes);
  });
}

function openedForReading(path: string, migrations: readonly Migration[], open: () => Database): Database {
  let database: Database | undefined;
  try {
    database = open();
    database.pragma('busy_timeout = 5000');
    const version = database.pragma('user_version', { simple: true });
    if (version !== migrations.length) {
      throw new UserError({
        code: 'project-version',
        what: 'this project was written by another version of the program',
        file: path,
        expected: `database version ${migrations.length}`,
        found: `version ${String(version)}`,
        remedy:
          Number(version) < migrations.length
            ? 'open it once with a command that writes, to bring it up to date'
            : 'update the program',
      });
    }
    return database;
  } catch (caught) {
    database?.close();
    throw explainDatabaseError(caught, path);
  }
}

const PUT_BACK = 'put back a backup with `syncact restore`; the damaged file is kept, the source files are untouched';

/** What `PRAGMA integrity_check` and `foreign_key_check` find; empty when the database is sound. */
export function checkIntegrity(database: Database): string[] {
  try {
    const integrity = database.pragma('integrity_check') as { integrity_check: string }[];
    const problems = integrity.map((row) => row.integrity_check).filter((line) => line !== 'ok');
    const foreignKeys = database.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[];
    return [...problems, ...foreignKeys.map((row) => `${row.table} row ${row.rowid} refers to a missing ${row.parent}`)];
  } catch (caught) {
    // Damaged so far that it cannot even be checked.
    if (isDamage(caught)) return [caught.message];
    throw caught;
  }
}

/** What SQLite says of a schema that is not as it was written: with the same code as of a statement that is wrong. */
const SCHEMA_DAMAGED = /unsupported file format|malformed|no such (table|column)/;

/** Whether an error of SQLite means that the database is not whole. */
export function isDamage(caught: unknown): caught is Error {
  const code = codeOf(caught);
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code) || (code === 'SQLITE_ERROR' && SCHEMA_DAMAGED.test((caught as Error).message));
}

function explainDatabaseError(caught: unknown, path: string, remedy = PUT_BACK): unknown {
  if (!(caught instanceof Error) || !('code' in caught)) return caught;
  const code = String(caught.code);
  if (isDamage(caught)) {
    return new UserError(
      { code: 'database-damaged', what: DATABASE_DAMAGED, file: path, found: caught.message, remedy },
      { cause: caught },
    );
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return new UserError(
      {
        code: 'project-read-only',
        what: 'cannot open the database',
        file: path,
        remedy: 'check that the file exists and may be written',
      },
      { cause: caught },
    );
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return new UserError(
      { code: 'project-in-use', what: 'the database is in use by another program', file: path, remedy: 'close it and try again' },
      { cause: caught },
    );
  }
  return Object.assign(caught, { path });
}

/** Codes of SQLite, and of the system, for what may not be written. */
const NOT_WRITABLE = /^(SQLITE_READONLY|SQLITE_CANTOPEN|EACCES|EPERM|EROFS)/;

/** A project that cannot be opened because it may only be read, in words; anything else as it was. */
export function explainReadOnly(caught: unknown, folder: string): unknown {
  if (!NOT_WRITABLE.test(codeOf(causeOf(caught)))) return caught;
  return new UserError(
    {
      code: 'project-read-only',
      ...{ what: 'the project may only be read', file: folder },
      expected: 'the right to write to its folder and files: an open project keeps a lock and a journal there',
      remedy: 'give yourself the right to write to it, or copy it to a place where you may',
    },
    { cause: caught },
  );
}

function codeOf(caught: unknown): string {
  return caught instanceof Error && 'code' in caught ? String(caught.code) : '';
}

/** Whether the system refuses to open a file for writing. */
function mayOnlyBeRead(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'));
    return false;
  } catch (caught) {
    return NOT_WRITABLE.test(codeOf(caught));
  }
}

/** A failed write in words that say what to do: a full disk, another program's lock, a folder that may only be read. */
export function explainWriteError(caught: unknown, what: string, path: string): unknown {
  // A disk that refuses a write of a file that was opened before says no more than that.
  const said = codeOf(caught);
  const code = said.startsWith('SQLITE_IOERR') && mayOnlyBeRead(path) ? 'SQLITE_READONLY' : said;
  const reasons: [string, found: string, remedy: string][] = [
    ['SQLITE_FULL', 'the disk is full', 'free some space; it is tried again'],
    ['SQLITE_IOERR', 'the disk does not take it', 'check the disk, and whether it is full; it is tried again'],
    ['SQLITE_BUSY', 'another program has locked the database', 'close it there; it is tried again'],
    ['SQLITE_LOCKED', 'another program has locked the database', 'close it there; it is tried again'],
    ['SQLITE_READONLY', 'the project may only be read', 'give yourself the right to write to it; it is tried again'],
    ['SQLITE_CANTOPEN', 'the project may only be read, or is gone', 'check its folder; it is tried again'],
  ];
  const reason = reasons.find(([prefix]) => code.startsWith(prefix));
  if (!reason) return caught;
  return new UserError({ code: 'annotation-unsaved', what, file: path, found: reason[1], remedy: reason[2] }, { cause: caught });
}
