import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildTable } from '../../../src-main/report/build-table';
import type { CouplingCell } from '../../../src-main/report/table';
import { UserError } from '../../../src-preload/shared/domain/errors';

const resource = (...path: string[]): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '../../..', ...path), 'utf8'));

/** One coupling; what a test is not about is left as it is here. */
function cell(changes: Partial<CouplingCell> = {}): CouplingCell {
  return {
    model: 'resnet18-imagenet',
    architecture: 'resnet18',
    trainedOn: 'ImageNet',
    layer: 'layer4',
    layerLabel: 'Block #4',
    isLastConvolution: true,
    blockIndex: 4,
    movieRun: 'movie1',
    runNumber: 1,
    direction: 'fbn-to-filter',
    fbns: 64,
    filters: 512,
    pairs: 64,
    meanR: 0.25,
    notSignificant: 0,
    undefinedPairs: 0,
    timePoints: 900,
    correction: null,
    ...changes,
  };
}

test('the published tables shipped are the reference’s', () => {
  expect(resource('resources/paper-tables.json')).toEqual(resource('test/reference/data/paper-tables.json'));
});

describe('Table 1', () => {
  test('measured beside published, by architecture, training set and run', () => {
    const { rows, columns } = buildTable(1, [
      cell(),
      cell({ runNumber: 3, movieRun: 'movie3', meanR: 0.3, notSignificant: 2 }),
      cell({ model: 'resnet18-places', trainedOn: 'places365', meanR: 0.2 }),
    ]);
    expect(rows[0]).toEqual({
      model: 'resnet18-imagenet',
      trainedOn: 'ImageNet',
      layer: 'layer4',
      fbns: 64,
      filters: 512,
      run1: 0.25,
      run1SomeNotSignificant: false,
      run1Pairs: 64,
      run1Published: 0.2415,
      run1PublishedSomeNotSignificant: false,
      run3: 0.3,
      run3SomeNotSignificant: true,
      run3Pairs: 64,
      run3Published: 0.2516,
      run3PublishedSomeNotSignificant: false,
      meanOverRuns: 0.275,
      standardError: expect.closeTo(0.025, 12) as number,
    });
    expect(rows[1]).toMatchObject({ run1: 0.2, run1Published: 0.2703, run3: null, run3Pairs: null, run3Published: 0.2896 });
    expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(rows[0]!).sort());
  });

  test.each([
    ['ResNeXt-50', 0.2774],
    ['resnext50_32x4d', 0.2774],
    ['shufflenet_v2_x1_0', 0.2663],
    ['shufflenet_v2_x0_5', null],
    ['DenseNet-161', 0.3031],
    ['inception_v3', 0.272],
    ['mnasnet1_0', 0.2612],
    ['resnet5', null],
    ['phantom', null],
    [null, null],
  ])('the architecture %s has published run 1 %d', (architecture, published) => {
    const { rows } = buildTable(1, [cell({ architecture })]);
    expect(rows[0]!.run1Published).toBe(published);
  });

  test('no published value for another training set, none for a run the paper has not', () => {
    const { rows } = buildTable(1, [cell({ model: 'a', trainedOn: null }), cell({ model: 'b', runNumber: 5 })]);
    expect(rows.map(({ run1Published, run5Published }) => [run1Published, run5Published])).toEqual([
      [null, null],
      [0.2415, null],
    ]);
  });

  test('takes FBN to filter at the last convolution only', () => {
    const { rows } = buildTable(1, [
      cell(),
      cell({ layer: 'layer1', isLastConvolution: false, blockIndex: 1 }),
      cell({ direction: 'filter-to-fbn', meanR: 0.9 }),
    ]);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.run1).toBe(0.25);
  });

  test('models stand in the paper’s order, others after them', () => {
    const models = [
      cell({ model: 'phantom', architecture: null }),
      cell({ model: 'vgg', architecture: 'vgg16' }),
      cell({ model: 'another', architecture: null }),
      cell({ model: 'alex', architecture: 'AlexNet' }),
    ];
    expect(buildTable(1, models).rows.map(({ model }) => model)).toEqual(['alex', 'vgg', 'another', 'phantom']);
  });

  test('a coupling without pairs has no mean', () => {
    expect(buildTable(1, [cell({ pairs: 0, meanR: NaN, undefinedPairs: 64 })]).rows[0]).toMatchObject({
      run1: null,
      run1Pairs: 0,
    });
    expect(buildTable(1, [cell({ pairs: 63, undefinedPairs: 1 })]).caption).toMatch(/Constant series/);
  });

  test('the caption cites the paper, the data set and its number of FBNs', () => {
    expect(buildTable(1, [cell()]).caption).toMatch(/Published: Zhao et al\..*Table 1 \(HCP 7T movie, 64 FBNs\)/);
  });
});

describe('the number of FBNs', () => {
  test('the paper’s is taken where several are held; another can be asked for', () => {
    const cells = [cell(), cell({ fbns: 128, meanR: 0.4 })];
    expect(buildTable(1, cells).rows[0]!.run1).toBe(0.25);
    expect(buildTable(1, cells, { fbns: 128 }).rows[0]!.run1).toBe(0.4);
    expect(buildTable(5, cells).rows[0]).toMatchObject({ run1: 0.4, run1Published: 0.2507 });
  });

  test('a project with one other number is shown as it is', () => {
    expect(buildTable(1, [cell({ fbns: 8, pairs: 8 })]).rows[0]).toMatchObject({ fbns: 8, run1Pairs: 8 });
  });

  test('several other numbers must be chosen from; tables 5 to 7 need theirs', () => {
    expect(() => buildTable(1, [cell({ fbns: 8 }), cell({ fbns: 16 })])).toThrow(/found 8, 16 FBNs.*--embedding/);
    expect(() => buildTable(7, [cell()])).toThrow(/expected couplings with 512 FBNs, found 64 FBNs/);
    expect(() => buildTable(1, [cell()], { fbns: 32 })).toThrow(/expected couplings with 32 FBNs/);
  });
});

describe('Table 2', () => {
  test('compares with StudyForrest’s runs, of models trained on ImageNet', () => {
    const { rows } = buildTable(2, [
      cell({ architecture: 'alexnet', runNumber: 2 }),
      cell({ architecture: 'alexnet', model: 'zoo', trainedOn: 'Places365', runNumber: 2 }),
    ]);
    expect(rows[0]).toMatchObject({ run2Published: 0.1659, run2PublishedSomeNotSignificant: true });
    expect(rows[1]!.run2Published).toBeNull();
  });
});

describe('Table 3', () => {
  const block = (index: number, changes: Partial<CouplingCell> = {}) =>
    cell({
      layer: `layer${index}`,
      layerLabel: `Block #${index}`,
      blockIndex: index,
      isLastConvolution: index === 4,
      ...changes,
    });

  test('one row per block, with the counts that are not significant', () => {
    const { rows } = buildTable(3, [block(2), block(1, { notSignificant: 3, meanR: 0.2 })]);
    expect(rows.map(({ layer }) => layer)).toEqual(['Block #1', 'Block #2']);
    expect(rows[0]).toMatchObject({
      run1: 0.2,
      run1NotSignificant: 3,
      run1Pairs: 64,
      run1Published: 0.2401,
      run1PublishedNotSignificant: 1,
    });
  });

  test('labels that differ from the paper’s are matched by place where all blocks are there', () => {
    const renamed = [1, 2, 3, 4].map((index) => block(index, { layerLabel: `layer${index}` }));
    expect(buildTable(3, renamed).rows.map(({ run1Published }) => run1Published)).toEqual(
      buildTable(
        3,
        [1, 2, 3, 4].map((index) => block(index)),
      ).rows.map(({ run1Published }) => run1Published),
    );
    expect(buildTable(3, renamed.slice(1)).rows[0]!.run1Published).toBeNull();
  });
});

test('Table 8 is the other direction', () => {
  const { rows } = buildTable(8, [cell(), cell({ direction: 'filter-to-fbn', pairs: 512, meanR: 0.1, architecture: 'alexnet' })]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ run1: 0.1, run1Pairs: 512, run1Published: 0.2497 });
});

describe('what is refused, saying what is needed', () => {
  test.each([
    [1, [], /nothing to put into Table 1.*extract --layers last.*couple --direction fbn-to-filter/],
    [3, [cell({ blockIndex: null })], /at the blocks.*extract --layers blocks/],
    [8, [cell()], /filter-to-fbn.*found 1 other couplings/],
    [4, [cell()], /no such table/],
    [9, [cell()], /no such table.*found 9/],
    [NaN, [cell()], /no such table/],
    [1, [cell(), cell({ meanR: 0.1 })], /two couplings for one place/],
  ])('Table %d', (number, cells, message) => {
    expect(() => buildTable(number, cells)).toThrow(UserError);
    expect(() => buildTable(number, cells)).toThrow(message);
  });
});
