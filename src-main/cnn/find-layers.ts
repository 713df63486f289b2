import { ElementType, type OnnxGraph, type OnnxNode } from '../onnx/model';
import { CONVOLUTIONS, type FeatureMap } from './feature-maps';
import { integerAttribute, type GraphIndex } from './graph-index';
import { createNameRegister, createNodeNamer, modulePath } from './module-names';

/** A place in a CNN where filter activations can be read. */
export interface Layer {
  /** The framework's module name where the file tells it; unique in its model. */
  name: string;
  /** Further names it can be asked for by: those of modules inside that end in it, and the tensor's. */
  aliases: string[];
  /** The tensor in the graph. */
  tensor: string;
  /**
   * convolution: what a convolution gives out; normalization and activation: what follows it directly; block: where
   * branches meet (Add, Concat), with what follows directly, and other ends of modules that hold several convolutions.
   */
  kind: 'convolution' | 'normalization' | 'activation' | 'block';
  /** Filters = channels of the map; null where the graph does not tell before it is run. */
  filters: number | null;
  /** Position in the order of computation, from 0. */
  order: number;
  /** Convolutions on the longest path from the input, this one included. */
  depth: number;
  /** Input pixels per step on the map; Infinity where the map was pooled to one value. */
  stride: number;
  /** Whether the map is taken by a down-sampling: a strided convolution or pooling. */
  feedsDownsampling: boolean;
  /** For a convolution: the layer that holds its values after normalisation and activation (itself where none follows). */
  activated: string;
  /** Dimensions of the tensor, and which of them counts filters. */
  rank: number;
  channelAxis: number;
  /** Element type of the tensor (TensorProto.DataType). */
  elementType: number;
}

const NORMALIZATIONS = new Set([
  'BatchNormalization',
  'InstanceNormalization',
  'GroupNormalization',
  'LayerNormalization',
  'LRN',
]);
const ACTIVATIONS = new Set(
  'Relu LeakyRelu PRelu ThresholdedRelu Clip HardSigmoid HardSwish Sigmoid Tanh Elu Selu Celu Gelu Softplus Softsign Mish Swish'.split(
    ' ',
  ),
);
const ARITHMETIC = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow']);
const UNCHANGED = new Set(['Identity', 'Cast', 'Dropout', 'Transpose']);
const FLOAT_TYPES: ReadonlySet<number> = new Set([
  ElementType.float,
  ElementType.float16,
  ElementType.double,
  ElementType.bfloat16,
]);

interface Found {
  node: OnnxNode;
  tensor: string;
  kind: Layer['kind'];
  /** For what follows a convolution or block: the tensor it started from. */
  origin: string;
}

/** All layers of a graph in the order of computation. */
export function findLayers(graph: OnnxGraph, maps: ReadonlyMap<string, FeatureMap>, index: GraphIndex): Layer[] {
  const position = new Map(graph.node.map((node, i) => [node, i]));
  const found = new Map<string, Found>();
  const add = (one: Found) => {
    const map = maps.get(one.tensor);
    if (map && map.rank >= 3 && FLOAT_TYPES.has(map.elementType) && !found.has(one.tensor)) found.set(one.tensor, one);
  };
  for (const node of graph.node) {
    const tensor = node.output[0] ?? '';
    const isConvolution = CONVOLUTIONS.has(node.opType) && maps.has(tensor);
    if (!isConvolution && !joinsBranches(node, maps)) continue;
    if (found.has(tensor)) continue;
    add({ node, tensor, kind: isConvolution ? 'convolution' : 'block', origin: tensor });
    followers(tensor, index, maps).forEach((follower) =>
      add({ ...follower, kind: isConvolution ? follower.kind : 'block', origin: tensor }),
    );
  }
  const modules = findModules(graph, maps, index);
  for (const [tensor, { node, convolutions }] of modules)
    if (convolutions > 1) add({ node, tensor, kind: 'block', origin: tensor });
  const inOrder = [...found.values()].toSorted((a, b) => position.get(a.node)! - position.get(b.node)!);
  return nameLayers(inOrder, maps, modules, index, createNodeNamer(graph.node));
}

/** Add of two maps or Concat of several; a gate (a map times its pooled self) or a constant is no branch. */
function joinsBranches(node: OnnxNode, maps: ReadonlyMap<string, FeatureMap>): boolean {
  if (node.opType !== 'Add' && node.opType !== 'Sum' && node.opType !== 'Concat') return false;
  const branches = node.input.map((name) => maps.get(name)).filter((map) => map && Number.isFinite(map.stride));
  const map = maps.get(node.output[0] ?? '');
  if (node.opType === 'Concat' && map) {
    const axis = integerAttribute(node, 'axis', 1);
    if ((axis < 0 ? axis + map.rank : axis) !== map.channelAxis) return false;
  }
  return branches.length > 1;
}

/** Normalisation and activation that directly follow a tensor, in order; each must be all that becomes of the one before. */
function followers(start: string, index: GraphIndex, maps: ReadonlyMap<string, FeatureMap>): Omit<Found, 'origin'>[] {
  const chain: Omit<Found, 'origin'>[] = [];
  let tensor = start;
  let kind: 'normalization' | 'activation' = 'normalization';
  for (;;) {
    const node = nextNode(tensor, index);
    const next = node?.output[0];
    if (!node || !next || !maps.has(next)) return chain;
    if (isActivation(node, tensor, index)) kind = 'activation';
    else if (!NORMALIZATIONS.has(node.opType) && !UNCHANGED.has(node.opType) && !isConstantArithmetic(node, index)) return chain;
    if (!UNCHANGED.has(node.opType)) chain.push({ node, tensor: next, kind });
    tensor = next;
  }
}

/** The one node that takes a tensor, or the product at the end of a gate on it (SiLU: x·σ(x)). */
function nextNode(tensor: string, index: GraphIndex): OnnxNode | undefined {
  const consumers = index.consumers.get(tensor) ?? [];
  if (consumers.length === 1) return consumers[0];
  if (consumers.length !== 2) return undefined;
  return consumers.find((node) => node.opType === 'Mul' && isGate(node, tensor, index));
}

function isActivation(node: OnnxNode, tensor: string, index: GraphIndex): boolean {
  return ACTIVATIONS.has(node.opType) || (node.opType === 'Mul' && isGate(node, tensor, index));
}

/** Whether a product is x · g(x), where g is a short chain of activations and arithmetic with constants. */
function isGate(product: OnnxNode, tensor: string, index: GraphIndex): boolean {
  if (!product.input.includes(tensor)) return false;
  let name = product.input.find((input) => input !== tensor) ?? '';
  for (let step = 0; step < 6; step++) {
    if (name === tensor) return step > 0;
    const node = index.producers.get(name);
    if (!node || !(ACTIVATIONS.has(node.opType) || node.opType === 'Erf' || isConstantArithmetic(node, index))) return false;
    name = node.input.find((input) => !index.constants.has(input)) ?? '';
  }
  return false;
}

function isConstantArithmetic(node: OnnxNode, index: GraphIndex): boolean {
  return ARITHMETIC.has(node.opType) && node.input.filter((input) => !index.constants.has(input)).length === 1;
}

interface ModuleEnd {
  node: OnnxNode;
  /** Modules that end in the tensor, outermost first. */
  names: string[];
  /** Convolutions in the outermost of them. */
  convolutions: number;
}

/** Modules of PyTorch (node names "/layer1/layer1.0/…") that hold convolutions and hand on a single tensor. */
function findModules(graph: OnnxGraph, maps: ReadonlyMap<string, FeatureMap>, index: GraphIndex): Map<string, ModuleEnd> {
  const paths = new Map(graph.node.map((node) => [node, modulePath(node)]));
  const modules = new Map<string, { convolutions: number; ends: Set<string>; node: OnnxNode }>();
  for (const [node, path] of paths) {
    const leaving = node.output.filter((name) => maps.has(name));
    for (const name of path) {
      const module = modules.get(name) ?? { convolutions: 0, ends: new Set<string>(), node };
      modules.set(name, module);
      if (CONVOLUTIONS.has(node.opType)) module.convolutions++;
      for (const output of leaving) {
        const consumers = index.consumers.get(output) ?? [];
        if (consumers.length > 0 && consumers.every((consumer) => paths.get(consumer)?.includes(name))) continue;
        module.ends.add(output);
        module.node = node;
      }
    }
  }
  const ends = new Map<string, ModuleEnd>();
  for (const [name, { convolutions, ends: tensors, node }] of modules) {
    const [tensor] = tensors;
    if (convolutions === 0 || tensors.size !== 1 || tensor === undefined) continue;
    const known = ends.get(tensor) ?? { node, names: [], convolutions };
    ends.set(tensor, { ...known, names: [...known.names, name] });
  }
  return ends;
}

function nameLayers(
  found: readonly Found[],
  maps: ReadonlyMap<string, FeatureMap>,
  modules: ReadonlyMap<string, ModuleEnd>,
  index: GraphIndex,
  nameOfNode: (node: OnnxNode) => string,
): Layer[] {
  const unique = createNameRegister();
  // The ends of modules have the first right to their names.
  const names = new Map(
    found.filter(({ tensor }) => modules.has(tensor)).map(({ tensor }) => [tensor, unique(modules.get(tensor)!.names[0]!)]),
  );
  for (const { tensor, node } of found) if (!names.has(tensor)) names.set(tensor, unique(nameOfNode(node)));
  const taken = new Set(names.values());
  return found.map(({ node, tensor, kind, origin }, order): Layer => {
    const { channels, stride, depth, rank, channelAxis, elementType } = maps.get(tensor)!;
    const module = modules.get(tensor);
    const aliases = [...(module?.names.slice(1) ?? []), nameOfNode(node), tensor].filter((alias) => !taken.has(alias));
    const last = found.findLast((other) => other.origin === origin)!;
    return {
      ...{ name: names.get(tensor)!, aliases: [...new Set(aliases)], tensor },
      kind: module && module.convolutions > 1 && kind !== 'convolution' ? 'block' : kind,
      feedsDownsampling: feedsDownsampling(tensor, maps, index),
      ...{ filters: channels, order, depth, stride, activated: names.get(last.tensor)!, rank, channelAxis, elementType },
    };
  });
}

function feedsDownsampling(tensor: string, maps: ReadonlyMap<string, FeatureMap>, index: GraphIndex): boolean {
  const { stride } = maps.get(tensor)!;
  return (index.consumers.get(tensor) ?? []).some((node) => {
    const output = node.output[0] ?? '';
    const next = maps.get(output);
    if (!next || !Number.isFinite(next.stride)) return false;
    return (
      next.stride > stride || ((node.opType === 'Pad' || UNCHANGED.has(node.opType)) && feedsDownsampling(output, maps, index))
    );
  });
}
