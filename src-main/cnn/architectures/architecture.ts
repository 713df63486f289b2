import { Network, type Parameter } from './network';

/** How frames become numbers, per channel in RGB: (pixel / 255 − mean) / deviation. */
export interface Normalisation {
  mean: readonly [number, number, number];
  deviation: readonly [number, number, number];
}

/** A CNN that can be built from a checkpoint. A further one is one more file like resnet18.ts, named in index.ts. */
export interface Architecture {
  /** torchvision's: "resnet18". */
  name: string;
  /** As the paper's tables spell it: "ResNet-18". */
  title: string;
  /** Side of the square pictures it is trained on, in pixels; it takes others. */
  inputSize: number;
  /** What it is trained with; ImageNet's where left out. */
  normalisation?: Normalisation;
  /** Parameters that a checkpoint may hold and this network does not use. */
  unused?: RegExp;
  /** Spells the name of a parameter of an older file as it is spelt now. */
  modernName?(name: string): string;
  /** Defines the network on its input. */
  build(network: Network): void;
}

/** Mean and deviation of ImageNet's pictures, which torchvision's and the Places365 networks are trained with. */
export const imagenetNormalisation: Normalisation = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/** The network of an architecture. @param classes null for one without a classifier */
export function buildNetwork(architecture: Architecture, classes: number | null): Network {
  const network = new Network(architecture.name, classes);
  architecture.build(network);
  return network;
}

/** Classes of ImageNet; where only names and shapes are of interest. */
export const USUAL_CLASSES = 1000;

const known = new Map<Architecture, ReadonlyMap<string, Parameter>>();

/** The parameters of an architecture with the usual number of classes, by name in the order of computation. */
export function parametersOf(architecture: Architecture): ReadonlyMap<string, Parameter> {
  const parameters = known.get(architecture) ?? buildNetwork(architecture, USUAL_CLASSES).parameters;
  known.set(architecture, parameters);
  return parameters;
}
