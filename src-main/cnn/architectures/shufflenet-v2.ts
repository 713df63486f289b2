import type { Architecture } from './architecture';
import type { ConvolutionSizes, Network, Value } from './network';

const stages = [
  { module: 'stage2', channels: 116, blocks: 4 },
  { module: 'stage3', channels: 232, blocks: 8 },
  { module: 'stage4', channels: 464, blocks: 4 },
];

/** Ma et al. 2018, width × 1.0, as torchvision/models/shufflenetv2.py has it. */
export const shufflenetV2: Architecture = {
  name: 'shufflenet_v2_x1_0',
  title: 'ShuffleNet V2',
  inputSize: 224,
  build(network) {
    let x = normalised(network, 'conv1', 0, network.input(), { channels: 24, kernel: 3, stride: 2, padding: 1 });
    x = network.maxPool('maxpool', network.relu('conv1.2', x), { kernel: 3, stride: 2, padding: 1 });
    for (const { module, channels, blocks } of stages) {
      for (let i = 0; i < blocks; i++) x = block(network, `${module}.${i}`, x, channels, i === 0 ? 2 : 1);
    }
    x = network.relu('conv5.2', normalised(network, 'conv5', 0, x, { channels: 1024, kernel: 1 }));
    network.output(network.classifier('fc', network.globalAverage('avgpool', x)));
  },
};

/** A convolution and its batch norm at two places of a Sequential. */
function normalised(network: Network, module: string, place: number, x: Value, sizes: ConvolutionSizes): Value {
  return network.batchNorm(`${module}.${place + 1}`, network.convolution(`${module}.${place}`, x, sizes));
}

/** Half of the channels goes by as it is; where the grid halves, both halves see all of them. */
function block(network: Network, module: string, x: Value, channels: number, stride: number): Value {
  const half = channels / 2;
  const [first, second] = stride === 1 ? network.halves(module, x) : [besides(network, `${module}.branch1`, x, half), x];
  const name = `${module}.branch2`;
  let y = network.relu(`${name}.2`, normalised(network, name, 0, second, { channels: half, kernel: 1 }));
  y = normalised(network, name, 3, y, { channels: half, kernel: 3, stride, padding: 1, groups: half });
  y = network.relu(`${name}.7`, normalised(network, name, 5, y, { channels: half, kernel: 1 }));
  return network.shuffleChannels(module, network.concat(module, [first, y]), 2);
}

function besides(network: Network, module: string, x: Value, channels: number): Value {
  const spatial = { channels: x.channels, kernel: 3, stride: 2, padding: 1, groups: x.channels };
  const y = normalised(network, module, 0, x, spatial);
  return network.relu(`${module}.4`, normalised(network, module, 2, y, { channels, kernel: 1 }));
}
