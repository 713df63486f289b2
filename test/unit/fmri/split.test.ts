import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitSubjects } from '../../../src-main/fmri/split';

const named = (count: number) => Array.from({ length: count }, (_, i) => `sub-${i + 1}`);
const sizes = (split: Map<string, string>) =>
  ['train', 'validation', 'test'].map((part) => [...split.values()].filter((other) => other === part).length);

test.each([
  [10, [6, 1, 3]],
  [20, [12, 2, 6]],
  [6, [3, 1, 2]],
  [3, [1, 1, 1]],
  [64, [39, 6, 19]],
])('%i subjects are split into %j', (count, expected) => {
  expect(sizes(splitSubjects(named(count), 1))).toEqual(expected);
});

test('everybody has one part, every part somebody, whatever the order of names', () => {
  const property = fc.property(fc.integer({ min: 3, max: 200 }), fc.integer(), (count, seed) => {
    const split = splitSubjects(named(count), seed);
    expect([...split.keys()].sort()).toEqual(named(count).sort());
    expect(Math.min(...sizes(split))).toBeGreaterThan(0);
    expect(new Map([...splitSubjects(named(count).reverse(), seed)].sort())).toEqual(new Map([...split].sort()));
  });
  fc.assert(property, { numRuns: 100 });
});

test('another seed gives another split', () => {
  expect([...splitSubjects(named(20), 1)]).not.toEqual([...splitSubjects(named(20), 2)]);
});
