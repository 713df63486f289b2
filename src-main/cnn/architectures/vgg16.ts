import type { Architecture } from './architecture';

/** Channels of the 3 × 3 convolutions between poolings. */
const groups = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

/** Simonyan & Zisserman 2015, configuration D, as torchvision/models/vgg.py has it. */
export const vgg16: Architecture = {
  name: 'vgg16',
  title: 'VGG-16',
  inputSize: 224,
  build(network) {
    let x = network.input();
    let place = 0;
    for (const group of groups) {
      for (const channels of group) {
        x = network.convolution(`features.${place++}`, x, { channels, kernel: 3, padding: 1, bias: true });
        x = network.relu(`features.${place++}`, x);
      }
      x = network.maxPool(`features.${place++}`, x, { kernel: 2 });
    }
    x = network.adaptiveAverage('avgpool', x, 7);
    x = network.relu('classifier.1', network.linear('classifier.0', x, 4096));
    x = network.relu('classifier.4', network.linear('classifier.3', x, 4096));
    network.output(network.classifier('classifier.6', x));
  },
};
