import type { Architecture } from './architecture';
import type { ConvolutionSizes } from './network';

/** Place in `features`, and sizes, of each convolution; a ReLU follows at the next place. */
const convolutions: readonly [place: number, sizes: ConvolutionSizes, pooled: boolean][] = [
  [0, { channels: 64, kernel: 11, stride: 4, padding: 2 }, true],
  [3, { channels: 192, kernel: 5, padding: 2 }, true],
  [6, { channels: 384, kernel: 3, padding: 1 }, false],
  [8, { channels: 256, kernel: 3, padding: 1 }, false],
  [10, { channels: 256, kernel: 3, padding: 1 }, true],
];

/** Krizhevsky 2014, "One weird trick", as torchvision/models/alexnet.py has it. */
export const alexnet: Architecture = {
  name: 'alexnet',
  title: 'AlexNet',
  inputSize: 224,
  build(network) {
    let x = network.input();
    for (const [place, sizes, pooled] of convolutions) {
      x = network.convolution(`features.${place}`, x, { ...sizes, bias: true });
      x = network.relu(`features.${place + 1}`, x);
      if (pooled) x = network.maxPool(`features.${place + 2}`, x, { kernel: 3, stride: 2 });
    }
    x = network.adaptiveAverage('avgpool', x, 6);
    x = network.relu('classifier.2', network.linear('classifier.1', x, 4096));
    x = network.relu('classifier.5', network.linear('classifier.4', x, 4096));
    network.output(network.classifier('classifier.6', x));
  },
};
