import Sqlite from 'better-sqlite3';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkProject } from '../../../src-main/api/check';
import { createProject, openProject, openProjectReadOnly } from '../../../src-main/project/project';
import { toErrorReport } from '../../../src-preload/shared/domain/errors';

function newProject(): { folder: string; file: string } {
  const folder = join(mkdtempSync(join(tmpdir(), 'syncact-check-')), 'a.syncact');
  createProject(folder, 'test', '0').close();
  return { folder, file: join(folder, 'project.sqlite') };
}

async function check(folder: string) {
  const project = openProjectReadOnly(folder);
  const options = { signal: new AbortController().signal, sources: false, progress: () => undefined };
  return checkProject(project, options).finally(() => project.close());
}

test('a sound project has no problems', async () => {
  expect(await check(newProject().folder)).toEqual({ filesChecked: 0, problems: [], sources: [] });
});

/** Byte 47: the number of the schema's format, of which SQLite knows 1 to 4. */
test('a database of a format that SQLite does not know is damage, told once', async () => {
  const { folder, file } = newProject();
  const bytes = readFileSync(file);
  bytes[47] = 9;
  writeFileSync(file, bytes);
  expect((await check(folder)).problems).toEqual(['project.sqlite: unsupported file format']);
  expect(() => openProject(folder, 'test')).toThrow(/the database is damaged/);
});

test('a schema in which a table has another name is damage', async () => {
  const { folder, file } = newProject();
  const database = new Sqlite(file).unsafeMode();
  database.pragma('writable_schema = ON');
  database
    .prepare(
      `UPDATE sqlite_master SET name = 'annotation_evens', sql = replace(sql, 'annotation_event', 'annotation_evens') WHERE name = ?`,
    )
    .run('annotation_event');
  database.close();
  const { problems } = await check(folder);
  expect(problems.join('\n')).toMatch(/annotation_event|malformed/);
  let caught: unknown;
  try {
    openProject(folder, 'test').close();
  } catch (error) {
    caught = error;
  }
  // It opens, or it is said why not: never a fault of the program.
  if (caught !== undefined) expect(toErrorReport(caught)).toMatchObject({ kind: 'user', details: { code: 'database-damaged' } });
});
