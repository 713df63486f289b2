import { expect, test } from 'vitest';
import { NewestFiles } from '../../../src-main/api/figures/newest-files';

const names = ['a', 'b', 'c', 'd'];
const keptOf = (files: NewestFiles) => names.filter((name) => files.get(name) !== undefined);

test('the oldest files go where there are too many', () => {
  const files = new NewestFiles(2, 100);
  for (const name of names) files.add(name, new Uint8Array(1));
  expect(keptOf(files)).toEqual(['c', 'd']);
});

test('the oldest files go where they are too large together, but never the newest', () => {
  const files = new NewestFiles(9, 10);
  for (const name of names.slice(0, 3)) files.add(name, new Uint8Array(4));
  expect(keptOf(files)).toEqual(['b', 'c']);
  files.add('d', new Uint8Array(11));
  expect(keptOf(files)).toEqual(['d']);
});
