import { expect, test } from 'vitest';
import { architectures } from '../../../src-main/cnn/architectures';
import { catalogue, countParameters, entryOf, entryOfHash, trainingSetOf } from '../../../src-main/cnn/catalogue';
import { randomWeights } from '../../../src-main/cnn/random-weights';
import { referenceJson } from '../../reference/reference-folder';

interface PaperTables {
  imagenetTop1: { percent: Record<string, number> };
  table1: { rows: Record<string, unknown> };
}

test('every architecture with either training set, in the order of the paper', () => {
  expect(catalogue.map(({ architecture, trainedOn }) => [architecture.name, trainedOn])).toEqual(
    ['ImageNet', 'Places365'].flatMap((set) => architectures.map(({ name }) => [name, set])),
  );
});

test('titles and top-1 are those of the tables', () => {
  const { imagenetTop1, table1 } = referenceJson<PaperTables>('paper-tables.json');
  const { percent } = imagenetTop1;
  expect(architectures.map(({ title }) => title)).toEqual(Object.keys(table1.rows));
  for (const { title, name } of architectures) expect(entryOf(name, 'ImageNet')?.top1Percent, title).toBe(percent[title]);
});

test('a public file is known by the beginning of its hash, and its name says the same', () => {
  for (const entry of catalogue.filter(({ trainedOn }) => trainedOn === 'ImageNet')) {
    expect(entry.file).toContain(`-${entry.hashPrefix}.pth`);
    expect(entryOfHash(`${entry.hashPrefix}${'0'.repeat(56)}`)).toBe(entry);
    // Weights in float32 and little else; Inception's auxiliary head is in the file and not in the network.
    const share = entry.bytes / (4 * countParameters(entry.architecture, entry.classes));
    expect(share, entry.file!).toBeGreaterThan(0.99);
    expect(share, entry.file!).toBeLessThan(entry.architecture.name === 'inception_v3' ? 1.15 : 1.01);
  }
  expect(entryOfHash('5c106cde00')?.architecture.name).toBe('resnet18');
  expect(entryOfHash('00000000')).toBeUndefined();
  expect([1000, 365, 10, null].map(trainingSetOf)).toEqual(['ImageNet', 'Places365', undefined, undefined]);
});

test('random weights: the same for the same seed, by He, batch norm as it begins', async () => {
  const [, , resnet18] = architectures;
  const weights = randomWeights(resnet18!, 3, 365);
  const conv = await weights.read('layer4.0.conv2.weight');
  expect(conv).toHaveLength(512 * 512 * 9);
  const variance = conv.reduce((sum, value) => sum + value * value, 0) / conv.length;
  expect(variance * ((512 * 9) / 2)).toBeCloseTo(1, 2);
  expect(await weights.read('layer4.0.conv2.weight')).toEqual(conv);
  expect((await randomWeights(resnet18!, 4).read('layer4.0.conv2.weight'))[0]).not.toBe(conv[0]);
  expect(await weights.read('fc.weight')).toHaveLength(365 * 512);
  expect(new Set(await weights.read('bn1.running_var'))).toEqual(new Set([1]));
  expect(new Set(await weights.read('bn1.bias'))).toEqual(new Set([0]));
});
