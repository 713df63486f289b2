import { UserError } from '../../src-preload/shared/domain/errors';
import { ElementType, type OnnxGraph, type OnnxNode, type OnnxValueInfo } from '../onnx/model';
import { CONVOLUTIONS, convolutionWeights, findFeatureMaps } from './feature-maps';
import { findLayers, type Layer } from './find-layers';
import { attribute, indexGraph, integerAttribute, type GraphIndex } from './graph-index';
import type { LoadedModel } from './read-model';

/** The picture a CNN takes. */
export interface ModelInput {
  name: string;
  layout: 'NCHW' | 'NHWC';
  /** Pixels; null where any size is taken. */
  height: number | null;
  width: number | null;
  /** 3 for colour, 1 for grey. */
  channels: number;
  /** Frames in one run, where the file fixes it; null where any number is taken. */
  batch: number | null;
  /** Element type (TensorProto.DataType). */
  elementType: number;
}

/** What a CNN takes, gives, and where it can be tapped. */
export interface ModelDescription {
  input: ModelInput;
  outputs: number;
  /** In the order of computation. */
  layers: Layer[];
}

/**
 * Describes a CNN from its graph alone; nothing is run.
 * @throws UserError when it takes no picture or holds no convolution
 */
export function describeModel({ model, path }: Pick<LoadedModel, 'model' | 'path'>): ModelDescription {
  const { graph } = model;
  const index = indexGraph(graph);
  const { value, arrival } = findPictureInput(graph, index, path);
  const input = describeInput(value, arrival, index, path);
  const channelAxis = input.layout === 'NCHW' ? 1 : 3;
  const map = { channels: input.channels, rank: 4, channelAxis, stride: 1, depth: 0, elementType: input.elementType };
  const layers = findLayers(graph, findFeatureMaps(graph, { name: input.name, map }, index), index);
  if (layers.length === 0) {
    throw new UserError({
      code: 'model-unsuitable',
      what: 'no feature map of the model can be tapped',
      file: path,
      remedy: 'use a model in float32 or float16',
    });
  }
  return { input, outputs: graph.output.length, layers };
}

/** Where a graph input first meets a convolution: the node, and the axis of the input that it takes as channels. */
interface Arrival {
  convolution: OnnxNode;
  channelAxis: number;
}

function findPictureInput(graph: OnnxGraph, index: GraphIndex, path: string): { value: OnnxValueInfo; arrival: Arrival } {
  const values = graph.input.filter(({ name }) => !index.constants.has(name));
  if (!graph.node.some(({ opType }) => CONVOLUTIONS.has(opType))) {
    throw new UserError({
      code: 'model-unsuitable',
      what: 'the model holds no convolution',
      file: path,
      expected: 'a convolutional neural network',
      found: `operations ${[...new Set(graph.node.map(({ opType }) => opType))].slice(0, 6).join(', ')}`,
    });
  }
  const arriving = values.flatMap((value) => {
    const arrival = value.type?.tensorType && findArrival(value.name, index);
    return arrival ? [{ value, arrival }] : [];
  });
  const [picture] = arriving;
  if (picture && values.length === 1) return picture;
  throw new UserError({
    code: 'model-unsuitable',
    what: 'the model does not take one picture',
    file: path,
    expected: 'one input that leads to a convolution',
    found: values.length === 0 ? 'no input' : `inputs ${values.map(({ name }) => `"${name}"`).join(', ')}`,
    remedy: 'export the model with the picture as its only input',
  });
}

/** Walks breadth-first from an input to the first convolution, keeping account of transposed axes. */
function findArrival(name: string, index: GraphIndex): Arrival | undefined {
  const queue = [{ tensor: name, axes: [0, 1, 2, 3] }];
  const seen = new Set([name]);
  for (const { tensor, axes } of queue) {
    for (const node of index.consumers.get(tensor) ?? []) {
      if (CONVOLUTIONS.has(node.opType) && node.input[0] === tensor) return { convolution: node, channelAxis: axes[1] ?? 1 };
      const order = node.opType === 'Transpose' ? attribute(node, 'perm')?.ints : undefined;
      const turned = order?.length === 4 ? order.map((axis) => axes[axis] ?? axis) : axes;
      for (const output of node.output.filter((output) => !seen.has(output))) {
        seen.add(output);
        queue.push({ tensor: output, axes: turned });
      }
    }
  }
  return undefined;
}

function describeInput(value: OnnxValueInfo, { convolution, channelAxis }: Arrival, index: GraphIndex, path: string): ModelInput {
  const { elemType = ElementType.float, shape } = value.type?.tensorType ?? {};
  const dims = shape?.dim?.map(({ dimValue }) => (dimValue !== undefined && dimValue > 0 ? dimValue : null));
  const refuse = (found: string) => {
    const expected = 'pictures [frames, 3, height, width] or [frames, height, width, 3]';
    return new UserError({
      code: 'model-unsuitable',
      what: 'the model does not take pictures',
      file: path,
      expected,
      found: `an input "${value.name}" ${found}`,
    });
  };
  if (dims && dims.length !== 4) throw refuse(`with ${dims.length} dimensions`);
  if (!SUPPORTED_TYPES.has(elemType)) throw refuse(`of element type ${elemType}`);
  const layout = channelAxis === 3 ? 'NHWC' : 'NCHW';
  const [batch = null, ...rest] = dims ?? [null, null, null, null];
  const [first = null, second = null, third = null] = rest;
  const weights = convolutionWeights(convolution, index);
  const fromWeights = (weights?.dims[1] ?? 3) * integerAttribute(convolution, 'group', 1);
  const channels = (layout === 'NCHW' ? first : third) ?? fromWeights;
  if (channels !== 3 && channels !== 1) throw refuse(`with ${channels} channels`);
  const [height, width] = layout === 'NCHW' ? [second, third] : [first, second];
  return { name: value.name, layout, height, width, channels, batch, elementType: elemType };
}

const SUPPORTED_TYPES: ReadonlySet<number> = new Set([
  ElementType.float,
  ElementType.float16,
  ElementType.double,
  ElementType.uint8,
]);
