import type { Architecture } from './architecture';
import { buildResidualNetwork } from './residual';

export const resnet50: Architecture = {
  name: 'resnet50',
  title: 'ResNet-50',
  inputSize: 224,
  build: (network) => buildResidualNetwork(network, { kind: 'bottleneck', blocks: [3, 4, 6, 3] }),
};
