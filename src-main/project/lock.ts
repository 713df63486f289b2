import Sqlite from 'better-sqlite3';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';

/** Who holds a project open. */
export interface LockHolder {
  user: string;
  host: string;
  processId: number;
  /** What was started: "syncact train", "the workstation". */
  program: string;
  since: string;
}

export interface ProjectLock {
  release(): void;
}

/**
 * Takes the project for writing. The lock is an operating-system lock on the file `lock`, held through SQLite: it goes with the
 * process however that ends, so there are no stale locks; `lock.json` beside it only says who holds it.
 * @throws UserError naming the holder when another process has the project open
 */
export function acquireLock(folder: string, program: string): ProjectLock {
  const file = join(folder, 'lock');
  let database = new Sqlite(file, { timeout: 0 });
  try {
    if (!isDatabase(database)) {
      // Damaged, so nobody holds it; there is nothing in it to be lost.
      database.close();
      rmSync(file);
      database = new Sqlite(file, { timeout: 0 });
    }
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (caught) {
    database.close();
    if (caught instanceof Error && 'code' in caught && String(caught.code).startsWith('SQLITE_BUSY')) throw alreadyOpen(folder);
    throw caught;
  }
  try {
    writeFileSync(holderFile(folder), JSON.stringify(describeThisProcess(program)));
  } catch (caught) {
    database.close();
    throw caught;
  }
  return {
    release() {
      rmSync(holderFile(folder), { force: true });
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

function isDatabase(database: Sqlite.Database): boolean {
  try {
    database.pragma('schema_version');
    return true;
  } catch (caught) {
    return !(caught instanceof Error && 'code' in caught && caught.code === 'SQLITE_NOTADB');
  }
}

/** Who holds the project, as far as can be told; undefined when nobody says so. */
export function readLockHolder(folder: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(holderFile(folder), 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

function alreadyOpen(folder: string): UserError {
  const holder = readLockHolder(folder);
  return new UserError({
    code: 'project-in-use',
    what: 'the project is already open',
    file: folder,
    found: holder
      ? `${holder.program} of ${holder.user} on ${holder.host} (process ${holder.processId}), since ${holder.since}`
      : 'another process that does not say who it is',
    remedy: 'close it there, or wait until it has finished',
  });
}

function describeThisProcess(program: string): LockHolder {
  return { user: userInfo().username, host: hostname(), processId: process.pid, program, since: new Date().toISOString() };
}

function holderFile(folder: string): string {
  return join(folder, 'lock.json');
}
