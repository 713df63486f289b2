import type { Architecture } from './architecture';
import type { Network, Value } from './network';

/** Channels that each dense layer adds. */
const GROWTH = 48;
const layersOfBlocks = [6, 12, 36, 24];

/** Huang et al. 2017, as torchvision/models/densenet.py has it. */
export const densenet161: Architecture = {
  name: 'densenet161',
  title: 'DenseNet-161',
  inputSize: 224,
  // The files that torchvision and Places365 released spell "denselayer1.norm.1.weight".
  modernName: (name) => name.replace(/(denselayer\d+\.(?:norm|conv))\.([12]\.)/, '$1$2'),
  build(network) {
    let x = network.convolution('features.conv0', network.input(), { channels: 96, kernel: 7, stride: 2, padding: 3 });
    x = network.relu('features.relu0', network.batchNorm('features.norm0', x));
    x = network.maxPool('features.pool0', x, { kernel: 3, stride: 2, padding: 1 });
    layersOfBlocks.forEach((layers, i) => {
      x = denseBlock(network, `features.denseblock${i + 1}`, x, layers);
      if (i < layersOfBlocks.length - 1) x = transition(network, `features.transition${i + 1}`, x);
    });
    x = network.relu('relu', network.batchNorm('features.norm5', x));
    network.output(network.classifier('classifier', network.globalAverage('avgpool', x)));
  },
};

/** Every layer sees all maps before it; the block gives out its input and all of them. */
function denseBlock(network: Network, module: string, input: Value, layers: number): Value {
  let maps = input;
  for (let i = 1; i <= layers; i++) {
    const layer = `${module}.denselayer${i}`;
    let x = network.relu(`${layer}.relu1`, network.batchNorm(`${layer}.norm1`, maps));
    x = network.convolution(`${layer}.conv1`, x, { channels: 4 * GROWTH, kernel: 1 });
    x = network.relu(`${layer}.relu2`, network.batchNorm(`${layer}.norm2`, x));
    x = network.convolution(`${layer}.conv2`, x, { channels: GROWTH, kernel: 3, padding: 1 });
    maps = network.concat(module, [maps, x]);
  }
  return maps;
}

/** Halves channels and grid. */
function transition(network: Network, module: string, x: Value): Value {
  const active = network.relu(`${module}.relu`, network.batchNorm(`${module}.norm`, x));
  const halved = network.convolution(`${module}.conv`, active, { channels: x.channels / 2, kernel: 1 });
  return network.averagePool(`${module}.pool`, halved, { kernel: 2 });
}
