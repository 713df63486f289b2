// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { effectScope, nextTick, shallowRef } from 'vue';
import type { AnnotationEntry } from '../../../src-preload/shared/contract/annotation-views';
import { NOT_SAVED } from '../../../src-preload/shared/contract/annotation-views';
import { emptyAnnotation, everything, type Annotation } from '../../../src-preload/shared/contract/annotations';
import { deskActions, remap, standardKeys, type DeskAction } from '../../../src-renderer/features/curate/keys';
import type { Desk } from '../../../src-renderer/features/curate/desk';
import { useForm } from '../../../src-renderer/features/curate/form';
import { Outbox, type OutboxItem } from '../../../src-renderer/features/curate/outbox';
import { filterQueue, keyOf, queueRows, type QueueContext } from '../../../src-preload/shared/contract/queue';
import { countProgress, rowsLike } from '../../../src-renderer/features/curate/queue';

/** Two layers, three FBNs: layer, FBN, filter, r, p, runs, coupling. */
const rows = queueRows(
  Float64Array.from(
    [
      [1, 0, 5, 0.5, 0.001, 4, 10],
      [1, 1, 6, 0.4, 0.01, 2, 10],
      [2, 0, 5, 0.3, 0.04, 1, 11],
      [2, 2, 7, 0.1, 0.6, 1, 11],
    ].flat(),
  ),
);
const entry = (
  layer: number,
  fbn: number,
  filter: number,
  mine: Partial<Annotation>,
  more: Partial<AnnotationEntry> = {},
): AnnotationEntry => ({
  ...{ layer, fbn, filter, mine: { ...emptyAnnotation, ...mine }, at: null, others: [], adjudicated: null },
  ...{ isDisagreement: false, isChanged: false, carried: null, ...more },
});
const TAG = '00000000-0000-4000-8000-000000000001';
const entries = new Map(
  [
    entry(1, 0, 5, { status: 'accepted', fbn: 'faces of people', relation: 'same', tags: ['old'] }),
    entry(1, 1, 6, { status: 'skipped', flagged: true, note: 'ask Ben' }),
    entry(2, 0, 5, { status: 'rejected', filter: 'Faces' }, { isDisagreement: true, isChanged: true }),
  ].map((one) => [keyOf(one), one]),
);
const context: QueueContext = {
  layers: new Map([
    [1, { model: 'resnet', layer: 'layer3', movieRuns: 4 }],
    [2, { model: 'resnet', layer: 'layer4', movieRuns: 2 }],
  ]),
  entries,
  meanings: {
    terms: [['face recognition', 'people'], ['place'], ['Face']],
    labels: [{ layer: 2, filters: [{ filter: 5, labels: ['head', 'fur'] }] }],
  },
  tagId: (id) => (id === 'old' ? TAG : id),
  tagNames: (ids) => ids.map(() => 'crowd'),
};
const found = (change: object) => filterQueue(rows, { ...everything, ...change }, context).map(({ key }) => key);
const all = rows.map(({ key }) => key);

test('the queue is filtered by what was decided, by where, how strong, how stable, and by words', () => {
  expect(found({})).toEqual(all);
  expect(found({ show: 'unseen' })).toEqual([all[3]]);
  expect(found({ show: 'accepted' })).toEqual([all[0]]);
  expect(found({ show: 'flagged' })).toEqual([all[1]]);
  expect(found({ show: 'disagreements' })).toEqual([all[2]]);
  expect(found({ show: 'changed' })).toEqual([all[2]]);
  expect(found({ layer: 'layer4', leastR: 0.2 })).toEqual([all[2]]);
  expect(found({ model: 'vgg' })).toEqual([]);
  expect(found({ mostP: 0.01, leastRuns: 3 })).toEqual([all[0]]);
  expect(found({ leastStability: 0.5 })).toEqual(all);
  expect(found({ leastStability: 0.51 })).toEqual([all[0]]);
  expect(found({ term: 'face' })).toEqual([all[0], all[2], all[3]]);
  expect(found({ term: 'recognition face' })).toEqual([all[0], all[2]]);
  expect(found({ term: 'face people' })).toEqual([]);
  expect(found({ label: 'HEAD', term: 'people' })).toEqual([all[2]]);
  expect(filterQueue(rows, { ...everything, term: 'face' }, { ...context, meanings: undefined })).toEqual([]);
  expect(found({ relation: 'same' })).toEqual([all[0]]);
  expect(found({ tag: TAG })).toEqual([all[0]]);
  expect(found({ text: 'faces' })).toEqual([all[0], all[2]]);
  expect(found({ text: 'faces layer4' })).toEqual([all[2]]);
  expect(found({ text: 'crowd' })).toContain(all[0]);
  expect(found({ text: 'fbn 0 r > 0.4' })).toEqual([all[0]]);
  expect(found({ text: '(.*' })).toEqual([]);
});

test('progress counts what is decided, and pairs like one share an FBN, a filter or a word', () => {
  expect(countProgress(rows, entries)).toEqual({ total: 4, decided: 2, skipped: 1, rejected: 1, flagged: 1 });
  expect(rowsLike(rows, rows[0]!, 'fbn', entries).map(({ key }) => key)).toEqual([all[0], all[2]]);
  expect(rowsLike(rows, rows[0]!, 'filter', entries).map(({ key }) => key)).toEqual([all[0]]);
  expect(rowsLike(rows, rows[0]!, 'words', entries).map(({ key }) => key)).toEqual([all[0], all[2]]);
});

test('a key can be given to another action, but never to two, nor be one that has a meaning of its own', () => {
  expect(remap(standardKeys, 'accept', 'q')).toEqual({ keys: { ...standardKeys, accept: 'q' } });
  expect(remap(standardKeys, 'accept', 'x')).toEqual({ refused: expect.stringContaining('taken: Reject') as string });
  expect(remap(standardKeys, 'accept', 'a')).toEqual({ keys: standardKeys });
  for (const key of ['3', 'Tab', 'Escape', 'Control+z', 'ArrowLeft', '['])
    expect(remap(standardKeys, 'accept', key), key).toHaveProperty('refused');
  const keys = (Object.keys(deskActions) as DeskAction[]).map((action) => standardKeys[action]);
  expect(new Set(keys).size).toBe(keys.length);
});

const item = (id: string): OutboxItem =>
  ({ route: 'annotations.step', what: id, input: { id, author: 'Ana', blind: false, embedding: 1, way: 'undo' } }) as OutboxItem;
const told: string[] = [];
const listener = {
  saved: ({ what }: OutboxItem) => void told.push(`saved ${what}`),
  refused: ({ what }: OutboxItem) => void told.push(`refused ${what}`),
};
/** What the host answers, one after another. */
let answers: (() => object)[] = [];
const asked: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
  [told.length, asked.length] = [0, 0];
  window.syncact = {
    request: (_route: string, input: { id: string }) => {
      asked.push(input.id);
      return Promise.resolve((answers.shift() ?? (() => ({ ok: true, data: { counter: 1 } })))());
    },
    on: () => () => {},
  } as never;
});
afterEach(() => vi.useRealTimers());

const notSaved = () => ({
  ok: false,
  error: { kind: 'user', details: { code: 'annotation-unsaved', what: NOT_SAVED, found: 'the disk is full' } },
});
const impossible = () => ({
  ok: false,
  error: { kind: 'user', details: { code: 'nothing-to-do', what: 'there is nothing to undo' } },
});

test('the outbox keeps what cannot be saved, in order, and sends it when it can', async () => {
  answers = [notSaved, notSaved];
  const outbox = new Outbox('place', listener);
  outbox.put(item('1'));
  outbox.put(item('2'));
  await vi.advanceTimersByTimeAsync(0);
  expect(outbox.trouble.value?.message).toMatch(/disk is full/);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toEqual(['saved 1', 'saved 2']);
  expect(asked).toEqual(['1', '1', '1', '2']);
  expect(outbox.trouble.value).toBeUndefined();
  expect(localStorage).toHaveLength(0);
});

test('what a closed window has left is sent by the next one, once and in order', async () => {
  answers = [notSaved];
  const first = new Outbox('place', listener);
  first.put(item('1'));
  first.put(item('2'));
  await vi.advanceTimersByTimeAsync(0);
  first.close();
  sessionStorage.clear();
  const second = new Outbox('place', listener);
  expect(second.items.value.map(({ what }) => what)).toEqual(['1', '2']);
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toEqual(['saved 1', 'saved 2']);
  expect(localStorage).toHaveLength(0);
});

test('what the host refuses for good is dropped and told, and holds up nothing', async () => {
  answers = [impossible];
  const outbox = new Outbox('place', listener);
  outbox.put(item('1'));
  outbox.put(item('2'));
  await vi.advanceTimersByTimeAsync(10);
  expect(told).toEqual(['refused 1', 'saved 2']);
});

test('what is being written about a pair is there again when one comes back to it, whatever took one away', async () => {
  const [first, second] = [rows[0]!, rows[3]!];
  const row = shallowRef(first);
  const desk = {
    ...{ entries: new Map(), pending: new Map(), tagId: (id: string) => id, annotationOf: () => null, embedding: () => 1 },
    place: ({ layer, fbn, filter }: typeof first) => ({ embedding: 1, layer, fbn, filter }),
  } as unknown as Desk;
  const scope = effectScope();
  const begin = () => scope.run(() => useForm(desk, shallowRef({ author: 'Ana', blind: false }), row, '/project'))!;
  const form = begin();
  form.draft.value.note = 'half a sentence';
  // A filter, an undo or a search took another pair in hand; something is written there too.
  row.value = second;
  await nextTick();
  expect(form.draft.value.note).toBe('');
  form.draft.value.note = 'another one';
  row.value = first;
  await nextTick();
  expect(form.draft.value.note).toBe('half a sentence');
  // Another window, after a crash of this one.
  expect(begin().draft.value.note).toBe('half a sentence');
  form.handOver();
  row.value = second;
  await nextTick();
  expect(form.draft.value.note).toBe('another one');
  row.value = first;
  await nextTick();
  expect(form.draft.value.note).toBe('');
  scope.stop();
});
