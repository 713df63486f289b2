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
  /**
   * For a convolution: the layer that its values have become where they are pooled or convolved next, after branches were
   * joined, normalised and activated (a ResNet's last convolution ends in "layer4"). Absent in descriptions of older versions.
   */
  end?: string;
  /** For what an activation gives out: the layer that went into it; itself otherwise. Absent in descriptions of older versions. */
  beforeActivation?: string;
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
  /** For what an activation gives out: the tensor that went into it. */
  activates?: string;
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
    if (!isConvolution && !joinsBranches(node, maps, index)) continue;
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

/**
 * Where a convolution's values end: the last layer reached over joins, normalisations, activations and products with gates, before
 * anything pools or convolves them.
 */
function endOf(start: string, layers: ReadonlySet<string>, maps: ReadonlyMap<string, FeatureMap>, index: GraphIndex): string {
  let end = start;
  const seen = new Set<string>();
  for (let tensor: string | undefined = start; tensor !== undefined && !seen.has(tensor);) {
    seen.add(tensor);
    if (layers.has(tensor)) end = tensor;
    const next: OnnxNode | undefined = (index.consumers.get(tensor) ?? []).find((node) => {
      const map = maps.get(node.output[0] ?? '');
      const goesOn = joinsBranches(node, maps, index) || node.opType === 'Mul' || passesOn(node, index);
      return goesOn && map !== undefined && Number.isFinite(map.stride);
    });
    tensor = next?.output[0];
  }
  return end;
}

/** Operations that change a map's values and leave its grid and channels. */
function passesOn(node: OnnxNode, index: GraphIndex): boolean {
  return (
    ACTIVATIONS.has(node.opType) ||
    NORMALIZATIONS.has(node.opType) ||
    UNCHANGED.has(node.opType) ||
    isConstantArithmetic(node, index)
  );
}

/**
 * Add of two maps or Concat of several; a gate (a map times its pooled self) or a constant is no branch. In token models, whose
 * attention is no map, whatever is added to tokens.
 */
function joinsBranches(node: OnnxNode, maps: ReadonlyMap<string, FeatureMap>, index: GraphIndex): boolean {
  if (node.opType !== 'Add' && node.opType !== 'Sum' && node.opType !== 'Concat') return false;
  const branches = node.input.map((name) => maps.get(name)).filter((map) => map && Number.isFinite(map.stride));
  const map = maps.get(node.output[0] ?? '');
  if (node.opType === 'Concat' && map) {
    const axis = integerAttribute(node, 'axis', 1);
    if ((axis < 0 ? axis + map.rank : axis) !== map.channelAxis) return false;
  }
  if (isTokens(map) && node.opType === 'Add') return node.input.filter((name) => !index.constants.has(name)).length > 1;
  return branches.length > 1;
}

/** [batch, tokens, channels], as vision transformers have them. */
function isTokens(map: FeatureMap | undefined): boolean {
  return map?.rank === 3 && map.channelAxis === 2;
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
    const activates = isActivation(node, tensor, index) ? { activates: chain.at(-1)?.tensor ?? start } : {};
    if (activates.activates) kind = 'activation';
    else if (!NORMALIZATIONS.has(node.opType) && !UNCHANGED.has(node.opType) && !isConstantArithmetic(node, index)) return chain;
    if (!UNCHANGED.has(node.opType)) chain.push({ node, tensor: next, kind, ...activates });
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
  /** Those that hold every convolution ("features"): they tell less than what ends with them ("features.18"). */
  wholes: string[];
  /** Convolutions in the first of `names`, else of `wholes`. */
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
  const all = graph.node.filter(({ opType }) => CONVOLUTIONS.has(opType)).length;
  for (const [name, { convolutions, ends: tensors, node }] of modules) {
    const [tensor] = tensors;
    if (convolutions === 0 || tensors.size !== 1 || tensor === undefined) continue;
    const known = ends.get(tensor) ?? { node, names: [], wholes: [], convolutions };
    const isWhole = all > 1 && convolutions === all;
    if (isWhole) ends.set(tensor, { ...known, wholes: [...known.wholes, name] });
    else
      ends.set(tensor, {
        ...known,
        names: [...known.names, name],
        convolutions: known.names.length ? known.convolutions : convolutions,
      });
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
  const layers = new Set(found.map(({ tensor }) => tensor));
  // The ends of modules have the first right to their names.
  const names = new Map<string, string>();
  for (const { tensor } of found) {
    const name = modules.get(tensor)?.names[0];
    if (name !== undefined) names.set(tensor, unique(name));
  }
  for (const { tensor, node } of found) if (!names.has(tensor)) names.set(tensor, unique(nameOfNode(node)));
  const taken = new Set(names.values());
  return found.map(({ node, tensor, kind, origin }, order): Layer => {
    const { channels, stride, depth, rank, channelAxis, elementType } = maps.get(tensor)!;
    const module = modules.get(tensor);
    const aliases = [...(module ? [...module.names.slice(1), ...module.wholes] : []), nameOfNode(node), tensor].filter(
      (alias) => !taken.has(alias),
    );
    const last = found.findLast((other) => other.origin === origin)!;
    const end = kind === 'convolution' ? { end: names.get(endOf(tensor, layers, maps, index))! } : {};
    return {
      ...{ name: names.get(tensor)!, aliases: [...new Set(aliases)], tensor },
      kind: module && module.names.length > 0 && module.convolutions > 1 && kind !== 'convolution' ? 'block' : kind,
      feedsDownsampling: feedsDownsampling(tensor, maps, index),
      ...{ filters: channels, order, depth, stride, activated: names.get(last.tensor)!, rank, channelAxis, elementType },
      ...{ ...end, beforeActivation: names.get(found[order]!.activates ?? tensor)! },
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
