import type { Architecture } from './architecture';
import { buildResidualNetwork } from './residual';

export const resnet18: Architecture = {
  name: 'resnet18',
  title: 'ResNet-18',
  inputSize: 224,
  build: (network) => buildResidualNetwork(network, { kind: 'basic', blocks: [2, 2, 2, 2] }),
};
