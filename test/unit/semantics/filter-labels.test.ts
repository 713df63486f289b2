import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { findNumbering, matchLayer, placeLabels } from '../../../src-main/semantics/filter-labels/match-layer';
import { readLabels } from '../../../src-main/semantics/filter-labels/read-labels';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labels-'));
});

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

const TALLY = [
  'unit,category,label,score,object-label,object-truth,object-activation,object-intersect,object-iou,scene-label,scene-truth,scene-activation,scene-intersect,scene-iou',
  '3,object,dog,0.09,dog,100,90,15,0.09,kennel-s,80,70,2,0.01',
  '1,scene,forest-s,0.05,tree,100,90,5,0.03,forest-s,80,70,7,0.05',
  '2,object,car,0.02,car,100,90,4,0.02,,80,70,0,',
];

describe('reading', () => {
  test('tally.csv keeps every category, and the order of filters does not matter', async () => {
    const file = await readLabels(await write('net_conv5.csv', TALLY.join('\n')));
    expect(file).toMatchObject({ method: 'netdissect', score: 'IoU', customaryFirst: 1 });
    const [{ name, labels }] = file.layers as [(typeof file.layers)[number]];
    expect(name).toBe('net_conv5');
    expect(labels[0]).toMatchObject({ unit: 3, label: 'dog', category: 'object', score: 0.09 });
    expect(labels[1]!.candidates).toEqual([
      { category: 'object', label: 'tree', score: 0.03 },
      { category: 'scene', label: 'forest-s', score: 0.05 },
    ]);
    expect(labels[2]!.candidates).toEqual([{ category: 'object', label: 'car', score: 0.02 }]);
  });

  test('a generic name takes the folder’s', async () => {
    const file = await readLabels(await write('alexnet-conv4/tally.csv', TALLY.join('\n')));
    expect(file.layers[0]!.name).toBe('alexnet-conv4');
  });

  test('report.json of dissect, NaN as text', async () => {
    const units = [
      { unit: 0, iou: 0.11, label: 'grass', cat: 'object', image: 'image/unit0.jpg' },
      { unit: 1, iou: 'NaN', label: 'sky', cat: 'object' },
    ];
    const file = await readLabels(await write('vgg16-conv5_3/report.json', JSON.stringify({ header: { name: 'x' }, units })));
    expect(file).toMatchObject({ method: 'dissect', score: 'IoU', customaryFirst: 0 });
    expect(file.layers[0]).toMatchObject({ name: 'vgg16-conv5_3', labels: [{ unit: 0, score: 0.11 }, { score: null }] });
  });

  test('descriptions of CLIP-Dissect and MILAN, several layers in one file', async () => {
    const clip = await readLabels(
      await write(
        'descriptions.csv',
        'layer,unit,description,similarity\nlayer1,0,red,0.5\nlayer4,0,"dogs, and cats",0.2\nlayer4,1,sky,0.1',
      ),
    );
    expect(clip).toMatchObject({ method: 'clip-dissect', score: 'similarity', customaryFirst: 0 });
    expect(clip.layers.map(({ name, labels }) => [name, labels.length])).toEqual([
      ['layer1', 1],
      ['layer4', 2],
    ]);
    expect(clip.layers[1]!.labels[0]!.label).toBe('dogs, and cats');
    const milan = await readLabels(await write('m.csv', 'unit,layer,channel,description\n7,conv1,0,edges\n8,conv1,1,dots'));
    expect(milan).toMatchObject({ method: 'milan', score: null });
    expect(milan.layers[0]!.labels.map(({ unit }) => unit)).toEqual([0, 1]);
  });

  test('a plain table of unit, label, category and IoU', async () => {
    const file = await readLabels(await write('mine.csv', 'unit,label,category,iou\n0,rock,object,0.05\n1,sky,,0.01'));
    expect(file).toMatchObject({ method: 'table', score: 'IoU' });
    expect(file.layers[0]!.labels).toMatchObject([{ label: 'rock', category: 'object', score: 0.05 }, { category: null }]);
  });

  test.each<[string, string, string, RegExp]>([
    [
      'a missing column',
      'a.csv',
      'unit,category,score\n1,object,0.1',
      /no column "label": .*a\.csv \(expected columns unit, category, label, score/,
    ],
    [
      'a category without its label',
      'a.csv',
      'unit,category,label,score,object-iou\n1,object,dog,0.1,0.1',
      /no column "object-label"/,
    ],
    [
      'a duplicate unit',
      'a.csv',
      [...TALLY, '3,object,cat,0.1,cat,1,1,1,0.1,,1,1,1,'].join('\n'),
      /unit 3 of layer a is labelled twice: .*found line 2 and line 5/,
    ],
    ['a unit that is no number', 'a.csv', 'unit,label\nx,dog', /a unit is no whole number: .*"x" in line 2/],
    ['a score that is no number', 'a.csv', 'unit,label,iou\n1,dog,high', /a iou is no number: .*"high" in line 2/],
    ['no labels', 'a.csv', 'unit,label', /the file has no labels/],
    ['another JSON', 'report.json', '{"layers": []}', /no report of dissect: .*units/],
    ['a table of something else', 'a.csv', 'name,value\nx,1', /no column "unit", "label"/],
  ])('%s gives one clear line', async (_what, name, text, message) => {
    const failed = readLabels(await write(name, text));
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow(/^[^\n]*$/);
  });
});

describe('matching', () => {
  const units = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ unit: first + i, place: `line ${i + 2}`, label: 'x', category: null, score: null, candidates: [] },
    }));
  const layers = [
    { name: 'features.conv1', filters: 64 },
    { name: 'features.conv5', filters: 256 },
    { name: 'fc', filters: 256 },
    { name: 'conv55', filters: 100 },
  ];

  test('numbering is told by the lowest and the highest unit, else by custom', () => {
    expect(findNumbering(units(0, 256), 256, 1)).toMatchObject({ first: 0, because: 'there is a unit 0' });
    expect(findNumbering(units(1, 256), 256, 0)).toMatchObject({ first: 1 });
    expect(findNumbering(units(5, 10), 256, 1)).toMatchObject({ first: 1, because: expect.stringContaining('count from 1') });
  });

  test('a layer is found by name, by the end of a name, or by its width alone', () => {
    expect(matchLayer('fc', units(0, 1), layers)?.name).toBe('fc');
    expect(matchLayer('alexnet_imagenet_conv5', units(1, 256), [...layers, { name: 'conv5', filters: 256 }])?.name).toBe('conv5');
    expect(matchLayer('conv5', units(1, 256), layers)?.name).toBe('features.conv5');
    expect(matchLayer('stage', units(0, 64), layers)?.name).toBe('features.conv1');
    expect(matchLayer('stage', units(0, 256), layers)).toBeUndefined();
    expect(matchLayer('layer_conv55', units(0, 100), layers)?.name).toBe('conv55');
  });

  test('labels are placed by filter, counted from 0', () => {
    const placed = placeLabels({ path: 'f' }, units(1, 64), layers[0]!, { first: 1, because: '' });
    expect([...placed.keys()]).toEqual(Array.from({ length: 64 }, (_, filter) => filter));
    expect(placed.get(63)!.unit).toBe(64);
  });

  test('a layer of another width and units out of range are refused', () => {
    expect(() => placeLabels({ path: 'f' }, units(1, 256), layers[0]!, { first: 1, because: '' })).toThrow(
      /of another layer than features\.conv1: f \(expected 64 units, found 256\)/,
    );
    expect(() => placeLabels({ path: 'f' }, [...units(3, 2), ...units(64, 1)], layers[0]!, { first: 0, because: '' })).toThrow(
      /unit 64 is out of range: f \(expected 0 to 63 for layer features\.conv1/,
    );
    expect(() => placeLabels({ path: 'f' }, units(0, 64), layers[0]!, { first: 1, because: '' })).toThrow(
      /unit 0 is out of range/,
    );
  });
});
