import type { Tensor } from '../../src-preload/shared/domain/engine';
import { ofSample, type GraphSizes } from './graphs';
import { valueType, type LoadedSample } from './samples';

/* Values as engines take them. */

/** Feeds by the names that several samples in one graph have. */
export function ofSamples(name: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map((values, i) => [ofSample(name, i), values]));
}

export function float32(dims: readonly number[]): Tensor {
  return tensor(dims, new Float32Array(dims.reduce((product, size) => product * size, 1)));
}

export function tensor(dims: readonly number[], data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}

export function scalar(value: number): Tensor {
  return tensor([], Float32Array.of(value));
}

export function sampleTensor(sample: LoadedSample): Tensor {
  const { source, values } = sample;
  return { type: valueType(sample), dims: [source.time, source.voxels], data: values };
}

/** Θ [2m, voxels] */
export function thetaTensor(theta: Float32Array, { fbns, voxels }: GraphSizes): Tensor {
  return tensor([2 * fbns, voxels], theta);
}
