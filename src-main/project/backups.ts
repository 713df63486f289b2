import Sqlite from 'better-sqlite3';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DATABASE_DAMAGED, UserError } from '../../src-preload/shared/domain/errors';
import { UNFINISHED_SUFFIX } from '../files/unfinished';
import { hashBytes } from '../files/hash';
import { checkIntegrity } from './database';
import { acquireLock } from './lock';
import type { Project } from './project';

/** A copy of a project's database; what lies beside the database is not in it. */
export interface Backup {
  /** "project-20260131T120000Z.sqlite" */
  name: string;
  file: string;
  at: Date;
  bytes: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** No new one while there is one of the last minutes. */
const LEAST_AGE = 10 * MINUTE;
/** What is kept: the newest, and the newest of each of the last days and weeks. */
const KEPT = { newest: 3, days: 5, weeks: 4 };
/** Where databases go whose place a backup takes. */
const DAMAGED_FOLDER = 'damaged';
const NAME = /^project-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.sqlite$/;

/** The backups of a project, newest first. */
export function listBackups(folder: string): Backup[] {
  const place = join(folder, 'backups');
  if (!existsSync(place)) return [];
  const found = readdirSync(place).flatMap((name): Backup[] => {
    const parts = NAME.exec(name)?.slice(1).map(Number) as [number, number, number, number, number, number] | undefined;
    if (!parts) return [];
    const [year, month, day, ...time] = parts;
    const file = join(place, name);
    return [{ name, file, at: new Date(Date.UTC(year, month - 1, day, ...time)), bytes: statSync(file).size }];
  });
  return found.sort((a, b) => b.at.getTime() - a.at.getTime());
}

function stamp(at: Date): string {
  return at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
}

/**
 * Copies the database of an open project through SQLite's own backup, which may go on while it is written, and lets old copies go. Does
 * nothing where there is a copy of the last ten minutes; a copy in the future (the clock went backwards) is none.
 * @returns the new backup
 * @throws UserError when the copy is damaged, as the database then is: no older copy is let go
 */
export async function backUp(project: Project, now = new Date()): Promise<Backup | undefined> {
  const backups = listBackups(project.folder);
  if (backups.some(({ at }) => at <= now && now.getTime() - at.getTime() < LEAST_AGE)) return undefined;
  const file = project.path('backups', `project-${stamp(now)}.sqlite`);
  const unfinished = `${file}${UNFINISHED_SUFFIX}`;
  try {
    await project.database.backup(unfinished);
    requireSound(unfinished, project.path('project.sqlite'));
    sync(unfinished);
    renameSync(unfinished, file);
    sync(dirname(file));
  } catch (caught) {
    rmSync(unfinished, { force: true });
    throw caught;
  }
  // Nothing happened since: one of the two is enough.
  const [last] = backups.filter(({ at }) => at <= now);
  if (last && hashBytes(readFileSync(last.file)) === hashBytes(readFileSync(file))) rmSync(last.file);
  for (const expired of expiredBackups(listBackups(project.folder), now)) rmSync(expired.file, { force: true });
  return { name: `project-${stamp(now)}.sqlite`, file, at: now, bytes: statSync(file).size };
}

/** Those that are no longer kept: see KEPT. What lies in the future is kept. */
export function expiredBackups(backups: readonly Backup[], now: Date): Backup[] {
  const past = backups.filter(({ at }) => at <= now).sort((a, b) => b.at.getTime() - a.at.getTime());
  const newestOf = (length: number, count: number) => {
    const periods = new Map<number, Backup>();
    for (const backup of past) {
      const period = Math.floor(backup.at.getTime() / length);
      if (!periods.has(period)) periods.set(period, backup);
    }
    return [...periods.values()].slice(0, count);
  };
  const kept = new Set([...past.slice(0, KEPT.newest), ...newestOf(DAY, KEPT.days), ...newestOf(7 * DAY, KEPT.weeks)]);
  return past.filter((backup) => !kept.has(backup));
}

/** What came of putting back a backup. */
export interface Restored {
  backup: Backup;
  /** Folder to which the database went that was there. */
  kept: string;
}

/**
 * Puts a backup in the place of a project's database, which is kept as it is, with its log, in `damaged/`.
 * @param name of the backup; the newest that is sound where left out
 * @throws UserError where there is none, or another process has the project open
 */
export function restoreBackup(folder: string, name: string | undefined, program: string, now = new Date()): Restored {
  const path = resolve(folder);
  const backups = listBackups(path);
  if (backups.length === 0)
    throw new UserError({
      code: 'backup-missing',
      ...{ what: 'the project has no backup', file: path, expected: 'copies of its database in backups/' },
      remedy: 'check the path; sources are untouched, and a new project can be made of them',
    });
  const lock = acquireLock(path, program);
  try {
    const backup = chooseBackup(backups, name, path);
    const kept = join(path, DAMAGED_FOLDER, stamp(now));
    mkdirSync(kept, { recursive: true });
    const database = join(path, 'project.sqlite');
    const unfinished = `${database}${UNFINISHED_SUFFIX}`;
    copyFileSync(backup.file, unfinished);
    sync(unfinished);
    for (const ending of ['', '-wal', '-shm'])
      if (existsSync(database + ending)) renameSync(database + ending, join(kept, `project.sqlite${ending}`));
    renameSync(unfinished, database);
    sync(path);
    return { backup, kept };
  } finally {
    lock.release();
  }
}

function chooseBackup(backups: readonly Backup[], name: string | undefined, folder: string): Backup {
  const asked = name === undefined ? backups : backups.filter((backup) => backup.name === name);
  const sound = asked.find(({ file }) => problemsOf(file).length === 0);
  if (sound) return sound;
  throw new UserError({
    code: 'backup-missing',
    what: asked.length === 0 ? 'there is no such backup' : 'no backup is sound',
    file: join(folder, 'backups'),
    expected: backups.map((backup) => backup.name).join(', '),
    ...(name !== undefined && { found: name }),
  });
}

function problemsOf(file: string): string[] {
  let copy: Sqlite.Database | undefined;
  try {
    copy = new Sqlite(file, { readonly: true, fileMustExist: true });
    return checkIntegrity(copy);
  } catch (caught) {
    return [caught instanceof Error ? caught.message : String(caught)];
  } finally {
    copy?.close();
  }
}

function requireSound(copy: string, database: string): void {
  const [problem] = problemsOf(copy);
  // A copy of a database with a WAL says that it has one; looking at it makes none that stays.
  for (const ending of ['-wal', '-shm']) rmSync(copy + ending, { force: true });
  if (problem !== undefined)
    throw new UserError({
      code: 'database-damaged',
      ...{ what: DATABASE_DAMAGED, file: database, found: problem },
      remedy: 'close the project and put back a backup (`syncact restore`); the damaged file is kept',
    });
}

/** To the disk, so that a power cut finds the old or the new. */
function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
