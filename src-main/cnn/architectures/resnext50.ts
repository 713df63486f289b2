import type { Architecture } from './architecture';
import { buildResidualNetwork } from './residual';

export const resnext50: Architecture = {
  name: 'resnext50_32x4d',
  title: 'ResNeXt-50',
  inputSize: 224,
  build: (network) => buildResidualNetwork(network, { kind: 'bottleneck', blocks: [3, 4, 6, 3], groups: 32, groupWidth: 4 }),
};
