import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../onnx/model';
import { attribute, indexGraph, integerAttribute, integersOf, type GraphIndex } from './graph-index';

/** What is known of a tensor that holds feature maps, before anything is run. */
export interface FeatureMap {
  /** Channels; null where the graph does not tell. */
  channels: number | null;
  /** Dimensions with the batch: 4 for maps of images. */
  rank: number;
  /** 1 in ONNX's own order [batch, channel, y, x]; otherwise after a Transpose. */
  channelAxis: number;
  /** How many input pixels one step on the map stands for; Infinity once pooled over the whole map. */
  stride: number;
  /** Convolutions on the longest path from the input. */
  depth: number;
  /** Element type (TensorProto.DataType). */
  elementType: number;
}

export const CONVOLUTIONS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose']);
const POOLS = new Set(['MaxPool', 'AveragePool', 'LpPool']);
const GLOBAL_POOLS = new Set(['GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool']);
/** Operations that give each channel of their map inputs a channel of the same number. */
const CHANNEL_WISE = new Set(
  `Relu LeakyRelu PRelu ThresholdedRelu Clip HardSigmoid HardSwish Sigmoid Tanh Elu Selu Celu Gelu Softplus Softsign Mish Swish Erf Exp
  Log Sqrt Reciprocal Abs Neg Floor Ceil Round Sign Identity Dropout Pad Resize Upsample Add Sub Mul Div Pow Max Min Sum Mean Where
  BatchNormalization InstanceNormalization GroupNormalization LayerNormalization LpNormalization MeanVarianceNormalization LRN
  QuantizeLinear DequantizeLinear`.split(/\s+/),
);

/** Finds the feature maps of a graph: channel counts from weights, passed on from operation to operation. */
export function findFeatureMaps(
  graph: OnnxGraph,
  input: { name: string; map: FeatureMap },
  index: GraphIndex = indexGraph(graph),
): Map<string, FeatureMap> {
  const maps = new Map([[input.name, input.map]]);
  // Of tensors that come from the picture but are no known map (after a Reshape): the map last known on the way.
  const passed = new Map<string, FeatureMap>();
  const declared = new Map((graph.valueInfo ?? []).map((value) => [value.name, value]));
  for (const node of graph.node) {
    const inputs = (node.input ?? []).map((name) => maps.get(name));
    const before = merge((node.input ?? []).map((name) => maps.get(name) ?? passed.get(name)));
    if (!before) continue;
    node.output.forEach((name, position) => {
      const map = mapOfOutput(node, position, inputs, before, index, maps) ?? mapFromDeclaration(declared.get(name), before);
      if (name) (map ? maps : passed).set(name, map ?? before);
    });
  }
  return maps;
}

type MapInputs = readonly (FeatureMap | undefined)[];

function mapOfOutput(
  node: OnnxNode,
  position: number,
  inputs: MapInputs,
  before: FeatureMap,
  index: GraphIndex,
  maps: ReadonlyMap<string, FeatureMap>,
): FeatureMap | undefined {
  const { opType } = node;
  const map = inputs[0];
  if (CONVOLUTIONS.has(opType)) return convolve(node, map ?? before, index);
  if (opType === 'Split') return map && split(node, position, map, index);
  if (position > 0) return undefined;
  if (CHANNEL_WISE.has(opType)) return merge(inputs);
  if (opType === 'Cast') return map && { ...map, elementType: integerAttribute(node, 'to', map.elementType) };
  if (POOLS.has(opType)) return map && { ...map, stride: map.stride * largest(attribute(node, 'strides')?.ints) };
  if (GLOBAL_POOLS.has(opType)) return map && { ...map, stride: Infinity };
  if (opType === 'ReduceMean' || opType === 'ReduceMax') return map && reduce(node, map);
  if (opType === 'Transpose') return map && transpose(node, map);
  if (opType === 'Concat') return concatenate(node, inputs);
  if (opType === 'MatMul') return mixTokens(node, before, index);
  if (opType === 'Gather' || opType === 'Slice') return map && pick(node, map, index);
  if (opType === 'Reshape') return shuffleChannels(node, index, maps) ?? (map && makeTokens(node, map, index));
  return undefined;
}

/** The tensor that holds a convolution's weights, whatever makes it (a Cast, DequantizeLinear, …). */
export function convolutionWeights(node: OnnxNode, index: GraphIndex): { dims: number[]; dataType: number } | undefined {
  let name = node.input[1] ?? '';
  for (let step = 0; step < 4; step++) {
    const constant = index.constants.get(name);
    if (constant) return constant;
    name = index.producers.get(name)?.input[0] ?? '';
  }
  return undefined;
}

function convolve(node: OnnxNode, map: FeatureMap, index: GraphIndex): FeatureMap {
  const weights = convolutionWeights(node, index);
  const step = largest(attribute(node, 'strides')?.ints);
  const transposed = node.opType === 'ConvTranspose';
  const perGroup = weights?.dims[transposed ? 1 : 0];
  const groups = transposed ? integerAttribute(node, 'group', 1) : 1;
  return {
    channels: perGroup === undefined ? null : perGroup * groups,
    rank: weights?.dims.length ?? map.rank,
    channelAxis: 1,
    stride: transposed ? map.stride / step : map.stride * step,
    depth: map.depth + 1,
    elementType: map.elementType,
  };
}

/** Several maps in, one out: the finest grid (a pooled gate is spread over its map), the longest path. */
function merge(inputs: MapInputs): FeatureMap | undefined {
  const maps = inputs.filter((map) => map !== undefined);
  const finest = maps.toSorted((a, b) => b.rank - a.rank || a.stride - b.stride)[0];
  if (!finest) return undefined;
  const counts = maps.map((map) => map.channels).filter((channels) => channels !== null);
  return {
    ...finest,
    channels: counts.length > 0 ? Math.max(...counts) : null,
    depth: Math.max(...maps.map((map) => map.depth)),
  };
}

function concatenate(node: OnnxNode, inputs: MapInputs): FeatureMap | undefined {
  const merged = merge(inputs);
  if (!merged) return undefined;
  const axis = integerAttribute(node, 'axis', 1);
  if ((axis < 0 ? axis + merged.rank : axis) !== merged.channelAxis) return merged;
  const counts = inputs.map((map) => map?.channels ?? null);
  return { ...merged, channels: counts.every((count) => count !== null) ? counts.reduce((a, b) => a + b, 0) : null };
}

function split(node: OnnxNode, position: number, map: FeatureMap, index: GraphIndex): FeatureMap {
  const axis = integerAttribute(node, 'axis', 0);
  if ((axis < 0 ? axis + map.rank : axis) !== map.channelAxis) return map;
  const sizes = attribute(node, 'split')?.ints ?? integersOf(index.constants.get(node.input[1] ?? ''));
  const equal = map.channels === null ? null : Math.ceil(map.channels / node.output.length);
  return { ...map, channels: sizes?.[position] ?? equal };
}

/** Channels taken by number (Gather) or from one to another (Slice, as chunks are exported); a cut of the grid leaves them alone. */
function pick(node: OnnxNode, map: FeatureMap, index: GraphIndex): FeatureMap | undefined {
  const constant = (input: number) => integersOf(index.constants.get(node.input[input] ?? ''));
  const isGather = node.opType === 'Gather';
  const axes = isGather ? [integerAttribute(node, 'axis', 0)] : (constant(3) ?? attribute(node, 'axes')?.ints);
  const place = axes?.map((axis) => (axis < 0 ? axis + map.rank : axis)).indexOf(map.channelAxis) ?? -1;
  if (place < 0) return isGather || axes === undefined ? undefined : map;
  if (isGather) {
    const indices = index.constants.get(node.input[1] ?? '');
    // A single number takes the axis away.
    return indices?.dims?.length === 1 ? { ...map, channels: indices.dims[0]! } : undefined;
  }
  const starts = constant(1) ?? attribute(node, 'starts')?.ints;
  const ends = constant(2) ?? attribute(node, 'ends')?.ints;
  const step = constant(4)?.[place] ?? 1;
  if (!starts || !ends || map.channels === null || step !== 1) return { ...map, channels: null };
  const bound = (value: number) => Math.max(0, Math.min(map.channels!, value < 0 ? value + map.channels! : value));
  return { ...map, channels: bound(ends[place]!) - bound(starts[place]!) };
}

function transpose(node: OnnxNode, map: FeatureMap): FeatureMap | undefined {
  const order = attribute(node, 'perm')?.ints;
  if (!order || order.length !== map.rank || order[0] !== 0) return undefined;
  return { ...map, channelAxis: order.indexOf(map.channelAxis) };
}

/** A mean or maximum over the whole map that keeps its dimensions, as TensorFlow writes global pooling. */
function reduce(node: OnnxNode, map: FeatureMap): FeatureMap | undefined {
  return integerAttribute(node, 'keepdims', 1) === 1 ? { ...map, stride: Infinity } : undefined;
}

/** Reshape, Transpose [0, 2, 1, 3, 4], Reshape: channels change places, their number and grid stay (ShuffleNet). */
function shuffleChannels(node: OnnxNode, index: GraphIndex, maps: ReadonlyMap<string, FeatureMap>): FeatureMap | undefined {
  const turned = index.producers.get(node.input[0] ?? '');
  if (turned?.opType !== 'Transpose' || attribute(turned, 'perm')?.ints?.join() !== '0,2,1,3,4') return undefined;
  const split = index.producers.get(turned.input[0] ?? '');
  return split?.opType === 'Reshape' ? maps.get(split.input[0] ?? '') : undefined;
}

/** Maps [batch, channels, y, x] laid out as tokens [batch, channels, tokens], or the same with channels last. */
function makeTokens(node: OnnxNode, map: FeatureMap, index: GraphIndex): FeatureMap | undefined {
  const shape = shapeOf(node.input[1] ?? '', index);
  if (map.rank !== 4 || map.channels === null || shape?.length !== 3) return undefined;
  const channelAxis = map.channelAxis === 1 ? 1 : 2;
  const kept = shape[channelAxis] === map.channels || (shape[channelAxis] === 0 && channelAxis === map.channelAxis);
  return kept ? { ...map, rank: 3, channelAxis } : undefined;
}

/** The numbers of a shape, null for those that are computed from sizes at run time. */
function shapeOf(name: string, index: GraphIndex): (number | null)[] | undefined {
  const constant = integersOf(index.constants.get(name));
  if (constant) return constant;
  const node = index.producers.get(name);
  if (node?.opType !== 'Concat') return undefined;
  return node.input.flatMap((part): (number | null)[] => integersOf(index.constants.get(part)) ?? [null]);
}

/** A product with constant weights [in, out] gives every token other channels; attention between tokens is no map itself. */
function mixTokens(node: OnnxNode, before: FeatureMap, index: GraphIndex): FeatureMap | undefined {
  const weights = index.constants.get(node.input[1] ?? '');
  if (before.rank !== 3 || weights?.dims.length !== 2) return undefined;
  return { ...before, channels: weights.dims[1]!, channelAxis: 2 };
}

/** Operations not known here: what the file says of the result's shape, if it says anything. */
function mapFromDeclaration(value: OnnxValueInfo | undefined, before: FeatureMap): FeatureMap | undefined {
  const dims = value?.type?.tensorType?.shape?.dim;
  if (!dims || dims.length !== before.rank) return undefined;
  return { ...before, channels: dims[before.channelAxis]?.dimValue ?? null };
}

function largest(values: readonly number[] | undefined): number {
  return Math.max(1, ...(values ?? []));
}
