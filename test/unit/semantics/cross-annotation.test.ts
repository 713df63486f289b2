import { expect, test } from 'vitest';
import { agreementOf, countLinks, lemmaOf, lemmasOf } from '../../../src-main/semantics/cross-annotation';
import { rankTerms } from '../../../src-renderer/features/semantics/term-order';

test.each([
  ['faces', 'face'],
  ['Buildings', 'building'],
  ['bodies', 'body'],
  ['grass', 'grass'],
  ['classes', 'class'],
  ['bus', 'bus'],
  ['houses', 'house'],
])('the lemma of %s is %s', (word, lemma) => expect(lemmaOf(word)).toBe(lemma));

test('phrases fall into lemmas, without numbers, marks and fillers', () => {
  expect(lemmasOf('40_face_faces_facial')).toEqual(['face', 'face', 'facial']);
  expect(lemmasOf('park_bench-s')).toEqual(['park', 'bench']);
  expect(lemmasOf('the top of a mountain')).toEqual(['top', 'mountain']);
});

test('words agree by a shared lemma, else by the list of related words, in either direction', () => {
  const related = new Map([['street', new Set(['place'])]]);
  expect(agreementOf(['face recognition'], ['faces'], related)).toBe('same word');
  expect(agreementOf(['place'], ['street-s'], related)).toBe('related');
  expect(agreementOf(['streets'], ['places'], related)).toBe('related');
  expect(agreementOf(['place'], ['dog'], related)).toBeNull();
});

test('links are counted, those without a word on either side left out', () => {
  const pairs = [
    { term: 'place', label: 'street' },
    { term: 'face', label: 'dog' },
    { term: 'place', label: 'street' },
    { term: null, label: 'street' },
    { term: 'face', label: null },
  ];
  expect(countLinks(pairs)).toEqual([
    { term: 'place', label: 'street', pairs: 2 },
    { term: 'face', label: 'dog', pairs: 1 },
  ]);
});

test('terms of a kind are ranked by r; blocked and undefined ones nowhere', () => {
  const term = (name: string, kind: 'functional' | 'anatomical' | 'blocked') => ({
    ...{ term: name, title: name, kind, isChosen: false, words: null, studies: null, associatedVoxels: null },
  });
  const terms = [
    term('a', 'functional'),
    term('b', 'anatomical'),
    term('c', 'blocked'),
    term('d', 'functional'),
    term('e', 'functional'),
  ];
  const r = Float32Array.of(0.1, 0.4, 0.9, NaN, -0.3);
  const names = (kind: 'all' | 'functional', unlike: boolean) =>
    rankTerms(terms, r, { kind, unlike, most: 9 }).map((one) => one.term);
  expect(names('all', false)).toEqual(['b', 'a']);
  expect(names('functional', false)).toEqual(['a']);
  expect(names('all', true)).toEqual(['e']);
});
