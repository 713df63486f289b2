import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DATABASE_DAMAGED, UserError } from '../../src-preload/shared/domain/errors';
import { isAbandoned, UNFINISHED_SUFFIX } from '../files/unfinished';
import { listBackups } from './backups';
import { explainReadOnly, openDatabase, openDatabaseReadOnly, openDatabaseSnapshot, type Database } from './database';
import { acquireLock, type ProjectLock } from './lock';
import { activationMigrations } from './migrations/activations';
import { projectMigrations } from './migrations/project';
import { listStoredFiles } from './queries/stored-files';

/** Folders of a project beside its two databases. */
export const projectFolders = [
  'runs',
  'means',
  'masks',
  'frames',
  'models',
  'checkpoints',
  'maps',
  'terms',
  'pictures',
  'exports',
  'unfinished',
  'shards',
  'backups',
] as const;
export type ProjectFolder = (typeof projectFolders)[number];

/** An open project. `database` may be written only when the project was opened for writing. */
export class Project {
  constructor(
    readonly folder: string,
    readonly database: Database,
    private readonly lock: ProjectLock | undefined,
  ) {}

  get writable(): boolean {
    return this.lock !== undefined;
  }

  /** Absolute path of a file inside the project, given relative to it. */
  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  get activationsFile(): string {
    return this.path('activations.sqlite');
  }

  close(): void {
    this.database.close();
    this.lock?.release();
  }
}

/**
 * Makes a new project folder. An existing empty folder may be used; anything else is refused, untouched.
 * @param folder path ending in `.syncact` by custom, not by force
 */
export function createProject(folder: string, program: string, programVersion: string): Project {
  const path = resolve(folder);
  if (existsSync(path)) {
    if (!statSync(path).isDirectory())
      throw new UserError({
        code: 'target-occupied',
        what: 'cannot create a project here',
        file: path,
        found: 'a file of that name',
      });
    if (isProject(path)) {
      throw new UserError({
        code: 'target-occupied',
        what: 'there is a project already',
        file: path,
        remedy: 'use it as it is, or choose another folder',
      });
    }
    if (readdirSync(path).length > 0) {
      throw new UserError({
        code: 'target-occupied',
        what: 'cannot create a project here',
        file: path,
        expected: 'an empty or new folder',
        found: 'a folder with files in it',
      });
    }
  }
  mkdirSync(path, { recursive: true });
  for (const name of projectFolders) mkdirSync(join(path, name), { recursive: true });
  const lock = acquireLock(path, program);
  try {
    const database = openDatabase(join(path, 'project.sqlite'), projectMigrations);
    database
      .prepare('INSERT INTO project (id, uuid, name, created_at, program_version) VALUES (1, ?, ?, ?, ?)')
      .run(randomUUID(), basename(path).replace(/\.syncact$/, ''), new Date().toISOString(), programVersion);
    openDatabase(join(path, 'activations.sqlite'), activationMigrations).close();
    return new Project(path, database, lock);
  } catch (caught) {
    lock.release();
    for (const name of ['project.sqlite', 'activations.sqlite', 'lock', ...projectFolders])
      rmSync(join(path, name), { recursive: true, force: true });
    throw caught;
  }
}

/**
 * Opens a project for writing: takes its lock, brings its databases up to date, clears what a killed process left half-written,
 * and marks jobs that were running as interrupted.
 * @throws UserError when the folder is no project, may only be read, or another process has it open
 */
export function openProject(folder: string, program: string): Project {
  const path = requireProject(folder);
  let lock: ProjectLock | undefined;
  try {
    lock = acquireLock(path, program);
    const database = openDatabase(join(path, 'project.sqlite'), projectMigrations);
    openDatabase(join(path, 'activations.sqlite'), activationMigrations, { remedy: ACTIVATIONS_REMEDY }).close();
    for (const name of projectFolders) mkdirSync(join(path, name), { recursive: true });
    removeLeftOvers(path, database);
    database
      .prepare(`UPDATE job SET state = 'interrupted', finished_at = ? WHERE state IN ('queued', 'running')`)
      .run(new Date().toISOString());
    return new Project(path, database, lock);
  } catch (caught) {
    lock?.release();
    throw explainReadOnly(caught, path);
  }
}

/** Opens a project for reading, also while another process writes it. */
export function openProjectReadOnly(folder: string): Project {
  const path = requireProject(folder);
  return new Project(path, openDatabaseReadOnly(join(path, 'project.sqlite'), projectMigrations), undefined);
}

/**
 * The project as it is now, for reading, without touching its files where nobody writes it: SQLite's WAL cannot be opened by several
 * machines at once, as the jobs of an array on a network drive would.
 */
export function readProjectSnapshot(folder: string): Project {
  const path = requireProject(folder);
  return new Project(path, openDatabaseSnapshot(join(path, 'project.sqlite'), projectMigrations), undefined);
}

/** They are a cache. */
const ACTIVATIONS_REMEDY = 'delete it: all in it is computed again from the sources';

/** Whether a folder holds a project. */
export function isProject(folder: string): boolean {
  return existsSync(join(folder, 'project.sqlite'));
}

function requireProject(folder: string): string {
  const path = resolve(folder);
  if (!existsSync(path))
    throw new UserError({
      code: 'project-missing',
      what: 'no such project',
      file: path,
      remedy: 'check the path, or create one with `syncact init`',
    });
  if (!statSync(path).isDirectory())
    throw new UserError({
      code: 'project-missing',
      what: 'not a project',
      file: path,
      expected: 'a project folder',
      found: 'a file',
    });
  if (!isProject(path) && listBackups(path).length > 0) {
    throw new UserError({
      code: 'database-damaged',
      ...{ what: DATABASE_DAMAGED, file: join(path, 'project.sqlite'), found: 'no such file, but backups of it' },
      remedy: 'put back the newest with `syncact restore`',
    });
  }
  if (!isProject(path)) {
    throw new UserError({
      code: 'project-missing',
      what: 'not a project',
      file: path,
      expected: 'a folder with project.sqlite in it',
      found: 'a folder without',
      remedy: 'check the path, or create one with `syncact init`',
    });
  }
  return path;
}

/** Endings of the files that the program makes in each folder that a kill can leave something in. */
const derivedFiles = {
  runs: '.run',
  models: '.onnx',
  means: '.nii.gz',
  frames: '.frames',
  masks: '.nii.gz',
  terms: '.safetensors',
  pictures: '.safetensors',
} as const;

/**
 * Removes what killed processes left: unfinished files, and finished ones that no transaction refers to any more. The lock is held,
 * so nobody is writing. Checkpoints stay: a training is resumed from them.
 */
function removeLeftOvers(folder: string, database: Database): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith(UNFINISHED_SUFFIX)) continue;
    // Exports take no lock: one may be written just now.
    if (name.startsWith('exports') && !isAbandoned(name)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  const referenced = new Set(listStoredFiles(database).map(({ file }) => file));
  for (const [name, ending] of Object.entries(derivedFiles)) {
    for (const file of readdirSync(join(folder, name))) {
      if (file.endsWith(ending) && !referenced.has(`${name}/${file}`)) rmSync(join(folder, name, file), { force: true });
    }
  }
}
