import { expect, test } from 'vitest';
import { architectures } from '../../../src-main/cnn/architectures';
import { networkModel } from '../../../src-main/cnn/build-model';
import { describeModel } from '../../../src-main/cnn/describe-model';
import { selectLayers } from '../../../src-main/cnn/select-layers';

/** What the presets read of each network, in the names that its users know. */
const presets: Record<string, { last: string; before: string; blocks: string; convolutions: number }> = {
  alexnet: { last: 'features.11', before: 'features.10', blocks: 'features.1 features.4 features.11', convolutions: 5 },
  vgg16: {
    last: 'features.29',
    before: 'features.28',
    blocks: 'features.3 features.8 features.15 features.22 features.29',
    convolutions: 13,
  },
  resnet18: { last: 'layer4', before: 'layer4.1.Add', blocks: 'relu layer1 layer2 layer3 layer4', convolutions: 20 },
  resnet50: { last: 'layer4', before: 'layer4.2.Add', blocks: 'relu layer1 layer2 layer3 layer4', convolutions: 53 },
  densenet161: {
    last: 'relu',
    before: 'features.norm5',
    blocks: 'features.denseblock1 features.denseblock2 features.denseblock3 features.denseblock4 relu',
    convolutions: 160,
  },
  inception_v3: { last: 'Mixed_7c', before: 'Mixed_7c', blocks: 'Conv2d_4a_3x3 Mixed_5d Mixed_6e Mixed_7c', convolutions: 94 },
  shufflenet_v2_x1_0: { last: 'conv5', before: 'conv5.1', blocks: 'conv1 stage2 stage3 stage4 conv5', convolutions: 56 },
  mobilenet_v2: {
    last: 'features.18',
    before: 'features.18.1',
    blocks: 'features.3 features.6 features.13 features.17 features.18',
    convolutions: 52,
  },
  resnext50_32x4d: { last: 'layer4', before: 'layer4.2.Add', blocks: 'relu layer1 layer2 layer3 layer4', convolutions: 53 },
  mnasnet1_0: {
    last: 'layers.16',
    before: 'layers.15',
    blocks: 'layers.8 layers.9 layers.11 layers.13 layers.16',
    convolutions: 52,
  },
};

test.each(architectures)('$name: presets read what the names say', (architecture) => {
  const description = describeModel({ path: architecture.name, model: networkModel(architecture, 365) });
  const names = (...choice: [Parameters<typeof selectLayers>[1], 'before'?]) =>
    selectLayers(description, ...choice)
      .map(({ name }) => name)
      .join(' ');
  const expected = presets[architecture.name]!;
  expect(names('last')).toBe(expected.last);
  expect(names('last', 'before')).toBe(expected.before);
  expect(names('blocks')).toBe(expected.blocks);
  expect(selectLayers(description, 'all')).toHaveLength(expected.convolutions);
  expect(description.layers.every(({ filters }) => filters !== null)).toBe(true);
});

test('the name of every module that holds convolutions can be asked for', () => {
  for (const architecture of architectures) {
    const model = networkModel(architecture, 1000);
    const { layers } = describeModel({ path: architecture.name, model });
    const known = new Set(layers.flatMap(({ name, aliases }) => [name, ...aliases]));
    const convolutions = model.graph.node.filter(({ opType }) => opType === 'Conv');
    for (const { input } of convolutions) expect(known, input[1]).toContain(input[1]!.replace(/\.weight$/, ''));
  }
});
