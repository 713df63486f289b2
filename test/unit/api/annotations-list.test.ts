import { v7 as newId } from 'uuid';
import { beforeEach, expect, test } from 'vitest';
import { listAnnotations, namedFilter } from '../../../src-main/api/annotations/commands';
import { decodingKey } from '../../../src-main/api/keys';
import { ActivationCache } from '../../../src-main/project/activation-cache';
import { storeLabelSet } from '../../../src-main/project/queries/filter-labels';
import { storeDecoding, storeVocabulary } from '../../../src-main/project/queries/vocabularies';
import type { FbnAndFilterMeanings } from '../../../src-preload/shared/contract/annotation-views';
import { everything, type QueueFilter } from '../../../src-preload/shared/contract/annotations';
import { useAnnotationDesk } from './annotation-desk';
import { couple, FBNS } from './small-coupling';

const desk = useAnnotationDesk();
const hash = (letter: string) => letter.repeat(64);

beforeEach(async () => {
  // FBN 0 keeps its filter 1 in both movie runs; FBN 1 has filter 2 in one of them only.
  couple(desk.project, desk.small.embedding, desk.small.layer, 'run-2', (fbn) => (fbn === 1 ? 5 : fbn + 1), 'f');
  const tag = newId();
  await desk.ask('annotations.tag', { ...desk.as('Ana'), id: newId(), tag, change: { what: 'add', name: 'Crowd' } });
  await desk.decide('Ana', 0, { fbn: 'faces', status: 'accepted', relation: 'same', tags: [tag] });
  await desk.decide('Ana', 1, { fbn: 'houses', status: 'rejected', relation: 'unrelated', flagged: true });
  await desk.decide('Ben', 1, { status: 'accepted', relation: 'same' });
});

const found = (change: Partial<QueueFilter>, author?: string, saved?: string) =>
  listAnnotations(desk.project, author, namedFilter(desk.project, saved, change)).map((row) => `${row.author} ${row.fbn}`);

test('the list is filtered as the queue is: by status, strength, stability, relation, tag and words', () => {
  expect(found({})).toEqual(['Ana 0', 'Ana 1', 'Ben 1']);
  expect(found({ show: 'accepted' })).toEqual(['Ana 0', 'Ben 1']);
  expect(found({ show: 'flagged' })).toEqual(['Ana 1']);
  expect(found({ show: 'disagreements' })).toEqual(['Ana 1', 'Ben 1']);
  expect(found({ show: 'changed' })).toEqual([]);
  expect(found({ leastR: 0.45 })).toEqual(['Ana 0']);
  expect(found({ mostP: 0.001 })).toEqual(['Ana 0']);
  expect(found({ leastRuns: 2 })).toEqual(['Ana 0']);
  expect(found({ leastStability: 0.5 })).toEqual(['Ana 0', 'Ana 1', 'Ben 1']);
  expect(found({ leastStability: 0.6 })).toEqual(['Ana 0']);
  expect(found({ relation: 'same' }, 'Ben')).toEqual(['Ben 1']);
  expect(found({ tag: 'crowd' })).toEqual(['Ana 0']);
  expect(found({ text: 'crowd faces' })).toEqual(['Ana 0']);
  expect(found({ layer: 'layer4', model: 'net' })).toHaveLength(3);
  expect(found({ layer: 'layer1' })).toEqual([]);
});

test('a filter saved on the desk is one here too, and the rest narrows it down', async () => {
  const tag = (await desk.state('Ana')).tags[0]!.id;
  const filter = { ...everything, tag, leastStability: 0.6 };
  await desk.ask('annotations.saveFilter', { ...desk.as('Ana'), id: newId(), name: 'stable crowds', filter });
  expect(found({}, undefined, 'stable crowds')).toEqual(['Ana 0']);
  expect(found({ show: 'rejected' }, undefined, 'stable crowds')).toEqual([]);
  expect(() => found({}, undefined, 'unheard of')).toThrow(/no saved filter “unheard of”.*one of stable crowds/);
});

test('terms of the FBN and labels of the filter choose pairs; blocked terms and labels that did not pass do not', async () => {
  const { database } = desk.project;
  const { embedding, layer } = desk.small;
  const terms = ['face_recognition', 'visual', '20', 'place'];
  const vocabulary = storeVocabulary(database, {
    ...{ name: 'words', key: hash('5'), file: 'terms/none', fileHash: hash('5'), maskHash: hash('b') },
    content: { terms } as never,
  });
  const key = decodingKey({ embedding: hash('e'), termMaps: hash('5') });
  storeDecoding(database, { embeddingId: embedding, vocabularyId: vocabulary, key, spatialNull: null });
  const r = new Float32Array(FBNS * terms.length).fill(-0.1);
  r.set([0.5, 0.2, 0.9, -0.3], 0);
  r.set([-0.2, 0.3, 0.1, 0.6], terms.length);
  const cache = ActivationCache.open(desk.project.activationsFile);
  cache.writeCorrelation(key, { rows: FBNS, columns: terms.length, data: r });
  cache.close();
  const label = (filter: number, name: string, score: number) => ({
    ...{ filter, label: name, category: 'object', score, chance: null, candidates: [] },
  });
  storeLabelSet(
    database,
    { ...{ layerId: layer, name: 'dissection', method: 'netdissect', score: 'IoU', key: hash('4') }, content: {} as never },
    [label(1, 'head-s', 0.12), label(2, 'sky', 0.01)],
  );
  const meanings = await desk.ask<FbnAndFilterMeanings>('annotations.meanings', { embedding });
  expect(meanings).toEqual({
    terms: [['face recognition', 'visual'], ['place', 'visual'], [], []],
    labels: [{ layer, filters: [{ filter: 1, labels: ['head'] }] }],
  });
  expect(found({ term: 'face' })).toEqual(['Ana 0']);
  expect(found({ term: 'visual' })).toEqual(['Ana 0', 'Ana 1', 'Ben 1']);
  expect(found({ term: '20' })).toEqual([]);
  expect(found({ label: 'head' })).toEqual(['Ana 0']);
  expect(found({ label: 'sky' })).toEqual([]);
});
