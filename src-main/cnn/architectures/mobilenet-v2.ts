import type { Architecture } from './architecture';
import type { ConvolutionSizes, Network, Value } from './network';

/** Expansion, channels, blocks and stride of each stage. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Sandler et al. 2018, as torchvision/models/mobilenetv2.py has it. */
export const mobilenetV2: Architecture = {
  name: 'mobilenet_v2',
  title: 'MobileNet V2',
  inputSize: 224,
  build(network) {
    let x = activated(network, 'features.0', network.input(), { channels: 32, kernel: 3, stride: 2, padding: 1 });
    let place = 1;
    for (const [expansion, channels, blocks, stride] of stages) {
      for (let i = 0; i < blocks; i++) {
        const module = `features.${place++}`;
        const y = invertedResidual(network, `${module}.conv`, x, { expansion, channels, stride: i === 0 ? stride : 1 });
        x = i === 0 ? y : network.add(module, x, y);
      }
    }
    x = activated(network, `features.${place}`, x, { channels: 1280, kernel: 1 });
    network.output(network.classifier('classifier.1', network.globalAverage('avgpool', x)));
  },
};

function activated(network: Network, module: string, x: Value, sizes: ConvolutionSizes): Value {
  return network.relu6(`${module}.2`, network.batchNorm(`${module}.1`, network.convolution(`${module}.0`, x, sizes)));
}

/** Wider, over the grid channel by channel, and narrow again. */
function invertedResidual(
  network: Network,
  module: string,
  x: Value,
  { expansion, channels, stride }: { expansion: number; channels: number; stride: number },
): Value {
  let place = 0;
  const width = x.channels * expansion;
  const wide = expansion === 1 ? x : activated(network, `${module}.${place++}`, x, { channels: width, kernel: 1 });
  const spatial = { channels: width, kernel: 3, stride, padding: 1, groups: width };
  const y = activated(network, `${module}.${place++}`, wide, spatial);
  return network.batchNorm(`${module}.${place + 1}`, network.convolution(`${module}.${place}`, y, { channels, kernel: 1 }));
}
