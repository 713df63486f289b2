import { Ajv2020 } from 'ajv/dist/2020';
import { parse } from 'csv-parse/sync';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { annotationLog, AnnotationLog, checkAnnotationLog } from '../../../src-main/api/annotations/log';
import { exportAnnotations, exportBids } from '../../../src-main/api/annotations/exchange';
import { FolderAccess } from '../../../src-main/api/path-access';
import { Workstation } from '../../../src-main/api/workstation';
import { documentSchema, rowColumns } from '../../../src-main/annotation/rows';
import type { AnnotationChange, AnnotationStateView, PairPlace } from '../../../src-preload/shared/contract/annotation-views';
import { emptyAnnotation, type Annotation } from '../../../src-preload/shared/contract/annotations';
import { complete, couple, FBNS, makeSmallCoupling, type SmallCoupling } from './small-coupling';

/** toMatchObject takes a pattern for an object without members: anything would match it. */
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;
let small: SmallCoupling;
let workstation: Workstation;

async function start(inFolder?: string): Promise<void> {
  small = makeSmallCoupling(inFolder);
  const paths = new FolderAccess([dirname(small.folder)], 'choose another');
  const stateFile = join(mkdtempSync(join(tmpdir(), 'syncact-state-')), 'recent.json');
  workstation = new Workstation({ host: 'browser', program: 'a test', stateFile, paths });
  await workstation.openProject(small.folder);
}
beforeEach(() => start());
afterEach(() => workstation.close());

async function ask<Answer>(route: string, input: object): Promise<Answer> {
  const reply = await workstation.answer(route, input);
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  return reply.data as Answer;
}
const as = (author: string, blind = false) => ({ author, blind, embedding: small.embedding });
const pair = (fbn: number, filter = (fbn + 1) % 6): PairPlace => ({
  embedding: small.embedding,
  layer: small.layer,
  fbn,
  filter,
});
const annotation = (change: Partial<Annotation> = {}): Annotation => ({ ...emptyAnnotation, status: 'edited', ...change });
const decide = (author: string, fbn: number, change: Partial<Annotation> = {}, id = newId()) =>
  ask<AnnotationChange>('annotations.decide', {
    ...{ ...as(author), id, action: 'edit', pair: pair(fbn), annotation: annotation(change), suggestion: null },
  });
const state = (author: string, blind = false) => ask<AnnotationStateView>('annotations.state', as(author, blind));
const step = (author: string, way: 'undo' | 'redo', id = newId()) =>
  ask<AnnotationChange>('annotations.step', { ...as(author), id, way });
const reopen = async () => {
  await workstation.closeProject();
  await workstation.openProject(small.folder);
};
const project = () => workstation.project.project;

test('a decision is in the log when the answer says so, and asking twice writes it once', async () => {
  const id = newId();
  const first = await decide('Ana', 1, { fbn: 'faces' }, id);
  expect(first.entries).toMatchObject([{ fbn: 1, filter: 2, mine: { fbn: 'faces' }, others: [], isChanged: false }]);
  expect(await decide('Ana', 1, { fbn: 'something else' }, id)).toMatchObject({ counter: first.counter, entries: first.entries });
  await reopen();
  const found = await state('Ana');
  expect(found.entries).toHaveLength(1);
  expect(found).toMatchObject({ undo: 'edit of FBN 1 – layer4 · 2', redo: null, elsewhere: 0 });
  expect(checkAnnotationLog(project())).toEqual({ events: 1, problems: [] });
});

test('what is not in the project, and what is no annotation, is refused', async () => {
  const input = { ...as('Ana'), id: newId(), action: 'edit', pair: pair(1), annotation: annotation(), suggestion: null };
  const refused = async (change: object) =>
    expect(await workstation.answer('annotations.decide', { ...input, ...change })).toMatchObject({ ok: false });
  await refused({ pair: pair(FBNS) });
  await refused({ pair: pair(1, 99) });
  await refused({ author: 'two\nlines' });
  await refused({ id: 'not-a-uuid' });
  await refused({ annotation: { ...annotation(), note: 'x'.repeat(20_000) } });
  await refused({ annotation: annotation({ tags: [newId()] }) });
  expect((await state('Ana')).entries).toEqual([]);
});

test('the log refuses to be changed, deleted from, or written over', async () => {
  await decide('Ana', 0);
  const { database } = project();
  const row = database.prepare('SELECT * FROM annotation_event').get() as { id: string };
  expect(() => database.prepare(`UPDATE annotation_event SET author = 'Ben'`).run()).toThrow(/never changed/);
  expect(() => database.prepare('DELETE FROM annotation_event').run()).toThrow(/never deleted/);
  const replace = database.prepare('INSERT OR REPLACE INTO annotation_event VALUES (@id, 1, @author, @content, @hash)');
  expect(() => replace.run({ ...row, content: '{}' })).toThrow(/is in the annotation log/);
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
});

test('check finds an event that was altered behind the program’s back', async () => {
  await decide('Ana', 0, { fbn: 'faces' });
  const { database } = project();
  database.exec('DROP TRIGGER annotation_event_is_for_good');
  database.prepare(`UPDATE annotation_event SET content = replace(content, 'faces', 'houses')`).run();
  expect(checkAnnotationLog(project()).problems).toMatchObject([matching(/does not match its hash/)]);
});

test('undo and redo go step by step, by author, over a restart, and say what they are', async () => {
  await decide('Ana', 0, { fbn: 'one' });
  await decide('Ben', 0, { fbn: 'his' });
  await decide('Ana', 0, { fbn: 'two' });
  await reopen();
  expect(await step('Ana', 'undo')).toMatchObject({ entries: [{ mine: { fbn: 'one' } }], redo: 'edit of FBN 0 – layer4 · 1' });
  const id = newId();
  expect(await step('Ana', 'undo', id)).toMatchObject({ entries: [{ mine: null, others: [{ author: 'Ben' }] }], undo: null });
  await step('Ana', 'undo', id);
  await reopen();
  expect(await step('Ana', 'redo')).toMatchObject({ entries: [{ mine: { fbn: 'one' } }] });
  expect(await step('Ana', 'redo')).toMatchObject({ entries: [{ mine: { fbn: 'two' } }] });
  await expect(step('Ana', 'redo')).rejects.toThrow(/nothing to redo/);
  expect((await state('Ben')).entries).toMatchObject([{ mine: { fbn: 'his' } }]);
});

test('a clock that goes backwards changes nothing: events are ordered by their counter', async () => {
  await decide('Ana', 0, { fbn: 'first' });
  const realNow = Date.now;
  Date.now = () => realNow() - 86_400_000;
  try {
    await decide('Ana', 0, { fbn: 'second' });
  } finally {
    Date.now = realNow;
  }
  await reopen();
  expect((await state('Ana')).entries).toMatchObject([{ mine: { fbn: 'second' } }]);
});

test('a change of many is one step', async () => {
  await decide('Ana', 1, { note: 'mine' });
  const pairs = [0, 1, 2].map((fbn) => pair(fbn));
  const patch = { status: 'rejected', relation: 'unrelated' };
  const change = await ask<AnnotationChange>('annotations.decideMany', { ...as('Ana'), id: newId(), pairs, patch });
  expect(change.entries?.map(({ mine }) => mine?.status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(change.entries?.find(({ fbn }) => fbn === 1)?.mine).toMatchObject({ note: 'mine', relation: 'unrelated' });
  expect(change.undo).toBe('change of 3 pairs');
  await step('Ana', 'undo');
  expect((await state('Ana')).entries.filter(({ mine }) => mine)).toMatchObject([
    { fbn: 1, mine: { status: 'edited', note: 'mine' } },
  ]);
});

test('a blind pass sees nothing of what others decided; an open one sees disagreements until somebody decides', async () => {
  await decide('Ana', 0, { status: 'accepted', relation: 'same' });
  await decide('Ben', 0, { status: 'rejected', relation: 'unrelated' });
  const blind = await state('Ben', true);
  expect(blind.entries).toMatchObject([{ others: [], adjudicated: null, isDisagreement: false }]);
  expect(JSON.stringify(blind)).not.toContain('Ana');
  const history = await ask<object>('annotations.pair', { author: 'Ben', blind: true, pair: pair(0) });
  expect(JSON.stringify(history)).not.toContain('Ana');
  expect((await state('Ben')).entries).toMatchObject([{ isDisagreement: true, others: [{ author: 'Ana' }] }]);
  const input = { ...as('Cem'), id: newId(), pair: pair(0), taken: 'Ana', annotation: emptyAnnotation };
  const decided = await ask<AnnotationChange>('annotations.adjudicate', input);
  expect(decided.entries).toMatchObject([
    { isDisagreement: false, adjudicated: { by: 'Cem', taken: 'Ana', annotation: { relation: 'same' } } },
  ]);
  // A new decision of a rater opens it again.
  await decide('Ben', 0, { status: 'rejected', relation: 'unsure' });
  expect((await state('Ben')).entries).toMatchObject([{ isDisagreement: true }]);
});

test('pairs computed again keep their annotations and say what has changed beneath them', async () => {
  await decide('Ana', 0, { fbn: 'faces' });
  const changes = async () =>
    (await ask<{ changes: string[] }>('annotations.pair', { author: 'Ana', blind: false, pair: pair(0) })).changes;
  expect(await changes()).toEqual([]);
  couple(project(), small.embedding, small.layer, 'run-1', (fbn) => (fbn + 1) % 6, 'f');
  couple(project(), small.embedding, small.layer, 'run-2', (fbn) => (fbn + 3) % 6, 'f');
  complete(project(), small.embedding, '9');
  expect((await state('Ana')).entries).toMatchObject([{ mine: { fbn: 'faces' }, isChanged: true }]);
  const [trained, again, gone, partner] = await changes();
  expect(trained).toMatch(/trained again/);
  expect(again).toMatch(/run-1 was computed again.*0\.500 then, 0\.500 now/);
  expect(gone).toMatch(/run-2 .*no longer the best filter of FBN 0/);
  expect(partner).toMatch(/run-2: the partner differs now, filter 3 instead of 1/);
  // A decision made now is made against what is there now.
  await decide('Ana', 0, { fbn: 'faces' });
  expect(await changes()).toEqual([]);
});

test('what an author wrote of an FBN is offered with its other filters, and to nobody else', async () => {
  await decide('Ana', 0, { fbn: 'faces', filter: 'heads' });
  const offered = (author: string, place: PairPlace) =>
    ask<{ suggestion: unknown }>('annotations.pair', { author, blind: true, pair: place }).then(({ suggestion }) => suggestion);
  expect(await offered('Ana', pair(0, 5))).toMatchObject({ fbn: { text: 'faces' } });
  expect(await offered('Ana', pair(3, 1))).toMatchObject({ filter: { text: 'heads' } });
  expect(await offered('Ben', pair(0, 5))).not.toMatchObject({ fbn: { text: 'faces' } });
});

describe('out and in', () => {
  const text = `=HYPERLINK("http://x")\n<script>alert(1)</script>; 'quoted', é`;
  beforeEach(async () => {
    const tag = newId();
    await ask('annotations.tag', { ...as('Ana'), id: newId(), tag, change: { what: 'add', name: 'a; b' } });
    await decide('Ana', 0, {
      fbn: text,
      filter: "'=not a formula",
      note: '-1',
      tags: [tag],
      evidence: ['map', 'frames'],
      relation: 'same',
    });
    await decide('Ana', 1, { status: 'rejected', flagged: true });
    await decide('Ben', 1, { status: 'accepted' });
  });

  test('CSV runs nothing in a spreadsheet and gives back every letter', async () => {
    const csv = exportAnnotations(project(), 'csv');
    const rows = parse(csv, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ author }) => author)).toEqual(['Ana', 'Ana', 'Ben']);
    for (const row of rows)
      for (const [name, cell] of Object.entries(row)) if (!['r', 'p'].includes(name)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    const file = join(dirname(small.folder), 'a.csv');
    writeFileSync(file, csv);
    const plan = await ask<object>('annotations.planImport', { author: 'Ana', blind: false, file });
    expect(plan).toMatchObject({ rows: 2, unchanged: 2, changes: [], problems: [] });
  });

  test('an edited CSV shows what it changes, changes just that, and one undo takes it back', async () => {
    const file = join(dirname(small.folder), 'a.csv');
    const edited = exportAnnotations(project(), 'csv', 'Ana').replace('rejected', 'edited').replace('a\\; b', 'a\\; b; new');
    // As spreadsheets save: semicolons, a byte order mark, TRUE.
    writeFileSync(file, `\uFEFF${edited.replace('true', 'TRUE')}`);
    const plan = await ask<{ hash: string; changes: object[] }>('annotations.planImport', { author: 'Ana', blind: false, file });
    expect(plan).toMatchObject({
      ...{ rows: 2, unchanged: 0, newTags: ['new'], problems: [] },
      changes: [
        { what: 'FBN 0 – layer4 · 1', fields: [{ field: 'tags', before: 'a; b', after: 'a; b; new' }] },
        { what: 'FBN 1 – layer4 · 2', fields: [{ field: 'status', before: 'rejected', after: 'edited' }] },
      ],
    });
    const before = exportAnnotations(project(), 'json');
    await ask('annotations.import', { ...as('Ana'), id: newId(), file, hash: plan.hash });
    expect((await state('Ana')).entries.find(({ fbn }) => fbn === 1)?.mine).toMatchObject({ status: 'edited', flagged: true });
    await step('Ana', 'undo');
    expect(exportAnnotations(project(), 'json')).toBe(before);
    writeFileSync(file, edited);
    await expect(ask('annotations.import', { ...as('Ana'), id: newId(), file, hash: plan.hash })).rejects.toThrow(/has changed/);
  });

  test('a table that does not fit says which line, and nothing is changed', async () => {
    const file = join(dirname(small.folder), 'bad.csv');
    const csv = exportAnnotations(project(), 'csv', 'Ana');
    const problems = async (content: string) => {
      writeFileSync(file, content);
      return (await ask<{ problems: string[] }>('annotations.planImport', { author: 'Ana', blind: false, file })).problems;
    };
    expect(await problems(csv.replace('rejected', 'perhaps'))).toMatchObject([matching(/^line \d+: status/)]);
    expect(await problems('author,status\nAna,edited\n')).toMatchObject([matching(/no column embedding_key/)]);
    expect(await problems(`${csv}${csv.split('\r\n').slice(1).join('\r\n')}`)).toMatchObject([
      matching(/the same pair/),
      matching(/the same pair/),
    ]);
    writeFileSync(file, '"unclosed');
    await expect(ask('annotations.planImport', { author: 'Ana', blind: false, file })).rejects.toThrow(/no table/);
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0, 0x41]));
    await expect(ask('annotations.planImport', { author: 'Ana', blind: false, file })).rejects.toThrow(/UTF-8/);
  });

  test('JSON follows the schema in docs, which follows the program', () => {
    const schemaFile = join(import.meta.dirname, '../../../docs/annotations.schema.json');
    const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as object;
    expect(schema).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(documentSchema))));
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const document = JSON.parse(exportAnnotations(project(), 'json')) as { annotations: object[] };
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(document.annotations[0]).toMatchObject({
      fbn_description: text.trim(),
      tags: ['a; b'],
      r: 0.5,
      movie_runs: ['run-1', 'run-2'],
    });
    expect(validate({ ...document, annotations: [{ status: 'perhaps' }] })).toBe(false);
  });

  test('a BIDS derivative has a description, a table with n/a for nothing, and a sidecar for every column', () => {
    const files = exportBids(project());
    const [header, ...lines] = files['desc-curated_annotations.tsv']!.trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(rowColumns);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line).toHaveLength(header!.length);
      expect(line).not.toContain('');
    }
    const sidecar = JSON.parse(files['desc-curated_annotations.json']!) as Record<
      string,
      { Levels?: object; Description: string }
    >;
    expect(Object.keys(sidecar)).toEqual(rowColumns);
    expect(Object.keys(sidecar.status!.Levels!)).toContain('rejected');
    expect(JSON.parse(files['dataset_description.json']!)).toMatchObject({ DatasetType: 'derivative', GeneratedBy: [{}] });
  });

  test('the logs of two raters merge on a third machine, in both orders and twice, to the same project', async () => {
    await step('Ana', 'undo');
    const files = ['Ana', 'Ben'].map((author) => {
      const file = join(dirname(small.folder), `${author}.jsonl`);
      writeFileSync(file, exportAnnotations(project(), 'jsonl', author));
      return file;
    });
    const whole = exportAnnotations(project(), 'json');
    const outcomes: string[] = [];
    for (const order of [files, [...files].reverse(), [...files, ...files]]) {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), 'syncact-merge-')));
      const copies = order.map((file, i) => {
        copyFileSync(file, join(folder, `${i}.jsonl`));
        return join(folder, `${i}.jsonl`);
      });
      await workstation.close();
      await start(folder);
      for (const file of copies) await ask('annotations.merge', { ...as('Ana'), file });
      outcomes.push(exportAnnotations(project(), 'json'));
      expect(checkAnnotationLog(project()).problems).toEqual([]);
      const again = await ask('annotations.merge', { ...as('Ana'), file: copies[0]! });
      expect(again).toMatchObject({ added: 0 });
    }
    expect(outcomes).toEqual([whole, whole, whole]);
  });

  test('agreement is that of the pairs both decided', async () => {
    await decide('Ben', 0, { status: 'accepted', relation: 'related' });
    const view = await ask<{ pairs: number; fields: object[]; disagreements: object[] }>('annotations.agreement', {
      raters: ['Ana', 'Ben'],
    });
    expect(view.pairs).toBe(2);
    expect(view.fields).toContainEqual(expect.objectContaining({ field: 'decision', pairs: 2, agreement: 0.5, kappa: 0 }));
    expect(view.fields).toContainEqual(expect.objectContaining({ field: 'relation', pairs: 1, agreement: 0, kappa: 0 }));
    expect(view.disagreements).toMatchObject([
      { fields: [{ field: 'relation', values: ['same', 'related'] }, {}] },
      { fields: [{ field: 'decision', values: ['rejected', 'kept'] }, {}] },
    ]);
  });
});

describe('when it cannot be written', () => {
  const refusal = async (fbn: number, change: Partial<Annotation> = {}) => {
    const input = {
      ...as('Ana'),
      id: newId(),
      action: 'edit',
      pair: pair(fbn),
      annotation: annotation(change),
      suggestion: null,
    };
    return { input, reply: await workstation.answer('annotations.decide', input) };
  };
  const expectUnchanged = async () => {
    expect((await state('Ana')).entries).toEqual([]);
    expect(new AnnotationLog(project()).state.events).toBe(0);
  };

  test('another program’s lock is named within a second, and the same action is saved once it is gone', async () => {
    const script = `
      const db = new (require('better-sqlite3'))(${JSON.stringify(join(small.folder, 'project.sqlite'))});
      db.exec('BEGIN IMMEDIATE'); console.log('locked'); process.stdin.once('data', () => { db.exec('ROLLBACK'); process.exit(0); });`;
    const { spawn } = await import('node:child_process');
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
    await ask('annotations.decide', input);
    expect((await state('Ana')).entries).toMatchObject([{ mine: { fbn: 'faces' } }]);
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
      await workstation.close();
      mkdirSync(join(disk, 'p'));
      await start(join(disk, 'p'));
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
      const saved = annotationLog(project()).state.events;
      expect(new AnnotationLog(project()).state.events).toBe(saved);
      rmSync(filler);
      await ask('annotations.decide', outcome!.input);
      expect(new AnnotationLog(project()).state.events).toBe(saved + 1);
      expect(checkAnnotationLog(project()).problems).toEqual([]);
    } finally {
      await workstation.close();
      execFileSync('umount', ['-l', disk]);
    }
  });

  test('where the project may only be read it says so, and the same action is saved once it may be written', async () => {
    // As a share does that is remounted under an open database.
    project().database.pragma('query_only = ON');
    const { input, reply } = await refusal(0);
    expect(reply).toMatchObject({
      ok: false,
      error: { details: { what: 'the annotation is not saved', found: matching(/only be read/) } },
    });
    await expectUnchanged();
    project().database.pragma('query_only = OFF');
    await ask('annotations.decide', input);
    expect((await state('Ana')).entries).toHaveLength(1);
  });
});
