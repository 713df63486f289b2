import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodingKey } from '../../../src-main/api/keys';
import { currentDecodings, findDecoding, readSpatialNull, spatialNullOfFbn } from '../../../src-main/api/semantics/decodings';
import { rankTerms } from '../../../src-main/api/semantics/terms';
import { ActivationCache } from '../../../src-main/project/activation-cache';
import { openProject, type Project } from '../../../src-main/project/project';
import { listEmbeddings } from '../../../src-main/project/queries/embeddings';
import { listVocabularies, storeDecoding, storeVocabulary } from '../../../src-main/project/queries/vocabularies';
import { createMatrix, matrixRow } from '../../../src-preload/shared/domain/matrix';
import { FBNS, makeSmallCoupling, type SmallCoupling } from './small-coupling';

const hash = (letter: string) => letter.repeat(64);
const terms = ['face', 'place', 'pain'];
const key = decodingKey({ embedding: hash('e'), termMaps: hash('1') });
const spatialNull = { key: hash('9'), permutations: 99 };
let small: SmallCoupling;
let project: Project;
let vocabularyId: number;

const importTerms = (letter: string) =>
  storeVocabulary(project.database, {
    ...{ name: 'words', key: hash(letter), file: 'terms', fileHash: hash('2'), maskHash: hash('b') },
    content: {
      ...{ origin: 'made up', terms, topicWords: null, studies: null, associatedVoxels: null, summary: null },
      ...{ threshold: null, voxels: 8, files: [] },
    },
  });

beforeAll(() => {
  small = makeSmallCoupling();
  project = openProject(small.folder, 'test');
  vocabularyId = importTerms('1');
  const r = createMatrix(FBNS, terms.length);
  matrixRow(r, 2).set([0.1, 0.4, -0.2]);
  const both = createMatrix(2 * FBNS, terms.length);
  matrixRow(both, 2).set([0.4, 0.01, 0.3]);
  matrixRow(both, FBNS + 2).set([0.9, 0.02, 0.8]);
  const cache = ActivationCache.open(project.activationsFile);
  cache.writeCorrelation(key, r);
  cache.writeCorrelation(spatialNull.key, both);
  cache.close();
});
afterAll(() => project.close());

const decode = (given: typeof spatialNull | null, own = key) =>
  storeDecoding(project.database, { embeddingId: small.embedding, vocabularyId, key: own, spatialNull: given });

test('comparing again without random maps keeps what they said; other maps do not', () => {
  decode(spatialNull);
  decode(null);
  expect(findDecoding(project, small.embedding, vocabularyId)?.spatialNull).toEqual(spatialNull);
  decode(null, hash('7'));
  decode(null);
  expect(findDecoding(project, small.embedding, vocabularyId)?.spatialNull).toBeNull();
});

test('every ranked term has its p and the p among all terms', () => {
  decode(spatialNull);
  const [embedding, vocabulary] = [listEmbeddings(project.database)[0]!, listVocabularies(project.database)[0]!];
  const { positive, negative } = rankTerms(project, embedding, vocabulary)[2]!;
  expect(positive.map(({ term, spatialNull: found }) => [term, found!.p, found!.familyP])).toEqual([
    ['place', Math.fround(0.01), Math.fround(0.02)],
    ['face', Math.fround(0.4), Math.fround(0.9)],
  ]);
  expect(negative.map(({ term }) => term)).toEqual(['pain']);
  const found = readSpatialNull(project, { spatialNull })!;
  expect([...spatialNullOfFbn(found, 2)]).toEqual([0.4, 0.01, 0.3, 0.9, 0.02, 0.8].map(Math.fround));
});

test('a decoding by maps that were made anew since is not current', () => {
  decode(spatialNull);
  expect(currentDecodings(project)).toHaveLength(1);
  importTerms('3');
  expect(currentDecodings(project)).toEqual([]);
  importTerms('1');
  expect(currentDecodings(project)).toHaveLength(1);
});
