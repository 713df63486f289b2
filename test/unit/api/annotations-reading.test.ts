import { Ajv2020 } from 'ajv/dist/2020';
import { parse } from 'csv-parse/sync';
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { v7 as newId } from 'uuid';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { exportAnnotations, exportBids } from '../../../src-main/api/annotations/exchange';
import { checkAnnotationLog } from '../../../src-main/api/annotations/log';
import { documentSchema, rowColumns } from '../../../src-main/annotation/rows';
import type { AnnotationChange, PairPlace } from '../../../src-preload/shared/contract/annotation-views';
import { emptyAnnotation } from '../../../src-preload/shared/contract/annotations';
import { useAnnotationDesk } from './annotation-desk';
import { complete, couple } from './small-coupling';

/** toMatchObject takes a pattern for an object without members: anything would match it. */
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;
const desk = useAnnotationDesk();

test('a blind pass sees nothing of what others decided; an open one sees disagreements until somebody decides', async () => {
  await desk.decide('Ana', 0, { status: 'accepted', relation: 'same' });
  await desk.decide('Ben', 0, { status: 'rejected', relation: 'unrelated' });
  const blind = await desk.state('Ben', true);
  expect(blind.entries).toMatchObject([{ others: [], adjudicated: null, isDisagreement: false }]);
  expect(JSON.stringify(blind)).not.toContain('Ana');
  const history = await desk.ask<object>('annotations.pair', { author: 'Ben', blind: true, pair: desk.pair(0) });
  expect(JSON.stringify(history)).not.toContain('Ana');
  expect((await desk.state('Ben')).entries).toMatchObject([{ isDisagreement: true, others: [{ author: 'Ana' }] }]);
  const input = { ...desk.as('Cem'), id: newId(), pair: desk.pair(0), taken: 'Ana', annotation: emptyAnnotation };
  const decided = await desk.ask<AnnotationChange>('annotations.adjudicate', input);
  expect(decided.entries).toMatchObject([
    { isDisagreement: false, adjudicated: { by: 'Cem', taken: 'Ana', annotation: { relation: 'same' } } },
  ]);
  // A new decision of a rater opens it again.
  await desk.decide('Ben', 0, { status: 'rejected', relation: 'unsure' });
  expect((await desk.state('Ben')).entries).toMatchObject([{ isDisagreement: true }]);
});

test('pairs computed again keep their annotations and say what has changed beneath them', async () => {
  await desk.decide('Ana', 0, { fbn: 'faces' });
  const changes = async () =>
    (await desk.ask<{ changes: string[] }>('annotations.pair', { author: 'Ana', blind: false, pair: desk.pair(0) })).changes;
  expect(await changes()).toEqual([]);
  couple(desk.project, desk.small.embedding, desk.small.layer, 'run-1', (fbn) => (fbn + 1) % 6, 'f');
  couple(desk.project, desk.small.embedding, desk.small.layer, 'run-2', (fbn) => (fbn + 3) % 6, 'f');
  complete(desk.project, desk.small.embedding, '9');
  expect((await desk.state('Ana')).entries).toMatchObject([{ mine: { fbn: 'faces' }, isChanged: true }]);
  const [trained, again, gone, partner] = await changes();
  expect(trained).toMatch(/trained again/);
  expect(again).toMatch(/run-1 was computed again.*0\.500 then, 0\.500 now/);
  expect(gone).toMatch(/run-2 .*no longer the best filter of FBN 0/);
  expect(partner).toMatch(/run-2: the partner differs now, filter 3 instead of 1/);
  // A decision made now is made against what is there now.
  await desk.decide('Ana', 0, { fbn: 'faces' });
  expect(await changes()).toEqual([]);
});

test('what an author wrote of an FBN is offered with its other filters, and to nobody else', async () => {
  await desk.decide('Ana', 0, { fbn: 'faces', filter: 'heads' });
  const offered = (author: string, place: PairPlace) =>
    desk
      .ask<{ suggestion: unknown }>('annotations.pair', { author, blind: true, pair: place })
      .then(({ suggestion }) => suggestion);
  expect(await offered('Ana', desk.pair(0, 5))).toMatchObject({ fbn: { text: 'faces' } });
  expect(await offered('Ana', desk.pair(3, 1))).toMatchObject({ filter: { text: 'heads' } });
  expect(await offered('Ben', desk.pair(0, 5))).not.toMatchObject({ fbn: { text: 'faces' } });
});

describe('out and in', () => {
  const text = `=HYPERLINK("http://x")\n<script>alert(1)</script>; 'quoted', é`;
  beforeEach(async () => {
    const tag = newId();
    await desk.ask('annotations.tag', { ...desk.as('Ana'), id: newId(), tag, change: { what: 'add', name: 'a; b' } });
    await desk.decide('Ana', 0, {
      fbn: text,
      filter: "'=not a formula",
      note: '-1',
      tags: [tag],
      evidence: ['map', 'frames'],
      relation: 'same',
    });
    await desk.decide('Ana', 1, { status: 'rejected', flagged: true });
    await desk.decide('Ben', 1, { status: 'accepted' });
  });

  test('CSV runs nothing in a spreadsheet and gives back every letter', async () => {
    const csv = exportAnnotations(desk.project, 'csv');
    const rows = parse(csv, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ author }) => author)).toEqual(['Ana', 'Ana', 'Ben']);
    for (const row of rows)
      for (const [name, cell] of Object.entries(row)) if (!['r', 'p'].includes(name)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    const file = join(dirname(desk.small.folder), 'a.csv');
    writeFileSync(file, csv);
    const plan = await desk.ask<object>('annotations.planImport', { author: 'Ana', blind: false, file });
    expect(plan).toMatchObject({ rows: 2, unchanged: 2, changes: [], problems: [] });
  });

  test('an edited CSV shows what it changes, changes just that, and one undo takes it back', async () => {
    const file = join(dirname(desk.small.folder), 'a.csv');
    const edited = exportAnnotations(desk.project, 'csv', 'Ana').replace('rejected', 'edited').replace('a\\; b', 'a\\; b; new');
    // As spreadsheets save: semicolons, a byte order mark, TRUE.
    writeFileSync(file, `\uFEFF${edited.replace('true', 'TRUE')}`);
    const plan = await desk.ask<{ hash: string; changes: object[] }>('annotations.planImport', {
      author: 'Ana',
      blind: false,
      file,
    });
    expect(plan).toMatchObject({
      ...{ rows: 2, unchanged: 0, newTags: ['new'], problems: [] },
      changes: [
        { what: 'FBN 0 – layer4 · 1', fields: [{ field: 'tags', before: 'a; b', after: 'a; b; new' }] },
        { what: 'FBN 1 – layer4 · 2', fields: [{ field: 'status', before: 'rejected', after: 'edited' }] },
      ],
    });
    const before = exportAnnotations(desk.project, 'json');
    await desk.ask('annotations.import', { ...desk.as('Ana'), id: newId(), file, hash: plan.hash });
    expect((await desk.state('Ana')).entries.find(({ fbn }) => fbn === 1)?.mine).toMatchObject({
      status: 'edited',
      flagged: true,
    });
    await desk.step('Ana', 'undo');
    expect(exportAnnotations(desk.project, 'json')).toBe(before);
    writeFileSync(file, edited);
    await expect(desk.ask('annotations.import', { ...desk.as('Ana'), id: newId(), file, hash: plan.hash })).rejects.toThrow(
      /has changed/,
    );
  });

  test('a table that does not fit says which line, and nothing is changed', async () => {
    const file = join(dirname(desk.small.folder), 'bad.csv');
    const csv = exportAnnotations(desk.project, 'csv', 'Ana');
    const problems = async (content: string) => {
      writeFileSync(file, content);
      return (await desk.ask<{ problems: string[] }>('annotations.planImport', { author: 'Ana', blind: false, file })).problems;
    };
    expect(await problems(csv.replace('rejected', 'perhaps'))).toMatchObject([matching(/^line \d+: status/)]);
    expect(await problems('author,status\nAna,edited\n')).toMatchObject([matching(/no column embedding_key/)]);
    expect(await problems(`${csv}${csv.split('\r\n').slice(1).join('\r\n')}`)).toMatchObject([
      matching(/the same pair/),
      matching(/the same pair/),
    ]);
    writeFileSync(file, '"unclosed');
    await expect(desk.ask('annotations.planImport', { author: 'Ana', blind: false, file })).rejects.toThrow(/no table/);
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0, 0x41]));
    await expect(desk.ask('annotations.planImport', { author: 'Ana', blind: false, file })).rejects.toThrow(/UTF-8/);
  });

  test('JSON follows the schema in docs, which follows the program', () => {
    const schemaFile = join(import.meta.dirname, '../../../docs/annotations.schema.json');
    const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as object;
    expect(schema).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(documentSchema))));
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const document = JSON.parse(exportAnnotations(desk.project, 'json')) as { annotations: object[] };
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
    const files = exportBids(desk.project);
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
    await desk.step('Ana', 'undo');
    const files = ['Ana', 'Ben'].map((author) => {
      const file = join(dirname(desk.small.folder), `${author}.jsonl`);
      writeFileSync(file, exportAnnotations(desk.project, 'jsonl', author));
      return file;
    });
    const whole = exportAnnotations(desk.project, 'json');
    const outcomes: string[] = [];
    for (const order of [files, [...files].reverse(), [...files, ...files]]) {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), 'syncact-merge-')));
      const copies = order.map((file, i) => {
        copyFileSync(file, join(folder, `${i}.jsonl`));
        return join(folder, `${i}.jsonl`);
      });
      await desk.workstation.close();
      await desk.start(folder);
      for (const file of copies) await desk.ask('annotations.merge', { ...desk.as('Ana'), file });
      outcomes.push(exportAnnotations(desk.project, 'json'));
      expect(checkAnnotationLog(desk.project).problems).toEqual([]);
      const again = await desk.ask('annotations.merge', { ...desk.as('Ana'), file: copies[0]! });
      expect(again).toMatchObject({ added: 0 });
    }
    expect(outcomes).toEqual([whole, whole, whole]);
  });

  test('agreement is that of the pairs both decided', async () => {
    await desk.decide('Ben', 0, { status: 'accepted', relation: 'related' });
    const view = await desk.ask<{ pairs: number; fields: object[]; disagreements: object[] }>('annotations.agreement', {
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
