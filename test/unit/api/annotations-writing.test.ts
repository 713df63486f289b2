import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { v7 as newId } from 'uuid';
import { describe, expect, test } from 'vitest';
import { annotationLog, AnnotationLog, checkAnnotationLog } from '../../../src-main/api/annotations/log';
import type { AnnotationChange } from '../../../src-preload/shared/contract/annotation-views';
import type { Annotation } from '../../../src-preload/shared/contract/annotations';
import { annotation, useAnnotationDesk } from './annotation-desk';
import { FBNS } from './small-coupling';

/** toMatchObject takes a pattern for an object without members: anything would match it. */
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;
const desk = useAnnotationDesk();
/** A user without rights of its own. */
const NOBODY = 65_534;

/** Does something as a user whom permissions bind: the superuser becomes nobody meanwhile, who may look into the folder. */
async function withoutRights<Result>(folder: string, act: () => Promise<Result>): Promise<Result> {
  if (process.geteuid!() !== 0) return act();
  for (let at = dirname(folder); (statSync(at).mode & 0o001) === 0; at = dirname(at)) chmodSync(at, 0o755);
  process.seteuid!(NOBODY);
  try {
    return await act();
  } finally {
    process.seteuid!(0);
  }
}

test('a decision is in the log when the answer says so, and asking twice writes it once', async () => {
  const id = newId();
  const first = await desk.decide('Ana', 1, { fbn: 'faces' }, id);
  expect(first.entries).toMatchObject([{ fbn: 1, filter: 2, mine: { fbn: 'faces' }, others: [], isChanged: false }]);
  expect(await desk.decide('Ana', 1, { fbn: 'something else' }, id)).toMatchObject({
    counter: first.counter,
    entries: first.entries,
  });
  await desk.reopen();
  const found = await desk.state('Ana');
  expect(found.entries).toHaveLength(1);
  expect(found).toMatchObject({ undo: 'edit of FBN 1 – layer4 · 2', redo: null, elsewhere: 0 });
  expect(checkAnnotationLog(desk.project)).toEqual({ events: 1, problems: [] });
});

test('what is not in the project, and what is no annotation, is refused', async () => {
  const input = {
    ...desk.as('Ana'),
    id: newId(),
    action: 'edit',
    pair: desk.pair(1),
    annotation: annotation(),
    suggestion: null,
  };
  const refused = async (change: object) =>
    expect(await desk.workstation.answer('annotations.decide', { ...input, ...change })).toMatchObject({ ok: false });
  await refused({ pair: desk.pair(FBNS) });
  await refused({ pair: desk.pair(1, 99) });
  await refused({ author: 'two\nlines' });
  await refused({ id: 'not-a-uuid' });
  await refused({ annotation: { ...annotation(), note: 'x'.repeat(20_000) } });
  await refused({ annotation: annotation({ tags: [newId()] }) });
  expect((await desk.state('Ana')).entries).toEqual([]);
});

test('the log refuses to be changed, deleted from, or written over', async () => {
  await desk.decide('Ana', 0);
  const { database } = desk.project;
  const row = database.prepare('SELECT * FROM annotation_event').get() as { id: string };
  expect(() => database.prepare(`UPDATE annotation_event SET author = 'Ben'`).run()).toThrow(/never changed/);
  expect(() => database.prepare('DELETE FROM annotation_event').run()).toThrow(/never deleted/);
  const replace = database.prepare('INSERT OR REPLACE INTO annotation_event VALUES (@id, 1, @author, @content, @hash)');
  expect(() => replace.run({ ...row, content: '{}' })).toThrow(/is in the annotation log/);
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
});

test('check finds an event that was altered behind the program’s back', async () => {
  await desk.decide('Ana', 0, { fbn: 'faces' });
  const { database } = desk.project;
  database.exec('DROP TRIGGER annotation_event_is_for_good');
  database.prepare(`UPDATE annotation_event SET content = replace(content, 'faces', 'houses')`).run();
  expect(checkAnnotationLog(desk.project).problems).toMatchObject([matching(/does not match its hash/)]);
});

test('undo and redo go step by step, by author, over a restart, and say what they are', async () => {
  await desk.decide('Ana', 0, { fbn: 'one' });
  await desk.decide('Ben', 0, { fbn: 'his' });
  await desk.decide('Ana', 0, { fbn: 'two' });
  await desk.reopen();
  expect(await desk.step('Ana', 'undo')).toMatchObject({
    entries: [{ mine: { fbn: 'one' } }],
    redo: 'edit of FBN 0 – layer4 · 1',
  });
  const id = newId();
  expect(await desk.step('Ana', 'undo', id)).toMatchObject({
    entries: [{ mine: null, others: [{ author: 'Ben' }] }],
    undo: null,
  });
  await desk.step('Ana', 'undo', id);
  await desk.reopen();
  expect(await desk.step('Ana', 'redo')).toMatchObject({ entries: [{ mine: { fbn: 'one' } }] });
  expect(await desk.step('Ana', 'redo')).toMatchObject({ entries: [{ mine: { fbn: 'two' } }] });
  await expect(desk.step('Ana', 'redo')).rejects.toThrow(/nothing to redo/);
  expect((await desk.state('Ben')).entries).toMatchObject([{ mine: { fbn: 'his' } }]);
});

test('a clock that goes backwards changes nothing: events are ordered by their counter', async () => {
  await desk.decide('Ana', 0, { fbn: 'first' });
  const realNow = Date.now;
  Date.now = () => realNow() - 86_400_000;
  try {
    await desk.decide('Ana', 0, { fbn: 'second' });
  } finally {
    Date.now = realNow;
  }
  await desk.reopen();
  expect((await desk.state('Ana')).entries).toMatchObject([{ mine: { fbn: 'second' } }]);
});

test('a change of many is one step', async () => {
  await desk.decide('Ana', 1, { note: 'mine' });
  const pairs = [0, 1, 2].map((fbn) => desk.pair(fbn));
  const patch = { status: 'rejected', relation: 'unrelated' };
  const change = await desk.ask<AnnotationChange>('annotations.decideMany', { ...desk.as('Ana'), id: newId(), pairs, patch });
  expect(change.entries?.map(({ mine }) => mine?.status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(change.entries?.find(({ fbn }) => fbn === 1)?.mine).toMatchObject({ note: 'mine', relation: 'unrelated' });
  expect(change.undo).toBe('change of 3 pairs');
  // How fast somebody judges is told by what was judged one by one.
  expect(change.pace).toEqual({ lastHour: 1, secondsEach: null });
  await desk.step('Ana', 'undo');
  expect((await desk.state('Ana')).entries.filter(({ mine }) => mine)).toMatchObject([
    { fbn: 1, mine: { status: 'edited', note: 'mine' } },
  ]);
});

describe('when it cannot be written', () => {
  const refusal = async (fbn: number, change: Partial<Annotation> = {}) => {
    const input = {
      ...desk.as('Ana'),
      id: newId(),
      action: 'edit',
      pair: desk.pair(fbn),
      annotation: annotation(change),
      suggestion: null,
    };
    return { input, reply: await desk.workstation.answer('annotations.decide', input) };
  };
  const expectUnchanged = async () => {
    expect((await desk.state('Ana')).entries).toEqual([]);
    expect(new AnnotationLog(desk.project).state.events).toBe(0);
  };

  test('another program’s lock is named within a second, and the same action is saved once it is gone', async () => {
    const script = `
      const db = new (require('better-sqlite3'))(${JSON.stringify(join(desk.small.folder, 'project.sqlite'))});
      db.exec('BEGIN IMMEDIATE'); console.log('locked'); process.stdin.once('data', () => { db.exec('ROLLBACK'); process.exit(0); });`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const { input, reply } = await refusal(0, { fbn: 'faces' });
    expect(reply).toMatchObject({
      ok: false,
      error: { kind: 'user', details: { what: 'the annotation is not saved', found: matching(/locked/) } },
    });
    await expectUnchanged();
    child.stdin.write('go\n');
    await new Promise((resolve) => child.once('exit', resolve));
    await desk.ask('annotations.decide', input);
    expect((await desk.state('Ana')).entries).toMatchObject([{ mine: { fbn: 'faces' } }]);
  });

  test('on a full disk nothing is half written, and the same action is saved once there is room', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'syncact-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      console.log('not run: this user may mount no small disk');
      return;
    }
    try {
      await desk.workstation.close();
      mkdirSync(join(disk, 'p'));
      await desk.start(join(disk, 'p'));
      const filler = join(disk, 'filler');
      try {
        writeFileSync(filler, Buffer.alloc(8 << 20));
      } catch {
        // Full is what it should be.
      }
      let outcome: Awaited<ReturnType<typeof refusal>> | undefined;
      // What room is left in pages that are there already is used up first.
      for (let i = 0; i < 400 && outcome?.reply.ok !== false; i++)
        outcome = await refusal(0, { note: 'x'.repeat(9000), fbn: String(i) });
      expect(outcome!.reply).toMatchObject({
        ok: false,
        error: { details: { what: 'the annotation is not saved', found: matching(/disk/) } },
      });
      const saved = annotationLog(desk.project).state.events;
      expect(new AnnotationLog(desk.project).state.events).toBe(saved);
      rmSync(filler);
      await desk.ask('annotations.decide', outcome!.input);
      expect(new AnnotationLog(desk.project).state.events).toBe(saved + 1);
      expect(checkAnnotationLog(desk.project).problems).toEqual([]);
    } finally {
      await desk.workstation.close();
      execFileSync('umount', ['-l', disk]);
    }
  });

  test('where the files turn read-only under an open project it says so, and the same action is saved once they may be written', async () => {
    const files = ['project.sqlite', 'project.sqlite-wal'].map((name) => join(desk.small.folder, name));
    const seal = (sign: '+' | '-') => execFileSync('chattr', [`${sign}i`, ...files], { stdio: 'ignore' });
    // Something is in the journal, so that it is there.
    await desk.decide('Ben', 3);
    try {
      seal('+');
    } catch {
      console.log('not run: this user may not seal files against writing, or the file system cannot');
      return;
    }
    try {
      const { input, reply } = await refusal(0, { fbn: 'faces' });
      expect(reply).toMatchObject({
        ok: false,
        error: { kind: 'user', details: { what: 'the annotation is not saved', found: matching(/only be read/) } },
      });
      expect((await desk.state('Ana')).entries.filter(({ mine }) => mine)).toEqual([]);
      expect(new AnnotationLog(desk.project).state.events).toBe(1);
      seal('-');
      await desk.ask('annotations.decide', input);
    } finally {
      seal('-');
    }
    await desk.reopen();
    expect((await desk.state('Ana')).entries).toMatchObject([{ mine: null }, { mine: { fbn: 'faces' } }]);
    expect(checkAnnotationLog(desk.project).problems).toEqual([]);
  });

  test('a folder that may only be read is not opened and says why; what waited meanwhile is saved once it may be written', async () => {
    await desk.workstation.closeProject();
    const { folder } = desk.small;
    const files = readdirSync(folder).map((name) => join(folder, name));
    const allow = (mode: number) => [folder, ...files].forEach((path) => chmodSync(path, mode));
    allow(0o555);
    const waiting = await withoutRights(folder, async () => {
      await expect(desk.workstation.openProject(folder)).rejects.toThrow(
        /the project may only be read: .*give yourself the right/,
      );
      return refusal(0, { fbn: 'faces' });
    });
    allow(0o755);
    // The window keeps what it is told so about, and tries again.
    expect(waiting.reply).toMatchObject({ ok: false, error: { details: { what: 'no project is open' } } });
    await desk.workstation.openProject(folder);
    await desk.ask('annotations.decide', waiting.input);
    expect((await desk.state('Ana')).entries).toMatchObject([{ mine: { fbn: 'faces' } }]);
  });

  test('a database file that may only be read, in a folder that may be written, is not opened either', async () => {
    await desk.workstation.closeProject();
    const { folder } = desk.small;
    for (const name of ['.', ...readdirSync(folder)]) chmodSync(join(folder, name), 0o777);
    chmodSync(join(folder, 'project.sqlite'), 0o444);
    await withoutRights(folder, async () => {
      await expect(desk.workstation.openProject(folder)).rejects.toThrow(/the project may only be read/);
    });
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o755);
    await desk.workstation.openProject(folder);
    await desk.decide('Ana', 0);
  });
});
