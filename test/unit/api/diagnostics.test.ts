import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { describeMachine, programLog, supportBundle } from '../../../src-main/api/diagnostics';
import { ProgramLog, withoutNames, withoutPaths } from '../../../src-main/api/program-log';
import { Workstation } from '../../../src-main/api/workstation';
import { FolderAccess } from '../../../src-main/api/path-access';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncact-log-'));
});

test('a log is put aside when it is long, and only the last files are kept', () => {
  const log = new ProgramLog(join(folder, 'log/a.log'), 200);
  for (let i = 0; i < 60; i++) log.add('info', `line ${i}`, '', new Date('2026-01-01T00:00:00Z'));
  expect(readdirSync(join(folder, 'log')).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2', 'a.log.3']);
  const lines = log.read().trim().split('\n');
  expect(lines.at(-1)).toMatch(/^2026-01-01T00:00:00.000Z \d+ line 59$/);
  expect(lines.map((line) => Number(line.split(' ').at(-1)))).toEqual(Array.from(lines, (_, i) => 60 - lines.length + i));
  expect(lines.length).toBeLessThan(30);
});

test('an entry is one line, and a log that cannot be written stops nothing', () => {
  const log = new ProgramLog(join(folder, 'b.log'));
  log.add('failure', 'one\n  two\r\nthree\n');
  expect(readFileSync(log.file, 'utf8')).toMatch(/ FAILURE one \| two \| three\n$/);
  writeFileSync(join(folder, 'file'), '');
  expect(() => new ProgramLog(join(folder, 'file/c.log')).add('info', 'x')).not.toThrow();
});

test('paths are taken out of a text, whatever the system; those of the program stay', () => {
  const without = (text: string) => withoutPaths(text, '/opt/syncact');
  expect(without('cannot read /data/study/sub-01_bold.nii.gz: it ended')).not.toMatch(/study|sub-01/);
  expect(without(`no such file: C:\\Users\\ana\\sub-02.nii (found nothing)`)).toBe('no such file: ….nii (found nothing)');
  expect(without('at run (file:///opt/syncact/out/main/compute.js:10:5)')).toMatch(/out\/main\/compute\.js:10:5/);
  expect(without('read 3/4 of the runs')).toBe('read 3/4 of the runs');
  expect(without('cannot write C:\\Users\\Ana Maria\\My Study\\a.nii now')).toBe('cannot write ….nii now');
  expect(without('in /data/My Study of Faces/x/a.csv and /home/ana/b.csv')).toBe('in ….csv and ….csv');
});

test('names of files, subjects, persons and machines are taken out, and what is for the owner alone', () => {
  const without = (text: string) => withoutNames(text, '/opt/syncact', ['ana', 'lab-box']);
  expect(without('job 3 train failed [not-finite] ⟦the loss at pilot7 is "NaN"⟧')).toBe('job 3 train failed [not-finite]');
  expect(without('no map of sub-07 in sub-07_ses-2_task-rest_bold.nii.gz')).toBe('no map of sub-… in ….nii.gz');
  expect(without('there is no subject "Erika" and no tag “mother’s”')).toBe('there is no subject "…" and no tag "…"');
  expect(without('open in a window of ana on lab-box (process 3), banana')).toBe(
    'open in a window of … on … (process 3), banana',
  );
  expect(without(`at run (file:///opt/syncact/out/main/compute.js:10:5) of 'x'`)).toMatch(
    /out\/main\/compute\.js:10:5\) of 'x'$/,
  );
});

test('what happened is in the log, and nothing of the data is in the support bundle', async () => {
  const paths = new FolderAccess([folder], 'choose another');
  const workstation = new Workstation({ host: 'browser', program: 'a test', stateFile: join(folder, 'recent.json'), paths });
  await workstation.answer('app.create', { folder: join(folder, 'secret-study.syncact') });
  workstation.emit('notice', { kind: 'failure', message: `cannot read ${join(folder, 'sub-07_bold.nii')}` });
  const events = ['user', 'fault'].map((kind, id) => ({
    ...{ id, type: 'train', state: 'failed' },
    error:
      kind === 'user'
        ? { kind, details: { code: 'not-finite', what: 'the loss at pilot7 of Erika is not finite', file: '/home/erika/s.nii' } }
        : {
            kind,
            code: 'program-fault',
            message: 'x',
            stack: `Error: pilot "Erika"\n at f (${join(folder, 'sub-07', 'a.ts')}:1)`,
          },
  }));
  for (const job of events) workstation.emit('job.changed', { job } as never);
  await workstation.answer('app.close', {});
  expect(workstation.log.read()).toMatch(
    /opened a project ⟦.*secret-study\.syncact⟧\n.*FAILURE cannot read .*\n.*pilot7 of Erika.*\n.*\n.*no project is open/,
  );
  const reply = await workstation.answer('app.supportBundle', { window: [['WebGL', '2.0']] });
  if (!reply.ok) throw new Error('no bundle');
  const { text } = reply.data as { text: string };
  expect(text).toMatch(/## Program\nSync-ACT Workstation: \d/);
  expect(text).toMatch(/## Window\nWebGL: 2\.0/);
  expect(text).toMatch(/FAILURE cannot read ….nii/);
  expect(text).toMatch(
    /FAILURE job 0 train failed \[not-finite\]\n.*FAILURE job 1 train failed \[program-fault\]: Error: pilot "…"/,
  );
  expect(text).not.toMatch(/secret-study|sub-07|pilot7|erika/i);
  for (const name of [folder, tmpdir(), homedir(), hostname()]) expect(text).not.toContain(name);
  expect(supportBundle(describeMachine('browser', null), [], programLog(folder))).toMatch(
    /space beside the project: no project is open/,
  );
});

test('versions of what decides results are named', () => {
  const { program, machine } = describeMachine('electron', folder);
  const named = new Map(program);
  for (const name of ['better-sqlite3', 'onnxruntime-node', 'sharp']) expect(named.get(name)).toMatch(/^\d+\.\d+/);
  expect(new Map(machine).get('space beside the project')).toMatch(/GiB free/);
});
