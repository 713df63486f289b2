import { describe, expect, test } from 'vitest';
import { IOU_THRESHOLD } from '../../src-main/semantics/filter-labels/label-file';
import { findNumbering, matchLayer, placeLabels } from '../../src-main/semantics/filter-labels/match-layer';
import { readLabels } from '../../src-main/semantics/filter-labels/read-labels';
import { realdataAvailable, realdataPath } from './realdata-folder';

describe.skipIf(!realdataAvailable)('Network Dissection of AlexNet', () => {
  test.each(['imagenet', 'places365'])('%s: 256 units of conv5, numbered from 1, matched to the layer', async (dataset) => {
    const file = await readLabels(realdataPath(`labels/alexnet_${dataset}_conv5.csv`));
    expect(file.method).toBe('netdissect');
    const { name, labels } = file.layers[0]!;
    const layers = ['conv3', 'conv4', 'conv5'].map((layer, i) => ({ name: layer, filters: [384, 256, 256][i]! }));
    const layer = matchLayer(name, labels, layers)!;
    expect(layer.name).toBe('conv5');
    const numbering = findNumbering(labels, 256, file.customaryFirst);
    expect(numbering.first).toBe(1);
    const byFilter = placeLabels(file, labels, layer, numbering);
    expect(byFilter.size).toBe(256);
    for (const { label, score, category, candidates } of byFilter.values()) {
      const best = Math.max(...candidates.map((one) => one.score));
      expect(score).toBeCloseTo(best, 12);
      expect(candidates.find((one) => one.category === category)!.label).toBe(label);
    }
    const passing = [...byFilter.values()].filter(({ score }) => score! > IOU_THRESHOLD).length;
    expect(passing).toBe({ imagenet: 97, places365: 118 }[dataset]);
  });

  test('ImageNet’s unit 198 is filter 197: wheel, IoU 0.219', async () => {
    const file = await readLabels(realdataPath('labels/alexnet_imagenet_conv5.csv'));
    const { labels } = file.layers[0]!;
    const byFilter = placeLabels(file, labels, { name: 'conv5', filters: 256 }, { first: 1, because: '' });
    expect(byFilter.get(197)).toMatchObject({ label: 'wheel', category: 'part' });
    expect(byFilter.get(197)!.score).toBeCloseTo(0.21899864690447707, 12);
    expect(byFilter.get(197)!.candidates.length).toBe(6);
  });
});
