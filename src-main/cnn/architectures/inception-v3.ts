import type { Architecture } from './architecture';
import type { ConvolutionSizes, Network, Value } from './network';

/** Szegedy et al. 2016, as torchvision/models/inception.py has it; the auxiliary classifier is for training only. */
export const inceptionV3: Architecture = {
  name: 'inception_v3',
  title: 'Inception V3',
  inputSize: 299,
  // torchvision normalises as for ImageNet and then undoes it to this inside the network (transform_input).
  normalisation: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
  unused: /^AuxLogits\./,
  build(network) {
    const step = (module: string, from: Value, sizes: ConvolutionSizes) => basicConvolution(network, module, from, sizes);
    let x = step('Conv2d_1a_3x3', network.input(), { channels: 32, kernel: 3, stride: 2 });
    x = step('Conv2d_2a_3x3', x, { channels: 32, kernel: 3 });
    x = step('Conv2d_2b_3x3', x, { channels: 64, kernel: 3, padding: 1 });
    x = network.maxPool('maxpool1', x, { kernel: 3, stride: 2 });
    x = step('Conv2d_3b_1x1', x, { channels: 80, kernel: 1 });
    x = step('Conv2d_4a_3x3', x, { channels: 192, kernel: 3 });
    x = network.maxPool('maxpool2', x, { kernel: 3, stride: 2 });
    x = mixed5(network, 'Mixed_5b', x, 32);
    x = mixed5(network, 'Mixed_5c', x, 64);
    x = mixed5(network, 'Mixed_5d', x, 64);
    x = mixed6a(network, 'Mixed_6a', x);
    x = mixed6(network, 'Mixed_6b', x, 128);
    x = mixed6(network, 'Mixed_6c', x, 160);
    x = mixed6(network, 'Mixed_6d', x, 160);
    x = mixed6(network, 'Mixed_6e', x, 192);
    x = mixed7a(network, 'Mixed_7a', x);
    x = mixed7(network, 'Mixed_7b', x);
    x = mixed7(network, 'Mixed_7c', x);
    network.output(network.classifier('fc', network.globalAverage('avgpool', x)));
  },
};

const ROW = { kernel: [1, 7], padding: [0, 3] } as const;
const COLUMN = { kernel: [7, 1], padding: [3, 0] } as const;
const SQUARE = { kernel: 3, padding: 1 } as const;

function basicConvolution(network: Network, module: string, x: Value, sizes: ConvolutionSizes): Value {
  const convolved = network.convolution(`${module}.conv`, x, sizes);
  return network.relu(module, network.batchNorm(`${module}.bn`, convolved, 0.001));
}

/** Convolutions one after the other; the name of each is the branch's and its own ending. */
function branch(network: Network, module: string, x: Value, steps: readonly [ending: string, sizes: ConvolutionSizes][]): Value {
  return steps.reduce((value, [ending, sizes]) => basicConvolution(network, `${module}${ending}`, value, sizes), x);
}

function pooledBranch(network: Network, module: string, x: Value, channels: number): Value {
  const pooled = network.averagePool(module, x, { kernel: 3, stride: 1, padding: 1 });
  return basicConvolution(network, `${module}.branch_pool`, pooled, { channels, kernel: 1 });
}

function mixed5(network: Network, module: string, x: Value, pooledChannels: number): Value {
  return network.concat(module, [
    branch(network, `${module}.branch1x1`, x, [['', { channels: 64, kernel: 1 }]]),
    branch(network, `${module}.branch5x5`, x, [
      ['_1', { channels: 48, kernel: 1 }],
      ['_2', { channels: 64, kernel: 5, padding: 2 }],
    ]),
    branch(network, `${module}.branch3x3dbl`, x, [
      ['_1', { channels: 64, kernel: 1 }],
      ['_2', { channels: 96, ...SQUARE }],
      ['_3', { channels: 96, ...SQUARE }],
    ]),
    pooledBranch(network, module, x, pooledChannels),
  ]);
}

function mixed6a(network: Network, module: string, x: Value): Value {
  return network.concat(module, [
    branch(network, `${module}.branch3x3`, x, [['', { channels: 384, kernel: 3, stride: 2 }]]),
    branch(network, `${module}.branch3x3dbl`, x, [
      ['_1', { channels: 64, kernel: 1 }],
      ['_2', { channels: 96, ...SQUARE }],
      ['_3', { channels: 96, kernel: 3, stride: 2 }],
    ]),
    network.maxPool(module, x, { kernel: 3, stride: 2 }),
  ]);
}

/** @param width channels inside the branches of 7 × 7 */
function mixed6(network: Network, module: string, x: Value, width: number): Value {
  return network.concat(module, [
    branch(network, `${module}.branch1x1`, x, [['', { channels: 192, kernel: 1 }]]),
    branch(network, `${module}.branch7x7`, x, [
      ['_1', { channels: width, kernel: 1 }],
      ['_2', { channels: width, ...ROW }],
      ['_3', { channels: 192, ...COLUMN }],
    ]),
    branch(network, `${module}.branch7x7dbl`, x, [
      ['_1', { channels: width, kernel: 1 }],
      ['_2', { channels: width, ...COLUMN }],
      ['_3', { channels: width, ...ROW }],
      ['_4', { channels: width, ...COLUMN }],
      ['_5', { channels: 192, ...ROW }],
    ]),
    pooledBranch(network, module, x, 192),
  ]);
}

function mixed7a(network: Network, module: string, x: Value): Value {
  return network.concat(module, [
    branch(network, `${module}.branch3x3`, x, [
      ['_1', { channels: 192, kernel: 1 }],
      ['_2', { channels: 320, kernel: 3, stride: 2 }],
    ]),
    branch(network, `${module}.branch7x7x3`, x, [
      ['_1', { channels: 192, kernel: 1 }],
      ['_2', { channels: 192, ...ROW }],
      ['_3', { channels: 192, ...COLUMN }],
      ['_4', { channels: 192, kernel: 3, stride: 2 }],
    ]),
    network.maxPool(module, x, { kernel: 3, stride: 2 }),
  ]);
}

function mixed7(network: Network, module: string, x: Value): Value {
  /** A row and a column beside each other. */
  const both = (name: string, from: Value) => [
    basicConvolution(network, `${module}.${name}a`, from, { channels: 384, kernel: [1, 3], padding: [0, 1] }),
    basicConvolution(network, `${module}.${name}b`, from, { channels: 384, kernel: [3, 1], padding: [1, 0] }),
  ];
  const single = branch(network, `${module}.branch3x3`, x, [['_1', { channels: 384, kernel: 1 }]]);
  const double = branch(network, `${module}.branch3x3dbl`, x, [
    ['_1', { channels: 448, kernel: 1 }],
    ['_2', { channels: 384, ...SQUARE }],
  ]);
  return network.concat(module, [
    branch(network, `${module}.branch1x1`, x, [['', { channels: 320, kernel: 1 }]]),
    ...both('branch3x3_2', single),
    ...both('branch3x3dbl_3', double),
    pooledBranch(network, module, x, 192),
  ]);
}
