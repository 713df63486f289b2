import { ElementType, type OnnxNode, type OnnxTensor } from '../onnx/model';
import { CONVOLUTIONS } from './feature-maps';
import type { Layer } from './find-layers';
import { indexGraph, type GraphIndex } from './graph-index';
import type { LoadedModel } from './read-model';

/** Kernels that look at the picture itself: float32 [filters, channels, y, x], channels in the picture's RGB order. */
export interface Kernels {
  dims: [filters: number, channels: number, height: number, width: number];
  data: Float32Array;
}

/** What may stand between the picture and its first convolution, or between a convolution and where its layer is read. */
const TRANSPARENT = new Set(`Sub Mul Div Add Cast Pad Transpose Identity`.split(' '));
const AFTER = new Set(
  `BatchNormalization Relu LeakyRelu PRelu Clip HardSwish HardSigmoid Sigmoid Elu Selu Gelu Mish Dropout Identity Mul Add Cast`.split(
    ' ',
  ),
);
const MOST_STEPS = 8;

/**
 * The kernels of a layer that is read at, or right after, a convolution over the picture itself; undefined for all others: theirs
 * weigh the maps of other filters, and are no pictures.
 */
export function firstKernels(
  { model }: LoadedModel,
  layer: Layer,
  input: string,
  channelOrder: 'RGB' | 'BGR',
): Kernels | undefined {
  const index = indexGraph(model.graph);
  const convolution = before(layer.tensor, index, AFTER, (node) => CONVOLUTIONS.has(node.opType));
  if (!convolution || !leadsFrom(input, convolution.input[0] ?? '', index)) return undefined;
  const weights = index.constants.get(convolution.input[1] ?? '');
  const data = weights && floatsOf(weights);
  if (!data || weights.dims.length !== 4 || (weights.dims[1] !== 3 && weights.dims[1] !== 1)) return undefined;
  const dims = weights.dims as Kernels['dims'];
  return { dims, data: channelOrder === 'BGR' ? reverseChannels(data, dims) : data };
}

function before(
  tensor: string,
  index: GraphIndex,
  through: ReadonlySet<string>,
  isWanted: (node: OnnxNode) => boolean,
): OnnxNode | undefined {
  let name = tensor;
  for (let step = 0; step < MOST_STEPS; step++) {
    const node = index.producers.get(name);
    if (!node) return undefined;
    if (isWanted(node)) return node;
    if (!through.has(node.opType)) return undefined;
    name = node.input.find((one) => !index.constants.has(one)) ?? '';
  }
  return undefined;
}

function leadsFrom(input: string, tensor: string, index: GraphIndex): boolean {
  if (tensor === input) return true;
  return before(tensor, index, TRANSPARENT, (node) => node.input.includes(input)) !== undefined;
}

function floatsOf({ dims, dataType, rawData, floatData }: OnnxTensor): Float32Array | undefined {
  const count = dims.reduce((product, size) => product * size, 1);
  if (floatData?.length === count) return Float32Array.from(floatData);
  const bytes = rawData && new Uint8Array(rawData).buffer;
  if (dataType === ElementType.float && bytes?.byteLength === 4 * count) return new Float32Array(bytes);
  if (dataType === ElementType.float16 && bytes?.byteLength === 2 * count) return Float32Array.from(new Float16Array(bytes));
  return undefined;
}

function reverseChannels(data: Float32Array, [filters, channels, height, width]: Kernels['dims']): Float32Array {
  const plane = height * width;
  const result = new Float32Array(data.length);
  for (let filter = 0; filter < filters; filter++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (filter * channels + channels - 1 - channel) * plane;
      result.set(data.subarray(from, from + plane), (filter * channels + channel) * plane);
    }
  }
  return result;
}
