import type { Architecture } from './architecture';
import type { ConvolutionSizes, Network, Value } from './network';

/** Channels, kernel, stride, expansion and blocks of layers.8 to layers.13. */
const stages = [
  [24, 3, 2, 3, 3],
  [40, 5, 2, 3, 3],
  [80, 5, 2, 6, 3],
  [96, 3, 1, 6, 2],
  [192, 5, 2, 6, 4],
  [320, 3, 1, 6, 1],
] as const;

/** Tan et al. 2019, depth multiplier 1.0, as torchvision/models/mnasnet.py has it. */
export const mnasnet: Architecture = {
  name: 'mnasnet1_0',
  title: 'MNASNet',
  inputSize: 224,
  build(network) {
    let x = activated(network, 'layers', 0, network.input(), { channels: 32, kernel: 3, stride: 2, padding: 1 });
    x = activated(network, 'layers', 3, x, { channels: 32, kernel: 3, padding: 1, groups: 32 });
    x = normalised(network, 'layers', 6, x, { channels: 16, kernel: 1 });
    stages.forEach(([channels, kernel, stride, expansion, blocks], i) => {
      for (let block = 0; block < blocks; block++) {
        const module = `layers.${8 + i}.${block}`;
        const y = invertedResidual(network, module, x, { channels, kernel, expansion, stride: block === 0 ? stride : 1 });
        x = block === 0 ? y : network.add(module, y, x);
      }
    });
    x = activated(network, 'layers', 14, x, { channels: 1280, kernel: 1 });
    network.output(network.classifier('classifier.1', network.globalAverage('', x)));
  },
};

/** A convolution and its batch norm at two places of a Sequential. */
function normalised(network: Network, module: string, place: number, x: Value, sizes: ConvolutionSizes): Value {
  return network.batchNorm(`${module}.${place + 1}`, network.convolution(`${module}.${place}`, x, sizes));
}

function activated(network: Network, module: string, place: number, x: Value, sizes: ConvolutionSizes): Value {
  return network.relu(`${module}.${place + 2}`, normalised(network, module, place, x, sizes));
}

/** Wider, over the grid channel by channel, and narrow again. */
function invertedResidual(
  network: Network,
  module: string,
  x: Value,
  { channels, kernel, stride, expansion }: { channels: number; kernel: number; stride: number; expansion: number },
): Value {
  const inner = `${module}.layers`;
  const width = x.channels * expansion;
  const spatial = { channels: width, kernel, stride, padding: (kernel - 1) / 2, groups: width };
  const wide = activated(network, inner, 0, x, { channels: width, kernel: 1 });
  return normalised(network, inner, 6, activated(network, inner, 3, wide, spatial), { channels, kernel: 1 });
}
