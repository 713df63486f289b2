import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodingKey } from '../../../src-main/api/keys';
import { listFbnsOfTerm, listLabelledFilters, listWords } from '../../../src-main/api/semantics/found-by-word';
import { importWordList, readWordList, wordListText } from '../../../src-main/api/semantics/word-lists';
import { findStale } from '../../../src-main/api/staleness';
import { describeProject } from '../../../src-main/api/project-info';
import { ActivationCache } from '../../../src-main/project/activation-cache';
import { openProject, type Project } from '../../../src-main/project/project';
import { storeLabelSet } from '../../../src-main/project/queries/filter-labels';
import { storeDecoding, storeVocabulary } from '../../../src-main/project/queries/vocabularies';
import { listWordKinds, setWordKinds } from '../../../src-main/project/queries/word-kinds';
import { listFound, search } from '../../../src-renderer/app/palette';
import { describeSteps } from '../../../src-renderer/features/overview/steps';
import { createMatrix } from '../../../src-preload/shared/domain/matrix';
import { FBNS, makeSmallCoupling, type SmallCoupling } from './small-coupling';

const hash = (letter: string) => letter.repeat(64);
const terms = ['6_auditory_speech', 'face', 'hippocampus', '"quoted"'];
const key = decodingKey({ embedding: hash('e'), termMaps: hash('1') });
let small: SmallCoupling;
let project: Project;
let vocabularyId: number;

const importTerms = (letter: string, maskHash = hash('b')) =>
  storeVocabulary(project.database, {
    ...{ name: 'words', key: hash(letter), file: 'terms', fileHash: hash('2'), maskHash },
    content: {
      ...{ origin: 'made up', terms, topicWords: null, studies: null, associatedVoxels: null, summary: null },
      ...{ threshold: null, voxels: 8, files: [] },
    },
  });
const semantics = () => describeSteps(describeProject(project), []).find(({ title }) => title === 'Semantics')!;

beforeAll(() => {
  small = makeSmallCoupling();
  project = openProject(small.folder, 'test');
});
afterAll(() => project.close());

test('the step of semantics says what is there and what comes next', () => {
  expect(semantics()).toMatchObject({ action: 'Import terms…', status: { text: 'open' }, stale: [] });
  vocabularyId = importTerms('1');
  expect(semantics()).toMatchObject({ action: 'Compare FBNs…', path: `/fbns/${small.embedding}/0` });
  const r = createMatrix(FBNS, terms.length);
  r.data.set([0.1, 0.2, 0.3, 0], terms.length);
  r.data.set([0.4, -0.1, 0.3, 0], 3 * terms.length);
  const cache = ActivationCache.open(project.activationsFile);
  cache.writeCorrelation(key, r);
  cache.close();
  storeDecoding(project.database, { embeddingId: small.embedding, vocabularyId, key, spatialNull: null });
  expect(semantics()).toMatchObject({ action: 'Import labels…', status: { text: 'open' } });
  const label = (filter: number, text: string, score: number) => ({
    ...{ filter, label: text, category: 'scene', score, chance: 0.01, candidates: [] },
  });
  const content = { origin: 'tally.csv', sourceHash: hash('4'), numbering: null };
  storeLabelSet(
    project.database,
    { layerId: small.layer, name: 'tally', method: 'Network Dissection', score: 'IoU', key: hash('5'), content },
    [label(0, 'street-s', 0.12), label(1, 'rock', 0.03), label(2, 'street-s', 0.2)],
  );
  const done = semantics();
  expect(done).toMatchObject({ status: { text: 'done' }, path: '/semantics/pairs' });
  expect(done.facts.map(({ value }) => value)).toEqual(['1', '4', 'yes', '1', '0']);
});

test('terms imported anew, or made under another mask, leave what followed from them stale', () => {
  importTerms('3', hash('9'));
  expect(findStale(project).map(({ what }) => what)).toEqual(
    expect.arrayContaining(['terms words', `terms of embedding ${small.embedding}, words`]),
  );
  expect(semantics()).toMatchObject({ status: { status: 'stale', text: '2 stale' } });
  expect(listFbnsOfTerm(project, { vocabulary: vocabularyId, term: 'face' })).toBeNull();
  importTerms('1');
  expect(semantics().stale).toEqual([]);
});

test('terms and labels are found by name, and lead to FBNs and filters', () => {
  const words = listWords(project);
  expect(words.labels).toEqual([{ label: 'street', filters: 2 }]);
  const all = listFound(describeProject(project), [], words);
  const found = (typed: string) => search(all, { models: [], couplings: [] }, typed)[0];
  expect(found('street')).toEqual({ label: 'street', kind: 'label', path: '/semantics/filters?label=street' });
  expect(found('speech')).toMatchObject({
    label: 'auditory, speech',
    path: '/semantics/terms?vocabulary=words&term=6_auditory_speech',
  });
  expect(found('term face')).toMatchObject({ label: 'face', kind: 'term' });
  expect(listLabelledFilters(project, { label: 'street' }).map(({ filter }) => filter)).toEqual([2, 0]);
  expect(listFbnsOfTerm(project, { vocabulary: vocabularyId, term: 'hippocampus' })).toEqual({
    embedding: small.embedding,
    fbns: [1, 3].map((fbn) => ({ fbn, r: Math.fround(0.3) })),
  });
  expect(() => listFbnsOfTerm(project, { vocabulary: vocabularyId, term: 'pain' })).toThrow(/no term "pain"/);
});

test('lists of words are written and read back', async () => {
  expect(wordListText(project, false)).toBe('word\tkind\n');
  setWordKinds(project.database, ['face', '"quoted"'], 'blocked');
  setWordKinds(project.database, ['elsewhere'], 'method');
  const [own, all] = [wordListText(project, false), wordListText(project, true)];
  const file = join(small.folder, 'words.tsv');
  writeFileSync(file, all);
  const words = await readWordList(file);
  expect(new Map(words)).toEqual(
    new Map([
      ['"quoted"', 'blocked'],
      ['6_auditory_speech', 'functional'],
      ['elsewhere', 'method'],
      ['face', 'blocked'],
      ['hippocampus', 'anatomical'],
    ]),
  );
  writeFileSync(file, own);
  const before = listWordKinds(project.database);
  setWordKinds(project.database, [...before.keys()], null);
  importWordList(project, await readWordList(file));
  expect(listWordKinds(project.database)).toEqual(before);
});
