import type { Network, Value } from './network';

/** What the residual networks differ in. */
export interface ResidualSizes {
  /** Blocks of each of the four stages. */
  blocks: readonly [number, number, number, number];
  /** basic: two 3 × 3 convolutions; bottleneck: 1 × 1, 3 × 3, 1 × 1 to four times the width. */
  kind: 'basic' | 'bottleneck';
  /** Groups of the 3 × 3 convolution of a bottleneck, and its channels per group in the first stage (ResNeXt). */
  groups?: number;
  groupWidth?: number;
}

/** The residual networks of He et al. 2016 and Xie et al. 2017, under torchvision's names (torchvision/models/resnet.py). */
export function buildResidualNetwork(network: Network, { blocks, kind, groups = 1, groupWidth = 64 }: ResidualSizes): void {
  let x = network.convolution('conv1', network.input(), { channels: 64, kernel: 7, stride: 2, padding: 3 });
  x = network.relu('relu', network.batchNorm('bn1', x));
  x = network.maxPool('maxpool', x, { kernel: 3, stride: 2, padding: 1 });
  blocks.forEach((count, stage) => {
    const width = 64 * 2 ** stage;
    for (let i = 0; i < count; i++) {
      const module = `layer${stage + 1}.${i}`;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      x =
        kind === 'basic'
          ? basicBlock(network, module, x, { width, stride })
          : bottleneck(network, module, x, { width: (width * groupWidth * groups) / 64, channels: 4 * width, stride, groups });
    }
  });
  network.output(network.classifier('fc', network.globalAverage('avgpool', x)));
}

function basicBlock(network: Network, module: string, x: Value, { width, stride }: { width: number; stride: number }): Value {
  const inner = network.convolution(`${module}.conv1`, x, { channels: width, kernel: 3, stride, padding: 1 });
  const active = network.relu(`${module}.relu`, network.batchNorm(`${module}.bn1`, inner));
  const outer = network.convolution(`${module}.conv2`, active, { channels: width, kernel: 3, padding: 1 });
  const sum = network.add(module, network.batchNorm(`${module}.bn2`, outer), shortcut(network, module, x, width, stride));
  return network.relu(`${module}.relu_1`, sum);
}

function bottleneck(
  network: Network,
  module: string,
  x: Value,
  { width, channels, stride, groups }: { width: number; channels: number; stride: number; groups: number },
): Value {
  const reduced = network.convolution(`${module}.conv1`, x, { channels: width, kernel: 1 });
  const first = network.relu(`${module}.relu`, network.batchNorm(`${module}.bn1`, reduced));
  const spatial = network.convolution(`${module}.conv2`, first, { channels: width, kernel: 3, stride, padding: 1, groups });
  const second = network.relu(`${module}.relu_1`, network.batchNorm(`${module}.bn2`, spatial));
  const expanded = network.convolution(`${module}.conv3`, second, { channels, kernel: 1 });
  const sum = network.add(module, network.batchNorm(`${module}.bn3`, expanded), shortcut(network, module, x, channels, stride));
  return network.relu(`${module}.relu_2`, sum);
}

/** The way around a block: as it is, or by a 1 × 1 convolution where size or channels change. */
function shortcut(network: Network, module: string, x: Value, channels: number, stride: number): Value {
  if (stride === 1 && x.channels === channels) return x;
  const projected = network.convolution(`${module}.downsample.0`, x, { channels, kernel: 1, stride });
  return network.batchNorm(`${module}.downsample.1`, projected);
}
