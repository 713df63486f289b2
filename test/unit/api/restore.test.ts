import { closeSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { checkAnnotationLog } from '../../../src-main/api/annotations/log';
import { backUp } from '../../../src-main/project/backups';
import { useAnnotationDesk } from './annotation-desk';

const desk = useAnnotationDesk();

/** Decisions before and after a backup, and the project closed. */
async function decideAroundBackup(): Promise<string> {
  await desk.decide('Ana', 0, { fbn: 'before' });
  await backUp(desk.project, new Date('2026-01-01T00:00:00Z'));
  await desk.decide('Ana', 1, { fbn: 'after' });
  const { folder } = desk.project;
  await desk.workstation.closeProject();
  return folder;
}

const notices: string[] = [];
function hearNotices(): void {
  notices.length = 0;
  desk.workstation.listen((event, detail) => {
    if (event === 'notice') notices.push((detail as { message: string }).message);
  });
}

async function restoreOldest(folder: string): Promise<void> {
  hearNotices();
  const { backups } = await desk.ask<{ backups: { name: string }[] }>('app.backups', { folder });
  await desk.ask('app.restore', { folder, backup: backups.at(-1)!.name });
}

/** Writes over the first page of a table. */
function damageTable(file: string, table: string): void {
  const database = new Sqlite(file);
  const { rootpage } = database.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').get(table) as { rootpage: number };
  database.close();
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(4096, 0x5a), 0, 4096, (rootpage - 1) * 4096);
  closeSync(handle);
}

test('annotations written since the backup are read from the damaged database and are back', async () => {
  const folder = await decideAroundBackup();
  const file = join(folder, 'project.sqlite');
  damageTable(file, 'embedding');
  const refused = await desk.workstation.answer('app.open', { folder });
  expect(refused).toMatchObject({ ok: false, error: { kind: 'user', details: { what: 'the database is damaged' } } });
  await restoreOldest(folder);
  const { entries } = await desk.state('Ana');
  expect(entries.map(({ fbn }) => fbn).sort()).toEqual([0, 1]);
  expect(notices.join()).toMatch(/1 annotations written since/);
  expect(checkAnnotationLog(desk.project)).toEqual({ events: 2, problems: [] });
  expect(readdirSync(join(folder, 'damaged'))).toHaveLength(1);
});

test('where nothing can be read of the damaged database, what was backed up is there', async () => {
  const folder = await decideAroundBackup();
  writeFileSync(join(folder, 'project.sqlite'), Buffer.alloc(50_000, 'x'));
  await restoreOldest(folder);
  const { entries } = await desk.state('Ana');
  expect(entries.map(({ fbn }) => fbn)).toEqual([0]);
  expect(notices.join()).not.toMatch(/annotations written since/);
});
