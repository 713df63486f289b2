import { afterAll, beforeAll, expect, test } from 'vitest';
import { figureSpec } from '../../../src-preload/shared/contract/figures';
import { createMatrix, matrixRow } from '../../../src-preload/shared/domain/matrix';
import { meaningOfPairs } from '../../../src-main/api/figures/pair-meaning';
import { decodingKey } from '../../../src-main/api/keys';
import { ActivationCache } from '../../../src-main/project/activation-cache';
import { openProject, type Project } from '../../../src-main/project/project';
import { storeLabelSet } from '../../../src-main/project/queries/filter-labels';
import { storeImageSet } from '../../../src-main/project/queries/image-sets';
import { storeDecoding, storeVocabulary } from '../../../src-main/project/queries/vocabularies';
import { FBNS, makeSmallCoupling, type SmallCoupling } from './small-coupling';

const hash = (letter: string) => letter.repeat(64);
const terms = ['8_place_navigation', 'face', 'hippocampus', 'patients', 'pain', '20'];
let small: SmallCoupling;
let project: Project;

beforeAll(() => {
  small = makeSmallCoupling();
  project = openProject(small.folder, 'test');
  describeFbns('words');
  describeFilters('tally');
  const image = { layerId: small.layer, folder: 'photos', fileHash: hash('f'), content: { pictures: 3, filters: 6 } };
  storeImageSet(project.database, { ...image, name: 'photos', key: hash('8'), file: 'semantics/photos' });
});
afterAll(() => project.close());

/** FBN 0 is most like a blocked word, then an anatomical one, then two functional ones; FBN 1 is like none. */
function describeFbns(name: string): void {
  const vocabularyId = storeVocabulary(project.database, {
    ...{ name, key: hash('1'), file: 'terms', fileHash: hash('2'), maskHash: hash('b') },
    content: {
      ...{ origin: 'made up', terms, topicWords: null, studies: null, associatedVoxels: null, summary: null },
      ...{ threshold: null, voxels: 8, files: [] },
    },
  });
  const r = createMatrix(FBNS, terms.length);
  matrixRow(r, 0).set([0.3, 0.2, 0.4, NaN, -0.1, 0.9]);
  matrixRow(r, 1).fill(-0.2);
  const cache = ActivationCache.open(project.activationsFile);
  const key = decodingKey({ embedding: hash('e'), termMaps: hash('1') });
  cache.writeCorrelation(key, r);
  cache.close();
  storeDecoding(project.database, { embeddingId: small.embedding, vocabularyId, key, spatialNull: null });
}

function describeFilters(name: string): void {
  const label = (filter: number, score: number, chance: number | null) => ({
    ...{ filter, label: 'street-s', category: 'scene', score, chance, candidates: [] },
  });
  const content = { origin: 'tally.csv', sourceHash: hash('4'), numbering: null };
  storeLabelSet(
    project.database,
    { layerId: small.layer, name, method: 'Network Dissection', score: 'IoU', key: hash('5'), content },
    [label(0, 0.12, 0.031), label(1, 0.03, null), label(2, 0.2, null)],
  );
}

function meaning(pair: { fbn: number; filter: number }, settings: object = {}) {
  const spec = figureSpec.parse({ kind: 'pairs', ...settings });
  if (spec.kind !== 'pairs') throw new Error('no figure of pairs');
  return meaningOfPairs(project, small.embedding, spec)(small.layer, pair);
}

test('a row gets the functional terms of the FBN, largest r first, and label and pictures of the filter', () => {
  const { terms: found, label, images } = meaning({ fbn: 0, filter: 0 });
  expect(found.map(({ term, r }) => [term, Number(r.toFixed(3))])).toEqual([
    ['place, navigation', 0.3],
    ['face', 0.2],
  ]);
  expect(label).toBe('street (IoU 0.12, chance 0.03)');
  expect(images).toBe(project.path('semantics/photos'));
});

test('other kinds of words on request, never blocked ones; as many as asked for', () => {
  const words = (settings: object) => meaning({ fbn: 0, filter: 0 }, settings).terms.map(({ term }) => term);
  expect(words({ termKinds: 'all' })).toEqual(['hippocampus', 'place, navigation', 'face']);
  expect(words({ termKinds: 'all', termCount: 2 })).toEqual(['hippocampus', 'place, navigation']);
  expect(words({ termCount: 0 })).toEqual([]);
});

test('what is not there is left out: an FBN like no term, a label that does not pass, another layer', () => {
  expect(meaning({ fbn: 1, filter: 1 })).toMatchObject({ terms: [], label: null });
  expect(meaning({ fbn: 0, filter: 2 }).label).toBe('street (IoU 0.20)');
  const spec = figureSpec.parse({ kind: 'pairs', imageCount: 0 });
  const nothing = meaningOfPairs(project, small.embedding, spec as never)(small.layer + 1, { fbn: 0, filter: 0 });
  expect(nothing).toMatchObject({ label: null, images: null });
});

test('a name that is not there is said with those that are', () => {
  expect(() => meaning({ fbn: 0, filter: 0 }, { vocabulary: 'topics' })).toThrow(/vocabulary "topics".*words/);
  expect(() => meaning({ fbn: 0, filter: 0 }, { labels: 'CLIP' })).toThrow(/labels "CLIP".*tally/);
  expect(() => meaning({ fbn: 0, filter: 0 }, { images: 'Broden' })).toThrow(/pictures "Broden".*photos/);
});
