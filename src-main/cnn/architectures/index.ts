import { alexnet } from './alexnet';
import type { Architecture } from './architecture';
import { densenet161 } from './densenet161';
import { inceptionV3 } from './inception-v3';
import { mnasnet } from './mnasnet';
import { mobilenetV2 } from './mobilenet-v2';
import { resnet18 } from './resnet18';
import { resnet50 } from './resnet50';
import { resnext50 } from './resnext50';
import { shufflenetV2 } from './shufflenet-v2';
import { vgg16 } from './vgg16';

/** The CNNs that can be built from checkpoints, in the order of the paper's tables. */
export const architectures: readonly Architecture[] = [
  alexnet,
  vgg16,
  resnet18,
  resnet50,
  densenet161,
  inceptionV3,
  shufflenetV2,
  mobilenetV2,
  resnext50,
  mnasnet,
];
