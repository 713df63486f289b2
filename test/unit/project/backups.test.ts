import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { backUp, expiredBackups, listBackups, restoreBackup, type Backup } from '../../../src-main/project/backups';
import { createProject, openProject, openProjectReadOnly } from '../../../src-main/project/project';

const newProject = () => createProject(join(mkdtempSync(join(tmpdir(), 'syncact-backups-')), 'a.syncact'), 'test', '0');
const at = (text: string) => new Date(text);
const change = (project: ReturnType<typeof newProject>, text: string) =>
  project.database.prepare(`UPDATE project SET name = ?`).run(text);
const nameOf = (folder: string) => {
  const project = openProjectReadOnly(folder);
  const { name } = project.database.prepare('SELECT name FROM project').get() as { name: string };
  project.close();
  return name;
};

/** Writes over the first page of a table. */
function damage(file: string, table = 'coupling'): void {
  const database = new Sqlite(file);
  const { rootpage } = database.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').get(table) as { rootpage: number };
  const page = database.pragma('page_size', { simple: true }) as number;
  database.close();
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(page, 0x5a), 0, page, (rootpage - 1) * page);
  closeSync(handle);
}

test('a backup is the database as it is while it is open, and none is made for the next ten minutes', async () => {
  const project = newProject();
  change(project, 'as it was');
  const backup = await backUp(project, at('2026-01-01T12:00:00Z'));
  expect(backup).toMatchObject({ name: 'project-20260101T120000Z.sqlite' });
  expect(await backUp(project, at('2026-01-01T12:09:59Z'))).toBeUndefined();
  change(project, 'changed');
  expect(await backUp(project, at('2026-01-01T12:10:00Z'))).toBeDefined();
  expect(readdirSync(project.path('backups')).sort()).toEqual([
    'project-20260101T120000Z.sqlite',
    'project-20260101T121000Z.sqlite',
  ]);
  project.close();
});

test('two that are the same are kept once; a clock that went backwards does not stop backups', async () => {
  const project = newProject();
  await backUp(project, at('2026-01-01T12:00:00Z'));
  await backUp(project, at('2026-01-01T13:00:00Z'));
  expect(listBackups(project.folder).map(({ name }) => name)).toEqual(['project-20260101T130000Z.sqlite']);
  expect(await backUp(project, at('2025-06-01T00:00:00Z'))).toBeDefined();
  expect(await backUp(project, at('2025-06-01T00:00:01Z'))).toBeUndefined();
  expect(listBackups(project.folder)).toHaveLength(2);
  project.close();
});

test('the newest three are kept, one of each of five days, and one of each of four weeks', () => {
  const now = at('2026-03-01T12:00:00Z');
  const hourly = Array.from({ length: 24 * 60 }, (_, hour): Backup => {
    const time = new Date(now.getTime() - hour * 3_600_000);
    return { name: time.toISOString(), file: '', at: time, bytes: 1 };
  });
  const future: Backup = { name: 'ahead', file: '', at: at('2030-01-01T00:00:00Z'), bytes: 1 };
  const expired = new Set(expiredBackups([...hourly, future], now));
  const kept = hourly.filter((backup) => !expired.has(backup)).map(({ name }) => name);
  expect(expired.has(future)).toBe(false);
  expect(kept.slice(0, 3)).toEqual(hourly.slice(0, 3).map(({ name }) => name));
  expect(kept.filter((name) => name.endsWith('T23:00:00.000Z')).length).toBeGreaterThanOrEqual(4);
  expect(kept.length).toBeLessThanOrEqual(3 + 5 + 4);
  expect(now.getTime() - at(kept.at(-1)!).getTime()).toBeGreaterThan(14 * 86_400_000);
});

test('a damaged database is not backed up, and no older copy is let go', async () => {
  const project = newProject();
  await backUp(project, at('2026-01-01T12:00:00Z'));
  const { folder } = project;
  project.close();
  damage(join(folder, 'project.sqlite'));
  const damaged = openProject(folder, 'test');
  await expect(backUp(damaged, at('2026-01-02T12:00:00Z'))).rejects.toThrow(/the database is damaged.*syncact restore/);
  expect(readdirSync(join(folder, 'backups'))).toEqual(['project-20260101T120000Z.sqlite']);
  damaged.close();
});

test('a backup takes the place of the database, which is kept with its log', async () => {
  const project = newProject();
  change(project, 'backed up');
  await backUp(project, at('2026-01-01T12:00:00Z'));
  change(project, 'lost');
  project.close();
  const database = project.path('project.sqlite');
  writeFileSync(database, 'not a database at all, but long enough to be taken for the header of one'.repeat(50));
  expect(() => openProject(project.folder, 'test')).toThrow(/the database is damaged.*syncact restore/);
  const { backup, kept } = restoreBackup(project.folder, undefined, 'test', at('2026-01-03T00:00:00Z'));
  expect(backup.name).toBe('project-20260101T120000Z.sqlite');
  expect(kept).toBe(project.path('damaged', '20260103T000000Z'));
  expect(readFileSync(join(kept, 'project.sqlite'), 'utf8')).toMatch(/^not a database at all/);
  expect(nameOf(project.folder)).toBe('backed up');
});

test('a database that is gone is put back too; the newest copy that is sound is taken', async () => {
  const project = newProject();
  change(project, 'older');
  await backUp(project, at('2026-01-01T12:00:00Z'));
  change(project, 'newer');
  const newer = await backUp(project, at('2026-01-02T12:00:00Z'));
  project.close();
  damage(newer!.file);
  rmSync(project.path('project.sqlite'));
  expect(() => openProject(project.folder, 'test')).toThrow(/the database is damaged.*no such file, but backups/);
  expect(() => restoreBackup(project.folder, newer!.name, 'test')).toThrow(/no backup is sound/);
  expect(() => restoreBackup(project.folder, 'project-x.sqlite', 'test')).toThrow(/no such backup.*project-20260102/);
  restoreBackup(project.folder, undefined, 'test');
  expect(nameOf(project.folder)).toBe('older');
});

test('nothing is put back beneath a project that is open, nor where there is no backup', async () => {
  const project = newProject();
  expect(() => restoreBackup(project.folder, undefined, 'test')).toThrow(/no backup/);
  await backUp(project);
  expect(() => restoreBackup(project.folder, undefined, 'test')).toThrow(/already open/);
  project.close();
});

test('a lock file that was written over is made anew', () => {
  const project = newProject();
  project.close();
  writeFileSync(project.path('lock'), 'x'.repeat(5000));
  const again = openProject(project.folder, 'test');
  expect(() => openProject(project.folder, 'other')).toThrow(/already open/);
  again.close();
});
