import { expect, test } from 'vitest';
import { figureKinds, figureSpec } from '../../../src-preload/shared/contract/figures';
import {
  changeKind,
  changeSetting,
  figureForms,
  moved,
  nameOptions,
  newFigure,
  parseList,
} from '../../../src-renderer/features/figures/settings';

/** Asked for beside the settings: kind and embedding of every figure, and which pairs one of pairs shows. */
const elsewhere: Record<string, string[]> = { pairs: ['rows', 'best'], 'null-distribution': ['rows', 'best'] };

test('the form asks for every setting that a figure takes, and for no other', () => {
  for (const { shape } of figureSpec.options) {
    const kind = shape.kind.value;
    const asked = figureForms[kind].settings.map(({ key }) => key);
    expect(new Set(asked).size, kind).toBe(asked.length);
    expect(asked.toSorted(), kind).toEqual(
      Object.keys(shape)
        .filter((key) => !['kind', 'embedding', ...(elsewhere[kind] ?? [])].includes(key))
        .sort(),
    );
  }
});

test('every choice and both ends of every number are taken by the figure', () => {
  for (const kind of figureKinds)
    for (const setting of figureForms[kind].settings) {
      const figure = newFigure(kind);
      const tried =
        setting.type === 'choice'
          ? setting.options.map(({ value }) => value)
          : setting.type === 'number'
            ? [setting.min, setting.max]
            : setting.type === 'switch'
              ? [true, false]
              : [];
      for (const value of tried)
        expect((changeSetting(figure, setting.key, value) as Record<string, unknown>)[setting.key], setting.key).toBe(value);
      if (setting.type === 'number') expect(changeSetting(figure, setting.key, setting.max + 1)).toBeUndefined();
    }
});

test('a setting left empty is left out, and another kind keeps what both have', () => {
  const titled = changeSetting(newFigure('pairs'), 'title', 'Figure 4')!;
  expect(titled.title).toBe('Figure 4');
  expect('title' in changeSetting(titled, 'title', '')!).toBe(false);
  const narrow = changeSetting(changeSetting(titled, 'widthMm', 89)!, 'threshold', 0.6)!;
  expect(changeKind(narrow, 'atlas')).toMatchObject({ kind: 'atlas', widthMm: 89, threshold: 0.6, columns: 4 });
  expect('threshold' in changeKind(narrow, 'matrix')).toBe(false);
  expect(changeKind(narrow, 'atlas').title).toBeUndefined();
  expect(changeKind(newFigure('ablation'), 'hierarchy')).toMatchObject({ columns: 2 });
});

test('numbers are read with ranges, rows are moved within their list', () => {
  expect(parseList('3, 5-7 9')).toEqual([3, 5, 6, 7, 9]);
  expect(parseList('')).toEqual([]);
  expect(parseList('7-5')).toBeNull();
  expect(parseList('x')).toBeNull();
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c']);
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
});

test('names are offered once each, in order, and one that is not here stays', () => {
  expect(nameOptions(['vgg16', 'alexnet', 'vgg16'], 'what fits best', '')).toEqual([
    { value: '', label: 'what fits best' },
    { value: 'alexnet', label: 'alexnet' },
    { value: 'vgg16', label: 'vgg16' },
  ]);
  const kept = nameOptions(['alexnet'], 'the newest', 'broden');
  expect(kept.map(({ value }) => value)).toEqual(['', 'broden', 'alexnet']);
  expect(kept[1]!.label).toMatch(/not in this project/);
});
