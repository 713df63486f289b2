import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { unfinishedPath } from '../../../src-main/files/unfinished';
import { createProject, openProject, openProjectReadOnly } from '../../../src-main/project/project';

const temporary = () => mkdtempSync(join(tmpdir(), 'syncact-project-'));

test('a project is created, closed and opened again', () => {
  const folder = join(temporary(), 'a.syncact');
  createProject(folder, 'test', '0').close();
  const project = openProject(folder, 'test');
  expect(project.database.prepare('SELECT name FROM project').get()).toEqual({ name: 'a' });
  expect(project.database.pragma('synchronous', { simple: true })).toBe(2);
  project.close();
});

test('creating refuses a folder with files, an existing project and a file', () => {
  const folder = temporary();
  writeFileSync(join(folder, 'thesis.docx'), 'x');
  expect(() => createProject(folder, 'test', '0')).toThrow(/empty or new folder/);
  expect(readdirSync(folder)).toEqual(['thesis.docx']);
  expect(() => createProject(join(folder, 'thesis.docx'), 'test', '0')).toThrow(/a file of that name/);
  const existing = join(temporary(), 'b');
  createProject(existing, 'test', '0').close();
  expect(() => createProject(existing, 'test', '0')).toThrow(/a project already/);
});

test('opening what is no project says so', () => {
  const folder = temporary();
  expect(() => openProject(join(folder, 'missing'), 'test')).toThrow(/no such project/);
  expect(() => openProject(folder, 'test')).toThrow(/project.sqlite/);
  writeFileSync(
    join(folder, 'project.sqlite'),
    'this is text, not a database, and long enough to be read as a header of one'.repeat(20),
  );
  expect(() => openProject(folder, 'test')).toThrow(/database is damaged/);
});

test('a second opener is told who holds the project; readers are let in', () => {
  const folder = join(temporary(), 'c.syncact');
  const holder = createProject(folder, 'syncact train', '0');
  expect(() => openProject(folder, 'syncact couple')).toThrow(new RegExp(`already open.*syncact train.*process ${process.pid}`));
  openProjectReadOnly(folder).close();
  holder.close();
  openProject(folder, 'syncact couple').close();
});

test('the lock of a killed process is gone, its unfinished files and running jobs are cleared', async () => {
  const folder = join(temporary(), 'd.syncact');
  createProject(folder, 'test', '0').close();
  const script = `
    const Sqlite = require('better-sqlite3');
    const lock = new Sqlite(${JSON.stringify(join(folder, 'lock'))}); lock.exec('BEGIN EXCLUSIVE');
    const db = new Sqlite(${JSON.stringify(join(folder, 'project.sqlite'))});
    db.prepare("INSERT INTO job (type, input, state, created_at) VALUES ('train', '{}', 'running', '')").run();
    require('fs').writeFileSync(${JSON.stringify(join(folder, 'runs', 'x.run.12.unfinished'))}, 'half');
    require('fs').writeFileSync(${JSON.stringify(join(folder, 'runs', 'y-0badcafe.run'))}, 'whole, but never recorded');
    require('fs').writeFileSync(${JSON.stringify(join(folder, 'means', 'y-0badcafe.nii.gz'))}, 'of a run never recorded');
    console.log('ready'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', script], { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(() => openProject(folder, 'test')).toThrow(/already open/);
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Exports need no lock: somebody exports just now, and the one that was killed did too.
  const exporting = unfinishedPath(join(folder, 'exports', 'arrays.npz'));
  const killed = unfinishedPath(join(folder, 'exports', 'bids')).replace(`-${process.pid}-`, `-${child.pid}-`);
  mkdirSync(join(killed, 'sub-01'), { recursive: true });
  writeFileSync(exporting, 'half');
  const project = openProject(folder, 'test');
  expect(project.database.prepare('SELECT state FROM job').all()).toEqual([{ state: 'interrupted' }]);
  expect(readdirSync(project.path('exports'))).toEqual([basename(exporting)]);
  expect(readdirSync(project.path('runs'))).toEqual([]);
  expect(readdirSync(project.path('means'))).toEqual([]);
  project.close();
});

test('a database from the future is refused', () => {
  const folder = join(temporary(), 'e.syncact');
  const project = createProject(folder, 'test', '0');
  project.database.pragma('user_version = 999');
  project.close();
  expect(() => openProject(folder, 'test')).toThrow(/newer version/);
});
